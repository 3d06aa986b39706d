"""Disputes: payments that a cardholder contests with the bank."""
