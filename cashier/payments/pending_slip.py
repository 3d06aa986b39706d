"""A slip for the patient of a payment that is not certain yet: what is pending, how it goes on, and no receipt.

It is drawn from what the books say at that moment and kept nowhere: the paper for the money is the receipt, later. By
which numbers a voucher is paid is asked of Stripe each time, which also tells whether it is still to be paid.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from cashier.books.from_stripe.payment_report import VoucherFacts, VoucherNumber
from cashier.books.hospital import Hospital, ReceiptExtra
from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import Payment, PaymentItem
from cashier.clock import now, on_the_clock
from cashier.database import Database
from cashier.errors import Misconfigured, Refused
from cashier.language import NOTHING, Message, dates, joined, m, mc, speaking, verbatim
from cashier.palette import Colour
from cashier.paper.sheet import BOTTOM, MARGIN, RIGHT, Paper
from cashier.paper.typeface import BOLD, REGULAR
from cashier.payments.queries import pending_of
from cashier.payments.views import NoSuchPayment, Pending
from cashier.stripe_gateway.gateway import StripeGateway
from cashier.tenders.methods import other_method

_SMALL = 5.5
"""The smallest size of words."""
_NEVER_CUT = 1.0
_LABEL_WIDTH = 150.0
_ROW = 22.0
_OF_VOUCHER = m(
    "This is not a receipt: nothing is paid yet. The receipt is made when the money has come, which may take some "
    "days after you paid. A voucher that is not paid in time runs out, and the invoice is to be paid as before; "
    "please do not pay it in another way meanwhile."
)
_NUMBERS: Mapping[VoucherNumber, Message] = {
    VoucherNumber.ENTITY: mc("of a voucher", "Entity"),
    VoucherNumber.REFERENCE: mc("of a voucher", "Reference to pay by"),
    VoucherNumber.NUMBER: mc("of a voucher", "Number to pay by"),
}
"""What numbers are called by which a voucher is paid."""

_WHAT_IT_IS = m(
    "This is not a receipt: nothing is paid yet. The receipt is made when the bank has confirmed the money. If the "
    "bank does not pay, the invoice is to be paid as before; please do not pay it a second time meanwhile."
)


@dataclass(frozen=True, kw_only=True)
class SlipPdf:
    """A slip as a document in a ``language``."""

    title: Message
    file_name: str
    pdf: bytes
    language: str


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What stands on a slip. ``made_at`` has the hospital's own offset."""

    hospital: Hospital
    made_at: datetime
    record_number: str
    patient_name: str
    invoices: str
    reference: str
    pending: Pending
    place: Message
    is_training: bool
    voucher: VoucherFacts | None = None


class PendingSlips:
    """Draws what is pending, as it is now."""

    def __init__(self, database: Database, gateway: StripeGateway, *, is_training: bool) -> None:
        """Work on ``database`` and Stripe; where ``is_training``, the slip is marked."""
        self._database = database
        self._gateway = gateway
        self._is_training = is_training

    async def slip(self, payment_id: uuid.UUID, language: str = "") -> SlipPdf:
        """Return the slip of a payment in ``language``, or in that of the hospital's papers.

        Raises ``Refused`` where nothing of the payment is pending (any more), ``NoSuchPayment``, and of a voucher
        ``Unreachable`` where Stripe does not say by what it is paid.
        """
        payment, facts = await self._collect(payment_id)
        if facts.pending.is_voucher:
            facts = replace(facts, voucher=await self._voucher_of(payment))
        wanted = language or facts.hospital.language_on_paper
        with speaking(wanted):
            return SlipPdf(
                title=m("Slip of {amount}", amount=facts.pending.amount),
                file_name=f"pending-{facts.reference}.pdf",
                pdf=_draw(facts),
                language=wanted,
            )

    async def _voucher_of(self, payment: Payment) -> VoucherFacts:
        report = await self._gateway.fetch_payment(
            session_id=payment.stripe_session_id, intent_id=payment.stripe_intent_id
        )
        if report.voucher is None:
            raise Refused(
                m("The voucher is not to be paid any more: it was paid, or it has run out."),
                advice=m("Ask Stripe how it ended."),
            )
        return report.voucher

    async def _collect(self, payment_id: uuid.UUID) -> tuple[Payment, _Facts]:
        async with self._database.reading() as session:
            payment, hospital = await session.get(Payment, payment_id), await session.get(Hospital, 1)
            if payment is None:
                raise NoSuchPayment
            if hospital is None:
                raise Misconfigured(
                    m("The hospital's name and address are not set up."), advice=m("Run: cashier setup")
                )
            pending = pending_of(payment, hospital.time_zone)
            if pending is None:
                raise Refused(m("Nothing of this payment is pending."), advice=m("Look at the invoice again."))
            patient = await session.get_one(Patient, payment.patient_id)
            numbers = sa.select(Invoice.number).join(PaymentItem, PaymentItem.invoice_id == Invoice.id)
            found = await session.execute(numbers.where(PaymentItem.payment_id == payment.id).order_by(Invoice.id))
            method = other_method(payment.card_brand)
            return payment, _Facts(
                hospital=hospital,
                made_at=on_the_clock(now(), hospital.time_zone),
                record_number=patient.record_number,
                patient_name=patient.name if ReceiptExtra.PATIENT_NAME in hospital.on_receipts else "",
                invoices=", ".join(found.scalars()),
                reference=str(payment.id)[:8].upper(),
                pending=pending,
                place=NOTHING if method is None else method.place,
                is_training=self._is_training,
            )


def _draw(facts: _Facts) -> bytes:
    paper = Paper(
        title=m("Pending payment"),
        author=facts.hospital.name,
        subject=m("Slip of {amount}", amount=facts.pending.amount),
        made_at=facts.made_at,
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
    words = _OF_VOUCHER if facts.pending.is_voucher else _WHAT_IT_IS
    paper.paragraph(
        MARGIN, y + 22, words, size=10.5, leading=15, width=RIGHT - MARGIN, lines_max=8, colour=Colour.INK
    )
    paper.rule(BOTTOM - 26)
    return paper.finish()


def _rows(facts: _Facts) -> tuple[tuple[Message, Message, str], ...]:
    return (
        (m("Amount"), verbatim(facts.pending.amount), BOLD),
        (m("To be paid by"), facts.pending.method, BOLD),
        *_how_it_goes_on(facts),
        (m("Invoices"), verbatim(facts.invoices), REGULAR),
        (m("Patient’s record number"), verbatim(facts.record_number), REGULAR),
        (m("Patient"), verbatim(facts.patient_name), REGULAR),
        (m("Reference"), verbatim(facts.reference), REGULAR),
    )


def _how_it_goes_on(facts: _Facts) -> tuple[tuple[Message, Message, str], ...]:
    pending, zone = facts.pending, facts.hospital.time_zone
    since = dates.day_on_paper(on_the_clock(pending.since, zone))
    if facts.voucher is None:
        until = NOTHING if pending.until is None else dates.day_on_paper(on_the_clock(pending.until, zone))
        return (
            (m("Pending at the bank since"), since, REGULAR),
            (m("The bank decides by about"), until, REGULAR),
        )
    ends = NOTHING
    if pending.until is not None:
        local = on_the_clock(pending.until, zone)
        ends = dates.PaperTimes((local,), made_at=facts.made_at).moment(local)
    numbers = tuple((_NUMBERS[name], verbatim(_in_groups(value)), BOLD) for name, value in facts.voucher.numbers)
    return (
        (m("To be paid until"), ends, BOLD),
        (m("Where"), facts.place, REGULAR),
        *(numbers or ((m("See the voucher at"), verbatim(facts.voucher.address), REGULAR),)),
        (m("Voucher made on"), since, REGULAR),
    )


def _in_groups(number: str) -> str:
    """Write a number so that it is typed without mistakes: ``123 456 789``, ``1234 5678 9012 34``."""
    if len(number) <= 5 or not number.isdigit():
        return number
    size = 3 if len(number) % 3 == 0 else 4
    return " ".join(number[at : at + size] for at in range(0, len(number), size))


def _letterhead(paper: Paper, facts: _Facts) -> None:
    hospital = facts.hospital
    paper.mark(MARGIN, 46, 42)
    left, width = MARGIN + 56, 240.0
    paper.text(left, 61, verbatim(hospital.name), size=15, font=BOLD, width=width, size_min=11)
    contact = joined(
        " · ",
        (
            m("Tax ID {number}", number=hospital.tax_id) if hospital.tax_id else NOTHING,
            m("Phone {number}", number=hospital.phone) if hospital.phone else NOTHING,
        ),
    )
    y = 76.0
    for words, lines_max in ((verbatim(hospital.address), 3), (contact, 1)):
        if words:
            y = paper.paragraph(
                left, y, words, size=8.5, leading=11.5, width=width, lines_max=lines_max, colour=Colour.INK_SOFT
            )
    heading = m("PENDING – NOT A RECEIPT")
    paper.text_to_right(RIGHT, 57, heading, size=12, font=BOLD, colour=Colour.ACCENT, width=196, size_min=6)
    paper.text_to_right(RIGHT, 76, dates.moment_in_full(facts.made_at), size=9.5, width=196, size_min=6)
    clock = dates.PaperTimes((), made_at=facts.made_at).heading
    paper.text_to_right(RIGHT, 88, clock, size=8, colour=Colour.INK_SOFT)
    paper.rule(138, colour=Colour.ACCENT, thickness=1.8)
