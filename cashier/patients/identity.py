"""By what patients are told apart: the name with two things beside it, the date of birth and the record number.

A name alone names several people in any hospital. Wherever money or a card moves, all three stand together:
https://mscui.net/DesignGuide/QuickGuides/PatientBanner/Zone1/labels.aspx
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

from cashier.language import Message, dates, joined, m, mn, verbatim

_MONTHS_TOLD_BELOW_YEARS = 2


@dataclass(frozen=True, kw_only=True)
class PatientIdentity:
    """Who a patient is. ``born`` is None where the hospital's system never said it."""

    name: str
    record_number: str
    born: date | None

    @property
    def called(self) -> Message:
        """The name; where a comma parts it (“Dąbek, Zoë”), the family name in capitals.

        Which words are the family's is never guessed. This is how it is shown: what is kept and looked for stays.
        """
        family, comma, given = self.name.partition(",")
        if not comma or "," in given or not family.strip() or not given.strip():
            return verbatim(self.name)
        return verbatim(f"{in_capitals(family.strip(), turkish=is_turkish(self.name))}, {given.strip()}")

    def known_by(self, today: date) -> Message:
        """Write the two things beside the name: ``Born 14 Jul 1985 (41) · Record no. MRN-0012345``.

        ``today`` is the hospital's, for the age.
        """
        if self.born is None:
            return self._record
        return joined(" · ", [_born(self.born, today), self._record])

    def unlike(self, other: PatientIdentity, today: date) -> Message:
        """Write those of the three that are not the same with ``other``; a date of birth also where there is none."""
        born = m("no date of birth") if self.born is None else _born(self.born, today)
        parts = [
            (self.called, self.name != other.name),
            (born, self.born != other.born),
            (self._record, self.record_number != other.record_number),
        ]
        return joined(" · ", [words for words, is_unlike in parts if is_unlike])

    @property
    def _record(self) -> Message:
        return m("Record no. {number}", number=self.record_number)

    def in_a_line(self, today: date) -> Message:
        """Write all three in one line."""
        return joined(" · ", [self.called, self.known_by(today)])


def _born(born: date, today: date) -> Message:
    return m("Born {date} ({age})", date=dates.day(born), age=age(born, today))


def age(born: date, today: date) -> Message:
    """Write how old somebody is: in years, of small children in months, of the newborn in days."""
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months >= _MONTHS_TOLD_BELOW_YEARS * 12:
        return verbatim(months // 12)
    if months >= 1:
        return mn("{count} month", "{count} months", count=months)
    # Where it is later on earth than here, somebody may be born tomorrow.
    return mn("{count} day", "{count} days", count=max(0, (today - born).days))


def is_turkish(name: str) -> bool:
    """Tell whether ``name`` has a letter of Turkish or Azerbaijani alone: in those, the capital of i is İ."""
    return any(letter in _TURKISH for letter in normalize("NFC", name))


def in_capitals(name: str, *, turkish: bool = False) -> str:
    """Write ``name`` in capitals, as its script does.

    ß is ẞ, so that Weiß is not Weiss; Greek capitals have no accents; what names are not written in capitals with
    (Georgian, the և of Armenian) stays as it is.
    """
    return "".join(_capital(letter, turkish=turkish) for letter in normalize("NFC", name))


_TURKISH = frozenset("ğĞıİəƏ")
_CAPITALS = {"ß": "ẞ", "և": "և"}
_ACUTE = "\u0301"


def _capital(letter: str, *, turkish: bool) -> str:
    script = unicodedata.name(letter, "").partition(" ")[0]
    if letter == "i" and turkish:
        return "İ"
    if script == "GEORGIAN":
        return letter
    capital = _CAPITALS.get(letter, letter.upper())
    if script == "GREEK":
        return normalize("NFC", normalize("NFD", capital).replace(_ACUTE, ""))
    return capital
