"""Clocks that are moved: time that goes by for everybody, or one machine's clock that is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

import cashier.clock


class MovedClock:
    """Lets time go by, for all of the application in this process and its database.

    Stripe's stand-in has a clock of its own, which moves with it.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        """Begin with the right time; ``patch`` puts it back."""
        self._patch = patch
        self._ahead = timedelta()

    def move(self, by: timedelta) -> None:
        """Move it ahead."""
        self._ahead += by
        self._patch.setattr(cashier.clock, "datetime", moved(self._ahead))
        # No server knows that it is later now.
        self._patch.setattr(cashier.clock, "hear", lambda told, *, asked_at: None)


def put_off(by: timedelta) -> None:
    """Have the machine of this process a clock that is so far ahead, until it ends: for processes of their own."""
    pytest.MonkeyPatch().setattr(cashier.clock, "datetime", moved(by))


def moved(ahead: timedelta) -> type[datetime]:
    """Return what tells the time of a machine whose clock is so far ahead."""

    class Moved(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + ahead

    return Moved
