"""The sandbox's clock: real time plus an offset that only ever grows."""

from __future__ import annotations

import time


class Clock:
    """Tells the time; ``advance`` makes later things happen now, such as an expiry or a retry."""

    def __init__(self, offset_seconds: int = 0) -> None:
        """Start ``offset_seconds`` ahead of real time."""
        self.offset_seconds = offset_seconds

    def now(self) -> int:
        """Return the Unix time in whole seconds, as Stripe's objects carry it."""
        return int(self.precise())

    def precise(self) -> float:
        """Return the Unix time with its fraction."""
        return time.time() + self.offset_seconds

    def advance(self, seconds: int) -> None:
        """Move ahead. Going back would put objects out of order, so a negative step is an error."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self.offset_seconds += seconds
