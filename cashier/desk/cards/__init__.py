"""Saved cards of a patient: what is known of each, and taking one away."""
