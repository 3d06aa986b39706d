"""Stripe's objects: one module each, which registers its operations."""
