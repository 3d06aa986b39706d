"""Differences between our books and Stripe's: the list, the reasons, and who settled them how."""
