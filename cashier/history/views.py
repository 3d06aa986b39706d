"""What windows ask of the payment history and see of it: immutable values."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from cashier.books.payment import PaymentState
from cashier.books.receipt import ReceiptKind
from cashier.books.refund import RefundOrigin, RefundState
from cashier.channels.declines import DeclineAdvice
from cashier.disputes.views import DisputeView
from cashier.history.timeline import TimelineEntry
from cashier.language import Message
from cashier.money import Money
from cashier.patients.identity import PatientIdentity
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender


@dataclass(frozen=True, kw_only=True)
class OpenedPatient:
    """A patient whose payments somebody looks at: made by ``PaymentHistory.open_patient``, which writes it down."""

    patient_id: int
    name: str
    record_number: str


@dataclass(frozen=True, kw_only=True)
class PaymentQuery:
    """Which payments are looked for; what is None or empty does not narrow them.

    Days are those of the hospital's time zone, both included, and count by when a payment was begun. ``text`` is the
    whole number of a receipt or invoice, a reference, or an identifier of Stripe's. ``invoice_id`` is an invoice that
    they were meant for.
    """

    patient: OpenedPatient | None = None
    invoice_id: int | None = None
    desk_id: int | None = None
    staff_id: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    tender: Tender | None = None
    states: frozenset[PaymentState] = frozenset()
    text: str = ""


@dataclass(frozen=True, order=True)
class HistoryKey:
    """Where a payment stands in the history: newest first, and by its id within one moment."""

    created_at: datetime
    id: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class PaymentRow:
    """One payment of the history. ``unallocated`` is on the patient's account, ``refunded`` is what went back.

    ``taken_back`` is what a bank took for good, as was decided, whoever bears it.
    """

    id: uuid.UUID
    created_at: datetime
    settled_at: datetime | None
    patient_name: str
    record_number: str
    born: date | None
    invoices: tuple[str, ...]
    amount: Money
    refunded: Money
    deposit: Money
    unallocated: Money
    tendered: Money | None
    rounding: Money
    tender: Tender
    reference: str
    card_brand: str | None
    card_last_four: str | None
    state: PaymentState
    decline_code: str | None
    is_disputed: bool
    desk: str
    cashier: str
    receipt_number: str | None
    stripe_session_id: str | None
    stripe_intent_id: str | None
    stripe_charge_id: str | None
    taken_back: Money

    @property
    def patient(self) -> PatientIdentity:
        """Whose it is."""
        return PatientIdentity(name=self.patient_name, record_number=self.record_number, born=self.born)

    @property
    def key(self) -> HistoryKey:
        """Where it stands in the history."""
        return HistoryKey(self.created_at, self.id)

    @property
    def net(self) -> Money:
        """What was paid and is still there; nothing while it is not paid."""
        if self.state is not PaymentState.PAID:
            return Money(0, self.amount.currency)
        return self.amount - self.refunded - self.taken_back


@dataclass(frozen=True, kw_only=True)
class PaymentPage:
    """Payments that follow each other; ``after`` is the key of the next page, None at the end."""

    rows: tuple[PaymentRow, ...]
    after: HistoryKey | None


@dataclass(frozen=True, kw_only=True)
class TenderTotal:
    """What was paid by one tender in one currency, and what of it went back; ``payments`` counts the paid ones.

    ``refunded`` went back by refunds, ``taken_back`` is what banks took for good.
    """

    tender: Tender
    payments: int
    paid: Money
    refunded: Money
    taken_back: Money

    @property
    def net(self) -> Money:
        """What is left of it."""
        return self.paid - self.refunded - self.taken_back


@dataclass(frozen=True, kw_only=True)
class HistoryTotals:
    """Sums over all payments that a query finds; ``payments`` counts them whatever became of them.

    ``to_be_counted`` are paid in cash and in no sum: their drawer is open, and is counted blind by who asks.
    """

    payments: int
    by_tender: tuple[TenderTotal, ...]
    to_be_counted: int = 0

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies in which something was paid."""
        return tuple(sorted({total.paid.currency for total in self.by_tender}))

    def paid(self, currency: str) -> Money:
        """What was paid in ``currency``."""
        return _sum((total.paid for total in self.by_tender), currency)

    def refunded(self, currency: str) -> Money:
        """What of it went back."""
        return _sum((total.refunded for total in self.by_tender), currency)

    def net(self, currency: str) -> Money:
        """What is left of it."""
        return _sum((total.net for total in self.by_tender), currency)


@dataclass(frozen=True, kw_only=True)
class ReceiptLink:
    """A receipt of a payment or of one of its refunds."""

    id: int
    number: str
    kind: ReceiptKind


@dataclass(frozen=True, kw_only=True)
class RefundLine:
    """A refund of a payment in a line: how much, by which way, who made it, and where it stands."""

    id: uuid.UUID
    amount: Money
    state: RefundState
    way: RefundWay
    origin: RefundOrigin
    requested_at: datetime


@dataclass(frozen=True, kw_only=True)
class InvoiceLink:
    """An invoice, and how much of a payment is for it."""

    id: int
    number: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PaymentRecord:
    """Everything about one payment. ``stripe_ids`` are what it and its refunds are called at Stripe.

    ``invoices`` are what it was meant for, ``allocated`` is what counts towards each invoice now.
    """

    row: PaymentRow
    invoices: tuple[InvoiceLink, ...]
    allocated: tuple[InvoiceLink, ...]
    receipts: tuple[ReceiptLink, ...]
    stripe_ids: tuple[str, ...]
    decline: DeclineAdvice | None
    contradiction: Message | None
    timeline: tuple[TimelineEntry, ...]
    refunds: tuple[RefundLine, ...]
    disputes: tuple[DisputeView, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A desk or a cashier to choose in a filter."""

    id: int
    words: Message


@dataclass(frozen=True, kw_only=True)
class HistoryChoices:
    """What somebody may choose among; ``sees_every_desk`` tells whether other desks are open to them at all."""

    sees_every_desk: bool
    desks: tuple[Choice, ...]
    cashiers: tuple[Choice, ...]


def _sum(amounts: Iterable[Money], currency: str) -> Money:
    return Money(sum(each.amount_minor for each in amounts if each.currency == currency), currency)
