"""Scans: keys that no hand types, told from typing, taken back from where they landed, and answered."""
