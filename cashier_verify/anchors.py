"""Anchors: numbers and hashes of entries that left the machine, and so cannot be made to fit a changed journal.

They stand on each Z report, in Stripe's records of payments and refunds, in the log of another machine, and wherever
somebody wrote them down.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cashier_verify.finding import Unreadable

_DIGITS_MIN = 16
_DIGITS = str.maketrans("ghijklmnop", "0123456789")
"""At Stripe digits are written as letters, so that nothing looks like a card's number."""
_WRITTEN = re.compile(r"\b(?:entry[ =]?)?(\d{1,18})[:\s]([0-9a-f]{16,64})\b")


@dataclass(frozen=True)
class Anchor:
    """Entry ``number`` had a hash that begins with ``hash``, as ``source`` says."""

    source: str
    number: int
    hash: str


def typed(text: str, source: str = "what was typed") -> Anchor:
    """Read ``NUMBER:HASH`` as somebody copies it from a Z report; blanks within the hash and capitals do not matter.

    Raises ``Unreadable`` for anything else, and for fewer than sixteen digits of the hash.
    """
    number, _, digits = text.partition(":")
    number, digits = re.sub(r"[\s.,_']", "", number), re.sub(r"\s", "", digits).lower().translate(_DIGITS)
    if not number.isdecimal() or not re.fullmatch(rf"[0-9a-f]{{{_DIGITS_MIN},64}}", digits):
        raise Unreadable(
            f"“{text}” is no number and hash of an entry. Write it like 1234:0f3a…, with at least "
            f"{_DIGITS_MIN} digits."
        )
    return Anchor(source, int(number), digits)


def of_file(path: Path) -> list[Anchor]:
    """Read every anchor in a file: a CSV with the columns ``number`` and ``hash``, or lines of a log that hold them.

    Raises ``Unreadable`` for a file without any.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error
    found = list(_of_csv(text, path.name)) or list(_of_lines(text, path.name))
    if not found:
        raise Unreadable(f"{path.name} has no anchors: lines with an entry's number and hash, like 1234:0f3a….")
    return found


def _of_csv(text: str, name: str) -> Iterator[Anchor]:
    rows = csv.DictReader(text.splitlines())
    if not {"number", "hash"} <= set(rows.fieldnames or ()):
        return
    for row in rows:
        yield typed(f"{row['number']}:{row['hash']}", row.get("source") or f"{name}, line {rows.line_num}")


def _of_lines(text: str, name: str) -> Iterator[Anchor]:
    for count, line in enumerate(text.splitlines(), start=1):
        for found in _WRITTEN.finditer(line):
            yield Anchor(f"{name}, line {count}", int(found[1]), found[2])
