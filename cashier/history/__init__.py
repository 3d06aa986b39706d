"""The history: what happened to a payment, found again, told step by step, and exported."""
