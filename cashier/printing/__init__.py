"""Thermal printers of receipts: what they are told, what they answer, and what is known to be on paper."""
