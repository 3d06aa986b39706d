"""Choosing what is paid: the invoices, the amount, and the tender."""
