"""A desk where cash wants a shift, and a ledger that is asked after every step."""

from __future__ import annotations

from tests.shifts.conftest import drawer, services

__all__ = ["drawer", "services"]
