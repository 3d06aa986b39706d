"""The engine: one account, its objects and agenda, and what all requests have in common."""
