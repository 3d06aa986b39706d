"""Refunds at the desk: asking for one, deciding about it, and what became of it."""
