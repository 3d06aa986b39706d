"""Days and times as the language writes them. English and Spanish alike: day, month's name, year, 24 hours.

Clocks that are put back show an hour twice, and which one is meant has to be seen. A page says the offset of a time
that comes twice, and of no other: whoever looks at it has the hospital's clock on the wall. A paper is read elsewhere
and years later: it says its offset always, once in its heading where all its moments share it, else beside each of
them (``PaperTimes``). A time stands alone only where its day stands above it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from cashier.language.current import ENGLISH
from cashier.language.message import Message, m, verbatim
from cashier.language.pseudo import PSEUDO


@dataclass(frozen=True, slots=True)
class _Written(Message):
    """A moment that was put on the right clock already, by a pattern of Unicode's.

    https://www.unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table
    """

    moment: date
    pattern: str
    which: str = ""
    """The offset, with what stands before it, where it has to be told."""

    def in_(self, language: str) -> str:
        from babel.dates import format_date, format_datetime  # noqa: PLC0415 - takes a tenth of a second

        locale = ENGLISH if language == PSEUDO else language
        if isinstance(self.moment, datetime):
            return format_datetime(self.moment, self.pattern, locale=locale) + self.which
        return format_date(self.moment, self.pattern, locale=locale)


@dataclass(frozen=True, slots=True)
class _InFull(Message):
    """A day with its month in full, in the order of the language; of a moment, the time to the second as well."""

    moment: date

    def in_(self, language: str) -> str:
        from babel.dates import format_date  # noqa: PLC0415

        locale = "en_GB" if language in (ENGLISH, PSEUDO) else language
        written = format_date(self.moment, "long", locale=locale)
        return f"{written}, {self.moment:%H:%M:%S}" if isinstance(self.moment, datetime) else written


def day(moment: date) -> Message:
    """Write a day: ``02 Nov 2026``. A ``datetime`` has to be on the hospital's clock already.

    All moments of a day are the same message.
    """
    return _Written(moment.date() if isinstance(moment, datetime) else moment, "dd MMM y")


def time_of_day(moment: datetime) -> Message:
    """Write the time of a moment that is on the hospital's clock already: ``14:05``, ``02:40 (UTC+02:00)``."""
    return _Written(moment, "HH:mm", _which_of_two(moment))


def day_and_time(moment: datetime) -> Message:
    """Write a moment that is on the hospital's clock already: ``02 Nov 2026, 14:05``."""
    return _Written(moment, "dd MMM y, HH:mm", _which_of_two(moment))


def day_and_time_in_short(moment: datetime) -> Message:
    """Write a moment as ``day_and_time`` for a narrow column, where the offset is ``+02``."""
    which = _utc_offset(moment).removeprefix("UTC").removesuffix(":00")
    return _Written(moment, "dd MMM y, HH:mm", f" {which}" if comes_twice(moment) else "")


def day_on_paper(moment: date) -> Message:
    """Write a day among others on paper: ``2 Nov 2026``. A ``datetime`` has to be on the hospital's clock already."""
    return _Written(moment, "d MMM y")


def comes_twice(moment: datetime) -> bool:
    """Tell whether the clock that ``moment`` is on shows its time once more on that day, with another offset."""
    return moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()


def offset_of(moment: datetime) -> Message:
    """Write how far the clock that ``moment`` is on is from UTC: ``UTC+02:00``, in every language."""
    return verbatim(_utc_offset(moment))


class PaperTimes:
    """How the moments of one paper are written. All of them have to be on the hospital's clock already."""

    def __init__(self, moments: Iterable[datetime], *, made_at: datetime, always: bool = False) -> None:
        """Write ``moments`` on a paper that was made at ``made_at``; ``always`` with the offset beside each."""
        known = [*moments, made_at]
        self._made_at = made_at
        self._shares_offset = not always and len({each.utcoffset() for each in known}) == 1
        self._shares_day = len({each.date() for each in known}) == 1

    @property
    def heading(self) -> Message:
        """Say which clock this is: once, in the paper's heading."""
        return m("Local time, {offset}", offset=offset_of(self._made_at))

    def moment(self, moment: datetime, *, seconds: bool = False) -> Message:
        """Write a moment: ``2 Nov 2026, 14:05``, with seconds ``14:05:09``, perhaps with ``(UTC+01:00)``."""
        return _Written(moment, "d MMM y, HH:mm:ss" if seconds else "d MMM y, HH:mm", self._which(moment))

    def in_list(self, moment: datetime) -> Message:
        """Write a moment among others: ``14:05``, and where they are of several days ``2 Nov, 14:05``."""
        return _Written(moment, "HH:mm" if self._shares_day else "d MMM, HH:mm", self._which(moment))

    def _which(self, moment: datetime) -> str:
        return "" if self._shares_offset else f" ({_utc_offset(moment)})"


def moment_in_full(moment: datetime) -> Message:
    """Write a moment that is on the hospital's clock already: ``2 November 2026, 14:05:09``."""
    return _InFull(moment)


def day_in_full(moment: date) -> Message:
    """Write a day: ``2 November 2026``, ``2 de noviembre de 2026``."""
    return _InFull(date(moment.year, moment.month, moment.day))


def month_and_year(moment: date) -> Message:
    """Write a month: ``November 2026``."""
    return _Written(moment, "LLLL y")


def _which_of_two(moment: datetime) -> str:
    return f" ({_utc_offset(moment)})" if comes_twice(moment) else ""


def _utc_offset(moment: datetime) -> str:
    offset = moment.strftime("%z")
    return f"UTC{offset[:3]}:{offset[3:5]}"


@functools.cache
def names_of_weekdays(language: str) -> tuple[str, ...]:
    """Return the short names of the days of a week, Monday first."""
    from babel.dates import get_day_names  # noqa: PLC0415

    names = get_day_names("abbreviated", "stand-alone", ENGLISH if language == PSEUDO else language)
    return tuple(names[number] for number in range(7))
