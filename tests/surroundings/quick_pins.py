"""Hashes of PINs that cost nothing: thousands of tests sign in, and nobody guesses what they typed."""

from __future__ import annotations

import argon2

from cashier.staff import pins

PROGRAMS_OWN = pins.HASHER
"""What the program hashes with, and what processes that tests start hash with."""


def hash_quickly() -> None:
    """From now on, this process hashes with the least that the algorithm allows."""
    pins.HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
