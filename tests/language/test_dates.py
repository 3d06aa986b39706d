"""Times that cannot be taken for another: where clocks are changed, on pages and on paper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cashier.clock import on_the_clock
from cashier.language.dates import PaperTimes, comes_twice, day, day_and_time, day_and_time_in_short, time_of_day

_MADRID, _LORD_HOWE = "Europe/Madrid", "Australia/Lord_Howe"


def madrid(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of UTC in 2026 on Madrid's clock."""
    return on_the_clock(datetime(2026, month, day, hour, minute, tzinfo=UTC), _MADRID)


def test_a_page_says_which_of_two_it_was_and_nothing_more_elsewhere():
    first, second = madrid(10, 25, 0, 40), madrid(10, 25, 1, 40)

    assert day_and_time(first).in_("en") == "25 Oct 2026, 02:40 (UTC+02:00)"
    assert time_of_day(second).in_("es") == "02:40 (UTC+01:00)"
    assert day_and_time_in_short(first).in_("en") == "25 Oct 2026, 02:40 +02"
    for moment in (first - timedelta(hours=1), second + timedelta(hours=1), madrid(7, 1, 12)):
        assert "+" not in f"{day_and_time(moment)}{time_of_day(moment)}{day_and_time_in_short(moment)}"


def test_the_hour_that_is_left_out_makes_no_time_come_twice():
    before, after = madrid(3, 29, 0, 59), madrid(3, 29, 1, 0)

    assert [time_of_day(each).in_("en") for each in (before, after)] == ["01:59", "03:00"]


def test_half_an_hour_comes_twice_where_clocks_are_put_back_by_so_much():
    at = datetime(2026, 4, 4, 14, 15, tzinfo=UTC)
    before, first, second = (on_the_clock(at + timedelta(minutes=more), _LORD_HOWE) for more in (0, 30, 60))

    assert not comes_twice(before)
    assert day_and_time_in_short(first).in_("en") == "05 Apr 2026, 01:45 +11"
    assert day_and_time_in_short(second).in_("en") == "05 Apr 2026, 01:45 +10:30"


def test_paper_says_its_offset_once_where_all_moments_share_it():
    opened, made = madrid(7, 1, 6), madrid(7, 1, 14)

    times = PaperTimes((opened,), made_at=made)

    assert times.heading.in_("en") == "Local time, UTC+02:00"
    assert times.moment(opened).in_("en") == "1 Jul 2026, 08:00"
    assert times.in_list(opened).in_("en") == "08:00"


@pytest.mark.parametrize(
    ("opened", "made", "written"),
    [
        ((10, 25, 0, 40), (10, 25, 1, 10), ("02:40 (UTC+02:00)", "02:10 (UTC+01:00)")),
        ((3, 28, 22, 50), (3, 29, 2, 0), ("28 Mar, 23:50 (UTC+01:00)", "29 Mar, 04:00 (UTC+02:00)")),
    ],
)
def test_paper_says_the_offset_beside_each_moment_where_they_do_not_share_it(opened, made, written):
    times = PaperTimes((madrid(*opened),), made_at=madrid(*made))

    assert tuple(times.in_list(madrid(*each)).in_("en") for each in (opened, made)) == written
    assert times.moment(madrid(*made), seconds=True).in_("es").endswith(f":00 ({times.heading.in_('en')[-9:]})")


def test_a_list_on_paper_says_the_day_where_there_are_several():
    opened, made = madrid(11, 2, 21), madrid(11, 3, 5)

    times = PaperTimes((opened,), made_at=made)

    assert [times.in_list(each).in_("en") for each in (opened, made)] == ["2 Nov, 22:00", "3 Nov, 06:00"]


def test_all_moments_of_a_day_are_one_message():
    morning, evening = madrid(11, 26, 9, 43), madrid(11, 26, 21, 7)

    assert day(morning) == day(evening) == day(morning.date())
