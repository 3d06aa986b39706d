"""Days as other programs write them: ``DD.MM.YYYY``, also with a time of day, which is left out."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from datetime import date

_PARTS: Mapping[str, str] = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "MM": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{1,2})",
    "hh": r"[0-9]{1,2}",
    "mm": r"[0-9]{1,2}",
    "ss": r"[0-9]{1,2}(?:[.,][0-9]+)?",
}
_IN_PATTERN = re.compile("|".join(_PARTS))


def check_pattern(pattern: str) -> bool:
    """Tell whether ``pattern`` names year, month and day, each once."""
    found = _IN_PATTERN.findall(pattern)
    return len(pattern) <= 40 and all(found.count(each) == 1 for each in ("YYYY", "MM", "DD"))


def read_day(text: str, pattern: str) -> date | None:
    """Read a day; None for what is none of this form."""
    found = re.fullmatch(_expression(pattern), text)
    if found is None:
        return None
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


@functools.cache
def _expression(pattern: str) -> str:
    parts, place = [], 0
    for found in _IN_PATTERN.finditer(pattern):
        parts += [re.escape(pattern[place : found.start()]), _PARTS[found[0]]]
        place = found.end()
    # Digits that nothing parts have all their zeros, as in YYYYMMDD.
    whole = "".join([*parts, re.escape(pattern[place:])])
    return re.sub(r"\{1,2\}", "{2}", whole) if re.search(r"YYYYMM|MMDD|DDMM", pattern) else whole
