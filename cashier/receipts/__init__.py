"""Receipts: numbered without gaps, frozen at issue, printed as PDF."""
