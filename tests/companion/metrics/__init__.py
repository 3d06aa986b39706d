"""Figures in the form of Prometheus."""
