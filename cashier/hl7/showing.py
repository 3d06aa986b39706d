"""A stored message for a person who has to settle it: what it is about, and by default nothing about the patient."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.hl7.message import Segment, read_message
from cashier.hl7.problems import MessageRefused
from cashier.settings import Hl7Settings

_OPEN: Mapping[str, frozenset[int]] = {
    "MSH": frozenset(range(1, 30)),
    "EVN": frozenset(range(1, 8)),
    "FT1": frozenset({1, 2, 4, 5, 6, 10, 11, 12, 15}),
}
"""What says nothing about a person: who sent it, when, and the amounts."""


def lines_of(content: bytes, rules: Hl7Settings, *, is_whole: bool) -> list[str]:
    """Return a message field by field, as ``FT1[2]-11: 98.00``; what is about the patient as “…”, or ``is_whole``."""
    try:
        message = read_message(content, character_set=rules.character_set)
    except MessageRefused:
        return [_printable(line) for line in content.decode("ascii", "replace").split("\r")] if is_whole else []
    return [line for segment in message.segments for line in _fields(segment, rules, is_whole=is_whole)]


def _fields(segment: Segment, rules: Hl7Settings, *, is_whole: bool) -> list[str]:
    shown = _OPEN.get(segment.name, frozenset[int]())
    name, _, number = rules.invoice_number.partition("-")
    if name == segment.name:
        shown |= {int(number)}
    return [
        f"{segment.place(place)}: {_printable(raw) if is_whole or place in shown else '…'}"
        for place in range(1, len(segment.fields) + 1)
        if (raw := segment.raw(place))
    ]


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in text)
