"""Invoices: finding one in seconds, and what is known about it."""
