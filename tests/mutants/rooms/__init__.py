"""The breaks, room by room."""
