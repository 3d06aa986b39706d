"""One clock: zones by name, one behaviour for a wrong one, and one module that asks for the time."""

from __future__ import annotations

import logging
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import cashier
from cashier import clock
from cashier.clock import begin_of, check_zone, machine_now, now, on_the_clock, today, zone_of
from cashier.errors import Refused

_WRONG = ("Mars/Olympus Mons", "", "Europe", "../etc/passwd", "/etc/passwd", "Europe/Madrid\n", "a\0b", "ñ")


def test_the_present_moment_is_in_utc() -> None:
    assert now().utcoffset() == timedelta()


def test_what_is_known_of_the_shared_clock_stays_while_it_can_be_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "_ahead", [timedelta()])
    a_day = timedelta(days=1)

    clock.hear(machine_now(), asked_at=machine_now() - timedelta(seconds=3))
    as_it_was = clock.machine_off()
    clock.hear(machine_now() + a_day, asked_at=machine_now())
    behind = clock.machine_off()
    clock.hear(machine_now() + a_day, asked_at=machine_now() - timedelta(seconds=3))

    assert as_it_was == timedelta(), "the answer says nothing against it"
    assert abs(behind + a_day) < timedelta(seconds=1)
    assert clock.machine_off() == behind, "a slow answer moves nothing"
    assert abs(now() - machine_now() - a_day) < timedelta(seconds=1)


def test_a_moment_is_shown_by_the_hospitals_clocks_in_summer_and_in_winter() -> None:
    winter, summer = datetime(2026, 1, 15, 23, 30, tzinfo=UTC), datetime(2026, 7, 15, 23, 30, tzinfo=UTC)

    assert on_the_clock(winter, "Europe/Madrid").isoformat() == "2026-01-16T00:30:00+01:00"
    assert on_the_clock(summer, "Europe/Madrid").isoformat() == "2026-07-16T01:30:00+02:00"


def test_a_day_begins_by_the_hospitals_clocks_also_when_they_were_changed_that_day() -> None:
    assert begin_of(date(2026, 3, 29), "Europe/Madrid") == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert begin_of(date(2026, 3, 30), "Europe/Madrid") == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_there_are_places_where_it_is_another_day_just_now() -> None:
    days = {today(zone) for zone in ("Pacific/Kiritimati", "Etc/GMT+12")}

    assert len(days) == 2


@pytest.mark.parametrize("name", _WRONG)
def test_a_wrong_zone_is_refused_with_what_to_give_instead(name: str) -> None:
    with pytest.raises(Refused, match="not a time zone") as refusal:
        check_zone(name)

    assert "Europe/Madrid" in str(refusal.value.advice)


@pytest.mark.parametrize("name", _WRONG)
def test_a_wrong_zone_counts_as_utc_everywhere(name: str) -> None:
    moment = datetime(2026, 7, 15, 23, 30, tzinfo=UTC)

    assert zone_of(name) is UTC
    assert on_the_clock(moment, name) == moment
    assert on_the_clock(moment, name).utcoffset() == timedelta()
    assert begin_of(date(2026, 7, 15), name) == datetime(2026, 7, 15, tzinfo=UTC)


def test_a_wrong_zone_is_told_to_the_log_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "cashier.clock"):
        for _ in range(3):
            zone_of("Atlantis/Old Town")

    assert [record.message for record in caplog.records] == ["time zone unknown, times are in UTC"]


def test_only_the_clock_asks_what_time_it_is_and_knows_zones() -> None:
    package = Path(cashier.__file__).parent
    asks = re.compile(r"datetime\.(?:now|utcnow|today)\b|date\.today\b|\bZoneInfo\b|\bzoneinfo\b|\.astimezone\(\)")
    files = {str(file.relative_to(package)) for file in package.rglob("*.py") if asks.search(file.read_text("utf-8"))}

    assert files == {"clock.py"}
