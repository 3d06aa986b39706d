"""Amounts as other programs write them, made whole minor units: by decimals and digits alone, never by guessing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from cashier.errors import Refused
from cashier.language import Message, m

Mark = Literal[".", ","]
_BLANKS = "\u00a0\u202f "
_GROUPS: dict[Mark, str] = {".": f",'’{_BLANKS}", ",": f".'’{_BLANKS}"}
_DIGITS_MAX = 18


class NoAmount(Refused):
    """This is no amount."""

    default = m("This is no amount.")


def scaled(text: str, mark: Mark | None, decimals: int) -> int:
    """Return ``text`` times ten to the ``decimals``: ``1.234,5`` with a comma and 2 is 123450.

    Without a ``mark`` only digits are read. Raises ``NoAmount`` for more decimals, other signs than one minus in
    front, groups that are not of three, powers of ten, brackets, and digits of other scripts.
    """
    bare = text.strip(_BLANKS)
    sign = -1 if bare.startswith("-") else 1
    whole, fraction = bare.removeprefix("-"), ""
    if mark is not None and mark in whole:
        whole, _, fraction = whole.partition(mark)
        if not fraction:
            raise NoAmount(_said(text, mark))
    digits = _ungrouped(whole, mark)
    if not _are_digits(digits) or (fraction and not _are_digits(fraction)):
        raise NoAmount(_said(text, mark))
    if len(fraction) > decimals:
        raise NoAmount(m("“{text}” has more than {most} decimals.", text=_shown(text), most=decimals))
    if len(digits) > _DIGITS_MAX:
        raise NoAmount(m("“{text}” is more than can be kept.", text=_shown(text)))
    return sign * int(digits + fraction.ljust(decimals, "0"))


def mark_among(texts: Iterable[str]) -> Mark | None:
    """Return the decimal mark that amounts have; None where no amount has a point or a comma.

    Raises ``NoAmount`` where they say two things, or nothing that is sure: ``1.234`` may be 1234 or not.
    """
    found: set[Mark] = set()
    unsure = ""
    for text in texts:
        marks = [each for each in text if each in ".,"]
        if not marks:
            continue
        last: Mark = "." if marks[-1] == "." else ","
        behind = text.rpartition(last)[2].strip(_BLANKS)
        if len(set(marks)) == 2 or len(behind) != 3:
            found.add(last)
        elif marks.count(last) > 1:
            found.add("," if last == "." else ".")
        else:
            unsure = unsure or text
    if len(found) > 1 or (unsure and not found):
        raise NoAmount(
            m("It is not sure whether a point or a comma begins the decimals.")
            if not unsure
            else m(
                "It is not sure what “{text}” is: a point or a comma may begin the decimals.", text=_shown(unsure)
            ),
            advice=m('Name it in a profile: decimal = "," or decimal = "."'),
        )
    return next(iter(found), None)


def _ungrouped(whole: str, mark: Mark | None) -> str:
    if mark is None:
        return whole
    marks = {each for each in whole if each in _GROUPS[mark]}
    if len(marks) != 1:
        return whole
    first, *others = whole.split(marks.pop())
    if 1 <= len(first) <= 3 and all(len(each) == 3 for each in others):
        return first + "".join(others)
    return whole


def _are_digits(text: str) -> bool:
    return re.fullmatch(r"[0-9]+", text) is not None


def _said(text: str, mark: Mark | None) -> Message:
    if mark is None:
        return m("“{text}” is no whole number.", text=_shown(text))
    return m("“{text}” is no amount with “{mark}” before its decimals.", text=_shown(text), mark=mark)


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in text[:40])
