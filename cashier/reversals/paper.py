"""The paper of a decision about money that went away again, for the patient and for the file.

It is drawn from what was decided, which never changes. Where money is owed again there is a receipt besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.difference import Difference
from cashier.books.dispute import Dispute, Reversal
from cashier.books.hospital import Hospital
from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import Payment, PaymentItem
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import Refund
from cashier.books.staff import Staff
from cashier.clock import on_the_clock
from cashier.disputes.words import reason_words
from cashier.errors import Refused
from cashier.language import NOTHING, Message, dates, joined, m, verbatim
from cashier.palette import Colour
from cashier.paper.sheet import BOTTOM, MARGIN, RIGHT, Paper
from cashier.paper.typeface import BOLD, REGULAR
from cashier.reversals.words import outcome_words, paper_words

_SMALL = 5.5
_NEVER_CUT = 1.0
_LABEL_WIDTH = 150.0
_ROW = 22.0


@dataclass(frozen=True, kw_only=True)
class ReversalPdf:
    """The paper as a document in a ``language``."""

    title: Message
    file_name: str
    pdf: bytes
    language: str


@dataclass(frozen=True, kw_only=True)
class PaperFacts:
    """What stands on the paper. ``decided_at`` has the hospital's own offset."""

    hospital: Hospital
    reversal: Reversal
    decided_at: datetime
    decider: str
    record_number: str
    invoices: str
    receipt: str
    paid_on: datetime
    reason_of_bank: str
    stripe_id: str
    is_training: bool


async def collect(session: AsyncSession, difference_id: int, *, is_training: bool) -> PaperFacts:
    """Collect what was decided about a difference. Raises ``Refused`` where nothing was."""
    reversal = (await session.execute(_of_difference(difference_id))).scalar_one_or_none()
    if reversal is None:
        raise Refused(m("Nothing was decided about this yet."), advice=m("Decide it first."))
    payment = await session.get_one(Payment, reversal.payment_id)
    hospital = await session.get_one(Hospital, 1)
    difference = await session.get_one(Difference, difference_id)
    dispute = None if reversal.dispute_id is None else await session.get_one(Dispute, reversal.dispute_id)
    numbers = sa.select(Invoice.number).join(PaymentItem, PaymentItem.invoice_id == Invoice.id)
    invoices = await session.execute(numbers.where(PaymentItem.payment_id == payment.id).order_by(Invoice.id))
    of_payment = sa.select(Receipt).where(Receipt.payment_id == payment.id, Receipt.kind == ReceiptKind.PAYMENT)
    receipt = (await session.execute(of_payment)).scalar_one_or_none()
    return PaperFacts(
        hospital=hospital,
        reversal=reversal,
        decided_at=on_the_clock(reversal.decided_at, hospital.time_zone),
        decider=(await session.get_one(Staff, reversal.decided_by)).display_name,
        record_number=(await session.get_one(Patient, payment.patient_id)).record_number,
        invoices=", ".join(invoices.scalars()),
        receipt="" if receipt is None else receipt.full_number,
        paid_on=on_the_clock(payment.settled_at or payment.created_at, hospital.time_zone),
        reason_of_bank="" if dispute is None else dispute.reason,
        stripe_id=difference.stripe_id,
        is_training=is_training,
    )


def draw(facts: PaperFacts, language: str) -> ReversalPdf:
    """Draw the paper in the language that is spoken; the same facts always give the same bytes."""
    reversal = facts.reversal
    paper = Paper(
        title=m("Decision about {amount}", amount=reversal.amount),
        author=facts.hospital.name,
        subject=outcome_words(reversal.outcome, is_refund=reversal.refund_id is not None),
        made_at=facts.decided_at,
        is_training=facts.is_training,
    )
    _letterhead(paper, facts)
    y = 170.0
    for words, value, font in _rows(facts):
        if value:
            paper.text(MARGIN, y, words, size=9, colour=Colour.INK_SOFT, width=_LABEL_WIDTH - 8, size_min=_SMALL)
            x = MARGIN + _LABEL_WIDTH
            paper.text(x, y, value, size=11.5, font=font, width=RIGHT - x, size_min=_NEVER_CUT)
            y += _ROW
    paper.rule(y)
    said = paper_words(reversal.outcome, is_refund=reversal.refund_id is not None)
    y = paper.paragraph(
        MARGIN, y + 22, said, size=10.5, leading=15, width=RIGHT - MARGIN, lines_max=8, colour=Colour.INK
    )
    reason = m("Reason: {reason}", reason=reversal.reason)
    paper.paragraph(MARGIN, y + 12, reason, size=10, leading=14, width=RIGHT - MARGIN, lines_max=8, colour=Colour.INK)
    paper.rule(BOTTOM - 26)
    number = reversal.id
    return ReversalPdf(
        title=m("Decision {number}", number=number),
        file_name=f"decision-{number}.pdf",
        pdf=paper.finish(),
        language=language,
    )


def _of_difference(difference_id: int) -> sa.Select[Reversal]:
    stripe_id = sa.select(Difference.stripe_id).where(Difference.id == difference_id).scalar_subquery()
    refund_id = sa.select(Refund.id).where(Refund.stripe_refund_id == stripe_id).scalar_subquery()
    return sa.select(Reversal).where(sa.or_(Reversal.dispute_id == stripe_id, Reversal.refund_id == refund_id))


def _rows(facts: PaperFacts) -> tuple[tuple[Message, Message, str], ...]:
    reversal = facts.reversal
    decided = joined(", ", (verbatim(facts.decider), dates.moment_in_full(facts.decided_at)))
    bank = reason_words(facts.reason_of_bank) if facts.reason_of_bank else NOTHING
    return (
        (m("Amount"), verbatim(reversal.amount), BOLD),
        (m("Decision"), outcome_words(reversal.outcome, is_refund=reversal.refund_id is not None), BOLD),
        (m("Decided by"), decided, REGULAR),
        (m("What the bank says"), bank, REGULAR),
        (m("Paid on"), dates.day_on_paper(facts.paid_on.date()), REGULAR),
        (m("Receipt of the payment"), verbatim(facts.receipt), REGULAR),
        (m("Invoices"), verbatim(facts.invoices), REGULAR),
        (m("Patient’s record number"), verbatim(facts.record_number), REGULAR),
        (m("At Stripe"), verbatim(facts.stripe_id), REGULAR),
    )


def _letterhead(paper: Paper, facts: PaperFacts) -> None:
    hospital = facts.hospital
    paper.mark(MARGIN, 46, 42)
    left, width = MARGIN + 56, 240.0
    paper.text(left, 61, verbatim(hospital.name), size=15, font=BOLD, width=width, size_min=11)
    y = paper.paragraph(
        left, 76, verbatim(hospital.address), size=8.5, leading=11.5, width=width, lines_max=3, colour=Colour.INK_SOFT
    )
    tax_id = m("Tax ID {number}", number=hospital.tax_id) if hospital.tax_id else NOTHING
    paper.text(left, y, tax_id, size=8.5, colour=Colour.INK_SOFT, width=width)
    heading = m("DECISION")
    paper.text_to_right(RIGHT, 57, heading, size=12, font=BOLD, colour=Colour.ACCENT, width=196, size_min=6)
    paper.text_to_right(RIGHT, 76, dates.moment_in_full(facts.decided_at), size=9.5, width=196, size_min=6)
    clock = dates.PaperTimes((), made_at=facts.decided_at).heading
    paper.text_to_right(RIGHT, 88, clock, size=8, colour=Colour.INK_SOFT)
    paper.rule(138, colour=Colour.ACCENT, thickness=1.8)
