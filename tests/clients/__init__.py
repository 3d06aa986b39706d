"""Clients of the API and their keys."""
