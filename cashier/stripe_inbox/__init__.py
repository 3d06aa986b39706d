"""Stripe's events: store once, answer at once, process afterwards by asking Stripe."""
