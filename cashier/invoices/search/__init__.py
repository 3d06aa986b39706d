"""Searching invoices by what was typed: what it means, and the cheapest way to everything that it finds."""
