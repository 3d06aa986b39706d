"""The clock: the only place that asks what time it is, and that knows time zones.

All who share a database go by its clock: whenever a connection is taken, its server tells the time (``hear``). So a
machine whose own clock is wrong counts ages, leases, deadlines and days like all others, and knows how wrong it is.
An embedded database has the clock of its machine.

The hospital has one time zone, by its name in the tz database. A wrong one holds nothing up, for money that has moved
gets its paper: it counts as UTC everywhere, and the log says so. ``cashier setup`` refuses it and ``cashier doctor``
reports it. How long something takes is not asked here: silence and limits are measured by a monotonic clock.
"""

from __future__ import annotations

import functools
import logging
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cashier.errors import Refused
from cashier.language import m, verbatim

log = logging.getLogger(__name__)

OFF_MAX = timedelta(minutes=1)
"""By how much a machine's clock may be wrong before somebody is told."""

_ahead = [timedelta()]
"""How far the clock that all share is ahead of this machine's, as far as is known."""


def now() -> datetime:
    """Return this moment in UTC, by the clock that all share."""
    return machine_now() + _ahead[0]


def machine_now() -> datetime:
    """Return this moment in UTC as this machine has it: for what it was asked and answered, and nothing else."""
    return datetime.now(UTC)


def hear(told: datetime, *, asked_at: datetime) -> None:
    """Go by the clock that was just ``told``, by a server that was asked at ``asked_at`` (``machine_now``).

    What is known already stays while it can be true: the answer was made some time between question and answer, and
    no clock is to jump for that.
    """
    latest, earliest = told - asked_at, told - machine_now()
    if not earliest <= _ahead[0] <= latest:
        _ahead[0] = (earliest + latest) / 2


def machine_off() -> timedelta:
    """Return how far this machine's clock is ahead of the one that all share; less than nothing when it is behind."""
    return -_ahead[0]


def zone_of(name: str) -> tzinfo:
    """Return the time zone of this name; UTC for a wrong one, which the log tells once."""
    return _known(name) or UTC


def on_the_clock(moment: datetime, time_zone: str) -> datetime:
    """Return ``moment`` as the clocks in ``time_zone`` show it."""
    return moment.astimezone(zone_of(time_zone))


def today(time_zone: str) -> date:
    """Return the day that it is in ``time_zone``."""
    return on_the_clock(now(), time_zone).date()


def latest_today() -> date:
    """Return the day where it is latest on earth: a day after it has begun nowhere."""
    return on_the_clock(now(), "Pacific/Kiritimati").date()


def begin_of(day: date, time_zone: str) -> datetime:
    """Return the moment, in UTC, at which ``day`` begins in ``time_zone``."""
    return datetime.combine(day, time.min, zone_of(time_zone)).astimezone(UTC)


def check_zone(name: str) -> None:
    """Raise ``Refused`` for a name that is no time zone."""
    if _find(name) is None:
        raise Refused(
            m("“{name}” is not a time zone.", name=verbatim(name)),
            advice=m("Give it as a region and city, such as Europe/Madrid."),
        )


@functools.cache
def _known(name: str) -> tzinfo | None:
    found = _find(name)
    if found is None:
        log.warning("time zone unknown, times are in UTC", extra={"time_zone": name})
    return found


def _find(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown, not a name at all, a folder of zones
        return None
