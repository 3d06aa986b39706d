"""A clock that can be moved ahead, for everything that asks the time through ``cashier.clock``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

import cashier.clock


class MovedClock:
    """Moves the application's clock: Stripe's stand-in has one of its own, which moves with it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        """Begin with the right time; ``patch`` puts it back."""
        self._patch = patch
        self._ahead = timedelta()

    def move(self, by: timedelta) -> None:
        """Move it ahead."""
        self._ahead += by
        ahead = self._ahead

        class Moved(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime.now(tz) + ahead

        self._patch.setattr(cashier.clock, "datetime", Moved)
