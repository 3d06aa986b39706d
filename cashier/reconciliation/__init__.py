"""Reconciliation: what Stripe has charged, refunded and disputed, against what we have, day by day."""
