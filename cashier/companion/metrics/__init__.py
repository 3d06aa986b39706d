"""Figures about the companion and the books, in the form that Prometheus reads."""
