"""Checkout: sessions, the hosted pages, and the bank that asks."""
