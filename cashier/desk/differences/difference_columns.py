"""The table of differences: those that are open, or those that were settled."""

from __future__ import annotations

from cashier.desk.differences.difference_words import words_of
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import day_and_time
from cashier.desk.tables.columns import Column, Side, Width, always
from cashier.language import m, mc, verbatim
from cashier.reconciliation.views import DifferenceView


def difference_columns(time_zone: str, *, settled: bool) -> tuple[Column[DifferenceView], ...]:
    """Return the columns for what is open or ``settled``; moments as the clocks in ``time_zone`` show them."""

    def tone(row: DifferenceView) -> Tone | None:
        return None if settled else words_of(row).tone

    return (
        Column(
            name="what",
            heading=mc("differs", "What"),
            text=lambda row: words_of(row).title,
            tone=tone,
            is_bold=always,
            width=Width.REST,
        ),
        Column(name="amount", heading=m("Amount"), text=lambda row: verbatim(row.amount), side=Side.RIGHT),
        Column(
            name="happened", heading=mc("when", "Happened"), text=lambda row: day_and_time(row.happened_at, time_zone)
        ),
        Column(
            name="found",
            heading=mc("when", "Settled") if settled else mc("when", "Found"),
            text=lambda row: day_and_time(row.resolved_at or row.found_at, time_zone),
        ),
    )
