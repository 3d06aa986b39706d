"""Refunds: asked for by one person, approved by another, sent to Stripe, and followed to their end."""
