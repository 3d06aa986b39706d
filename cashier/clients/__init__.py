"""Clients of the API: which systems may ask, by which keys they are known, and what they may do."""
