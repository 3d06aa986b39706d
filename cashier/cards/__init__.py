"""Saved cards: a Stripe customer for each patient who consented, and references to cards. Never card data."""
