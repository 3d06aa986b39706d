"""Stripe's page in a browser that is closed to everything else."""
