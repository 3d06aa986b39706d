"""The rule by which numbers are found, read plainly and slowly: what the index has to come to."""

from __future__ import annotations

import re


def is_plainly_found(typed: str, number: str) -> bool:
    """Tell whether ``typed``, one piece without blanks, finds ``number`` from any of its parts on.

    It is a beginning that has just these zeros; or a whole number or part, whose zeros in front do not count; or no
    zeros are typed, and then those of the number do not count.
    """
    asked, parts = _parts(typed), _parts(number)
    written = "".join(asked)
    return any(
        "".join(rest).startswith(written)
        or _without_zeros(asked) & _without_zeros(rest)
        or (rest[0].isdigit() and _without_zeros(asked) & _without_zeros(rest[:1]))
        or any(short.startswith(written) for short in _without_zeros(rest))
        for rest in (parts[start:] for start in range(len(parts)))
    )


def _parts(number: str) -> list[str]:
    return re.findall("[0-9]+|[a-z]+", number.casefold())


def _without_zeros(parts: list[str]) -> set[str]:
    """Write as one, without the zeros in front of each part, or of each number that neighbouring parts make."""
    each = "".join(re.sub("^0+(?=[0-9])", "", part) for part in parts)
    together = re.sub("(?<![0-9])0+(?=[0-9])", "", "".join(parts))
    return {each, together}
