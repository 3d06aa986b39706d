"""The table of the journal's entries."""

from __future__ import annotations

import json
from typing import Any

from cashier.audit.journal_views import JournalRow
from cashier.books.deeds.deed import DeedKind
from cashier.books.deeds.words import DEED_WORDS
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import MOMENT_IN_SHORT, day_and_time_in_short
from cashier.desk.office.audit_words import deed_of, record_in_short
from cashier.desk.tables.columns import Column, Side, Width, always
from cashier.language import m, mc, number, verbatim

_WITH_EVERYTHING = 720


def audit_columns(time_zone: str) -> tuple[Column[JournalRow], ...]:
    """Return the columns; moments are written as the clocks in ``time_zone`` show them."""
    return (
        Column(
            name="number",
            heading=mc("number", "No."),
            text=lambda row: number(row.id),
            side=Side.RIGHT,
            width=80,
            hidden_below=_WITH_EVERYTHING,
        ),
        Column(
            name="at",
            heading=m("When"),
            text=lambda row: day_and_time_in_short(row.at, time_zone),
            width=MOMENT_IN_SHORT,
        ),
        Column(name="who", heading=m("Who"), text=lambda row: verbatim(row.who or "–"), width=160),
        Column(
            name="desk",
            heading=m("Desk"),
            text=lambda row: verbatim(row.desk or "–"),
            width=60,
            hidden_below=_WITH_EVERYTHING,
        ),
        Column(
            name="action",
            heading=m("What was done"),
            text=deed_of,
            tone=_tone_of,
            is_bold=always,
            width=max((str(words) for words in DEED_WORDS.values()), key=len),
        ),
        Column(
            name="subject",
            heading=m("To what"),
            text=record_in_short,
            width=Width.REST,
            hidden_below=_WITH_EVERYTHING,
        ),
    )


def facts_of(row: JournalRow) -> tuple[tuple[str, str], ...]:
    """Return the facts of an entry as pairs of words, as they stand in it."""
    facts = json.loads(row.facts)
    return tuple((name.replace("_", " ").capitalize(), _written(value)) for name, value in facts.items())


def _tone_of(row: JournalRow) -> Tone | None:
    deed = DeedKind.of(row.action)
    return Tone.BAD if deed is not None and deed.is_refusal else None


def _written(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
