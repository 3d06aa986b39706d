"""Days and times as the language writes them. English and Spanish alike: day, month's name, year, 24 hours."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, datetime

from cashier.language.current import ENGLISH
from cashier.language.message import Message
from cashier.language.pseudo import PSEUDO


@dataclass(frozen=True, slots=True)
class _Written(Message):
    """A moment that was put on the right clock already, by a pattern of Unicode's.

    https://www.unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table
    """

    moment: date
    pattern: str

    def in_(self, language: str) -> str:
        from babel.dates import format_date, format_datetime  # noqa: PLC0415 - takes a tenth of a second

        locale = ENGLISH if language == PSEUDO else language
        if isinstance(self.moment, datetime):
            return format_datetime(self.moment, self.pattern, locale=locale)
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
    """Write a day: ``02 Nov 2026``. A ``datetime`` has to be on the hospital's clock already."""
    return _Written(moment, "dd MMM y")


def time_of_day(moment: datetime) -> Message:
    """Write the time of a moment that is on the hospital's clock already: ``14:05``."""
    return _Written(moment, "HH:mm")


def day_and_time(moment: datetime) -> Message:
    """Write a moment that is on the hospital's clock already: ``02 Nov 2026, 14:05``."""
    return _Written(moment, "dd MMM y, HH:mm")


def day_on_paper(moment: date) -> Message:
    """Write a day among others on paper: ``2 Nov 2026``. A ``datetime`` has to be on the hospital's clock already."""
    return _Written(moment, "d MMM y")


def moment_on_paper(moment: datetime, *, seconds: bool = False) -> Message:
    """Write a moment on paper, already on the hospital's clock: ``2 Nov 2026, 14:05`` or ``2 Nov 2026, 14:05:09``."""
    return _Written(moment, "d MMM y, HH:mm:ss" if seconds else "d MMM y, HH:mm")


def moment_in_full(moment: datetime) -> Message:
    """Write a moment that is on the hospital's clock already: ``2 November 2026, 14:05:09``."""
    return _InFull(moment)


def day_in_full(moment: date) -> Message:
    """Write a day: ``2 November 2026``, ``2 de noviembre de 2026``."""
    return _InFull(date(moment.year, moment.month, moment.day))


def month_and_year(moment: date) -> Message:
    """Write a month: ``November 2026``."""
    return _Written(moment, "LLLL y")


@functools.cache
def names_of_weekdays(language: str) -> tuple[str, ...]:
    """Return the short names of the days of a week, Monday first."""
    from babel.dates import get_day_names  # noqa: PLC0415

    names = get_day_names("abbreviated", "stand-alone", ENGLISH if language == PSEUDO else language)
    return tuple(names[number] for number in range(7))
