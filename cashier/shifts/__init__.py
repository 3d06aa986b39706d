"""Shifts: a drawer is opened with a float, counted, and closed."""
