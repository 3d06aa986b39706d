"""The sheet of evidence for a disputed payment, on A4: numbers, amounts and times, and nothing about health."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cashier.clock import zone_of
from cashier.language import Message, dates, joined, m, mc, verbatim
from cashier.money import Money
from cashier.palette import Colour
from cashier.paper.sheet import BOTTOM, MARGIN, RIGHT, Paper
from cashier.paper.typeface import BOLD, REGULAR, shrink, wrap
from cashier.tenders.card_brands import brand_name

_VALUE_X = MARGIN + 150
_LINE = 16.0
_READABLE = 8.0
_FOOT = BOTTOM - 24
Moment = Callable[[datetime], Message]
STATEMENT = m(
    "The hospital took this payment at its cash desk and issued the receipts named here. What was paid for is not "
    "stated, because it would concern somebody's health; the hospital confirms on request that an invoice over the "
    "amount was due and that it was settled by this payment."
)


@dataclass(frozen=True, kw_only=True)
class EvidenceReceipt:
    """A receipt of the payment, and when it was first handed out."""

    number: str
    amount: Money
    issued_at: datetime
    handed_out_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EvidenceRefund:
    """A refund of the payment."""

    amount: Money
    at: datetime
    outcome: Message
    is_from_dashboard: bool
    stripe_id: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything on the sheet; moments in UTC, written in the hospital's ``time_zone``."""

    hospital: str
    legal_name: str
    tax_id: str
    address: str
    time_zone: str
    made_at: datetime
    dispute_id: str
    dispute_amount: Money
    reason: Message
    status: Message
    opened_at: datetime
    respond_by: datetime | None
    amount: Money
    desk: Message
    begun_at: datetime
    paid_at: datetime
    presence: Message
    card_brand: str
    card_last_four: str
    session_id: str
    intent_id: str
    charge_id: str
    receipts: tuple[EvidenceReceipt, ...]
    refunds: tuple[EvidenceRefund, ...]
    is_training: bool = False
    proof: tuple[tuple[Message, Message], ...] = ()
    """What is known of how the card was charged, beyond our own books."""


def render_sheet(evidence: Evidence) -> bytes:
    """Return the sheet as PDF; the same evidence always gives the same bytes."""
    sheet = _Sheet(evidence)
    sheet.letterhead()
    for name, facts in parts_of(evidence, sheet.moment):
        sheet.part(name, facts)
    return sheet.finish()


def parts_of(evidence: Evidence, moment: Moment) -> list[tuple[Message, list[tuple[Message, Message]]]]:
    """Return everything that is stated, part by part, in order; ``moment`` writes a moment."""
    receipts = [(verbatim(each.number), _receipt_words(each, moment)) for each in evidence.receipts]
    refunds = [(verbatim(each.amount), _refund_words(each, moment)) for each in evidence.refunds]
    return [
        (m("The dispute"), _dispute_facts(evidence, moment)),
        (m("The payment"), _payment_facts(evidence, moment)),
        (m("Receipts"), receipts),
        (m("Refunds"), refunds or [(mc("refunds", "None"), m("Nothing of this payment has gone back."))]),
    ]


class _Sheet:
    """Facts one below the other; a new page when this one is full."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._zone = zone_of(evidence.time_zone)
        self._y = 0.0
        made_at = evidence.made_at.astimezone(self._zone)
        # A bank copies single lines out of it.
        self._times = dates.PaperTimes((), made_at=made_at, always=True)
        self._paper = Paper(
            title=m("Evidence {dispute}", dispute=evidence.dispute_id),
            author=evidence.hospital,
            subject=m("Disputed payment of {amount}", amount=evidence.amount),
            made_at=made_at,
            is_training=evidence.is_training,
        )

    def moment(self, at: datetime) -> Message:
        return self._times.moment(at.astimezone(self._zone), seconds=True)

    def letterhead(self) -> None:
        paper, evidence, left = self._paper, self._evidence, MARGIN + 56
        paper.mark(MARGIN, 46, 42)
        paper.text(left, 61, verbatim(evidence.hospital), size=15, font=BOLD, width=260, size_min=11)
        contact = ", ".join(part for part in (evidence.legal_name, *evidence.address.splitlines()) if part)
        y = paper.paragraph(
            left, 76, verbatim(contact), size=8.5, leading=11.5, width=260, lines_max=2, colour=Colour.INK_SOFT
        )
        tax_id = m("Tax ID {number}", number=evidence.tax_id)
        paper.text(left, y, tax_id, size=8.5, colour=Colour.INK_SOFT, width=260)
        paper.text_to_right(RIGHT, 57, m("EVIDENCE"), size=10, font=BOLD, colour=Colour.ACCENT)
        paper.text_to_right(RIGHT, 83, verbatim(evidence.amount), size=24, font=BOLD, width=190, size_min=1)
        paper.text_to_right(RIGHT, 100, verbatim(evidence.dispute_id), size=9, width=190, size_min=5)
        paper.text_to_right(RIGHT, 112, self.moment(evidence.made_at), size=8, colour=Colour.INK_SOFT)
        paper.rule(132, colour=Colour.ACCENT, thickness=1.8)
        self._y = 158

    def part(self, name: Message, facts: Sequence[tuple[Message, Message]]) -> None:
        self._make_room(3 * _LINE)
        self._paper.text(MARGIN, self._y, name, size=12, font=BOLD, colour=Colour.ACCENT)
        self._y += _LINE + 3
        for fact, value in facts:
            self._make_room(_LINE)
            self._paper.text(MARGIN, self._y, fact, size=9, colour=Colour.INK_SOFT, width=142, size_min=6)
            self._value(str(value))
        self._y += 12

    def _value(self, value: str) -> None:
        """Write a value: smaller where it is long, and in two lines where it would be too small."""
        width = RIGHT - _VALUE_X
        if shrink(value, REGULAR, 10, width, size_min=_READABLE) > _READABLE:
            lines = [value]
        else:
            lines = wrap(value, REGULAR, 9, width, lines_max=2)
        for line in lines:
            self._make_room(_LINE)
            self._paper.text(
                _VALUE_X, self._y, verbatim(line), size=10 if len(lines) == 1 else 9, width=width, size_min=6
            )
            self._y += _LINE if line is lines[-1] else 12

    def finish(self) -> bytes:
        self._make_room(5 * _LINE)
        self._paper.rule(self._y)
        self._paper.paragraph(
            MARGIN, self._y + 15, STATEMENT, size=9, leading=12.5, width=RIGHT - MARGIN, lines_max=5,
            colour=Colour.INK,
        )  # fmt: skip
        return self._paper.finish()

    def _make_room(self, height: float) -> None:
        if self._y + height > _FOOT:
            self._paper.next_page()
            self._y = MARGIN + 12


def _dispute_facts(evidence: Evidence, moment: Moment) -> list[tuple[Message, Message]]:
    return [
        (m("Dispute"), verbatim(evidence.dispute_id)),
        (m("Disputed amount"), verbatim(evidence.dispute_amount)),
        (m("Reason"), evidence.reason),
        (m("Status"), evidence.status),
        (mc("of a dispute", "Opened"), moment(evidence.opened_at)),
        (m("To be answered by"), verbatim("–") if evidence.respond_by is None else moment(evidence.respond_by)),
    ]


def _payment_facts(evidence: Evidence, moment: Moment) -> list[tuple[Message, Message]]:
    card = verbatim("–")
    if evidence.card_last_four:
        brand = brand_name(evidence.card_brand)
        card = m("{brand} ending in {digits}", brand=brand, digits=evidence.card_last_four)
    facts = [
        (m("Amount"), verbatim(evidence.amount)),
        (mc("of a payment", "Begun"), moment(evidence.begun_at)),
        (mc("of a payment", "Paid"), moment(evidence.paid_at)),
        (m("Taken at"), evidence.desk),
        (m("How the card came"), evidence.presence),
        (m("Card"), card),
        *evidence.proof,
        (m("Checkout session"), verbatim(evidence.session_id)),
        (m("Payment intent"), verbatim(evidence.intent_id)),
        (mc("at Stripe", "Charge"), verbatim(evidence.charge_id)),
    ]
    return [(fact, value) for fact, value in facts if value]


def _receipt_words(receipt: EvidenceReceipt, moment: Moment) -> Message:
    if receipt.handed_out_at is None:
        return m("{amount}, issued {moment}", amount=receipt.amount, moment=moment(receipt.issued_at))
    return m(
        "{amount}, issued {moment}; handed out {later}",
        amount=receipt.amount,
        moment=moment(receipt.issued_at),
        later=moment(receipt.handed_out_at),
    )


def _refund_words(refund: EvidenceRefund, moment: Moment) -> Message:
    at = moment(refund.at)
    if refund.is_from_dashboard:
        made = m("{outcome}; made in Stripe's dashboard on {moment}", outcome=refund.outcome, moment=at)
    else:
        made = m("{outcome}; made at our cash desk on {moment}", outcome=refund.outcome, moment=at)
    return joined(", ", (made, verbatim(refund.stripe_id)))
