"""Days as people type them: in their country's order, with any separator. What could be two days is not guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date

from cashier.language.current import ENGLISH, current_locale
from cashier.language.pseudo import PSEUDO

_PARTS = re.compile(r"(\d{1,4})\s*([./\-\s])\s*(\d{1,2})\s*\2\s*(\d{1,4})")
_AT_ONCE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_BY_DAY_ALWAYS = "."
"""No country puts the month first where points stand between."""
_YEAR_DIGITS = 4


def days_typed(text: str) -> tuple[date, ...]:
    """Return the days that ``text`` may mean, the likeliest in this country first; none where it is no day.

    ``1985-07-14`` and ``19850714`` in every country, ``14.7.1985``, ``14/07/1985``, ``07/14/1985``; in any script.
    Years have four digits.
    """
    tidy = text.strip()
    if at_once := _AT_ONCE.fullmatch(tidy):
        return _that_exist([at_once.groups()])
    found = _PARTS.fullmatch(tidy)
    if found is None:
        return ()
    first, separator, second, third = found.groups()
    if len(first) == _YEAR_DIGITS and len(third) < _YEAR_DIGITS:
        return _that_exist([(first, second, third)])
    if len(third) != _YEAR_DIGITS or len(first) == _YEAR_DIGITS:
        return ()
    by_day, by_month = (third, second, first), (third, first, second)
    if separator == _BY_DAY_ALWAYS:
        return _that_exist([by_day])
    return _that_exist([by_month, by_day] if _is_month_first() else [by_day, by_month])


def day_to_type(day: date) -> str:
    """Write ``day`` in figures, as it is typed in this country: ``14/07/1985``, ``14.07.1985``, ``07/14/1985``."""
    pattern = _pattern()
    if pattern.startswith("y"):
        return day.isoformat()
    separator = next((each for each in "./-" if each in pattern), "/")
    parts = ("%m", "%d", "%Y") if _is_month_first() else ("%d", "%m", "%Y")
    return day.strftime(separator.join(parts))


def _that_exist(candidates: Iterable[tuple[str, ...]]) -> tuple[date, ...]:
    days = []
    for year, month, day in candidates:
        with suppress(ValueError):
            days.append(date(int(year), int(month), int(day)))
    return tuple(dict.fromkeys(days))


def _is_month_first() -> bool:
    return _pattern().startswith("M")


def _pattern() -> str:
    from babel.dates import get_date_format  # noqa: PLC0415 - takes a tenth of a second

    locale = current_locale()
    # English that is of no country puts the day first here, as days are written.
    return str(get_date_format("short", "en_GB" if locale in (ENGLISH, PSEUDO) else locale).pattern)
