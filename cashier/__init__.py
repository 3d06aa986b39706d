"""Cashier: the payment desk for hospitals."""

__version__ = "0.1.0"
