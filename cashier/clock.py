"""The clock: the only place that asks what time it is, and that knows time zones.

How long something takes is not asked here: silence and time limits are measured by a monotonic clock.
"""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)
