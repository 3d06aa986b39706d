"""The table of refunds: what waits for a decision, what is under way, or what became of the last ones."""

from __future__ import annotations

from cashier.books.refund import RefundState
from cashier.desk.kit.words import day_and_time, day_and_time_in_short
from cashier.desk.refunding.words import asked_by, reason, state_words
from cashier.desk.tables.columns import Column, Side, Width
from cashier.language import Message, m, mc, verbatim
from cashier.refunds.views import RefundView


def refund_columns(time_zone: str) -> tuple[Column[RefundView], ...]:
    """Return the columns; moments are written as the clocks in ``time_zone`` show them.

    A name is not cut for what the sheet beside the table tells as well.
    """
    return (
        Column(
            name="asked",
            heading=mc("when", "Asked for"),
            text=lambda view: day_and_time(view.requested_at, time_zone),
        ),
        Column(name="patient", heading=m("Patient"), text=lambda view: view.patient.called, width=Width.REST),
        Column(name="record_number", heading=m("Record no."), text=lambda view: verbatim(view.record_number)),
        Column(name="amount", heading=m("Amount"), text=lambda view: verbatim(view.amount), side=Side.RIGHT),
        Column(name="reason", heading=m("Reason"), text=reason, hidden_below=1000),
        Column(name="by", heading=mc("who asked for it", "By"), text=asked_by, hidden_below=900),
        Column(
            name="state",
            heading=mc("how a refund stands", "Stands"),
            text=lambda view: _standing(view, time_zone),
            tone=lambda view: state_words(view.state, view.way)[1],
        ),
    )


def _standing(view: RefundView, time_zone: str) -> Message:
    """Say how it stands; of one that waits, until when: that it waits, the list says."""
    if view.state is RefundState.REQUESTED and view.expires_at is not None:
        return m("until {moment}", moment=day_and_time_in_short(view.expires_at, time_zone))
    return state_words(view.state, view.way)[0]
