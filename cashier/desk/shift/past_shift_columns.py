"""The table of closed shifts."""

from __future__ import annotations

from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import MOMENT_IN_SHORT, day_and_time_in_short
from cashier.desk.tables.columns import Column, Side, Width, always
from cashier.language import Message, m, verbatim
from cashier.shifts.past import PastShift

EXACT = m("exact")


def past_shift_columns(time_zone: str) -> tuple[Column[PastShift], ...]:
    """Return the columns; moments are written as the clocks in ``time_zone`` show them."""
    return (
        Column(
            name="shift", heading=m("Shift"), text=lambda row: verbatim(row.name), is_bold=always, width="T-D00-0000"
        ),
        Column(
            name="closed",
            heading=m("Closed"),
            text=lambda row: day_and_time_in_short(row.closed_at, time_zone),
            width=MOMENT_IN_SHORT,
        ),
        Column(name="opened_by", heading=m("Opened by"), text=lambda row: verbatim(row.opened_by), width=Width.REST),
        Column(
            name="closed_by",
            heading=m("Closed by"),
            text=lambda row: verbatim(row.closed_by),
            width="Example-Sampleton",
            gives_way=1,
        ),
        Column(
            name="counted",
            heading=m("Counted"),
            text=lambda row: verbatim(row.counted),
            side=Side.RIGHT,
            width="00,000.00 €",
            gives_way=2,
        ),
        Column(
            name="difference",
            heading=m("Over / short"),
            text=difference,
            tone=difference_tone,
            is_bold=lambda row: bool(row.difference),
            side=Side.RIGHT,
            width="–00,000.00 €",
        ),
    )


def difference(row: PastShift) -> Message:
    """Say what a drawer was over or short, with its sign; or that it was exact."""
    if not row.difference:
        return EXACT
    return m("+{amount}", amount=row.difference) if row.difference.amount_minor > 0 else verbatim(row.difference)


def difference_tone(row: PastShift) -> Tone | None:
    """Colour what was off; the sign says which way."""
    if not row.difference:
        return None
    return Tone.CAUTION if row.difference.amount_minor > 0 else Tone.BAD
