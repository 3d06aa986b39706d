"""What windows get to see of invoices: immutable values."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from cashier.books.invoice import InvoiceStatus
from cashier.books.refund import RefundOrigin, RefundState
from cashier.disputes.views import DisputeView
from cashier.money import Money
from cashier.patients.identity import PatientIdentity
from cashier.tenders.refund_way import RefundWay

OWED = frozenset({InvoiceStatus.DUE, InvoiceStatus.PART_PAID})
"""The statuses in which there is something to pay."""
CREDIT_NOTES = frozenset({InvoiceStatus.CREDIT, InvoiceStatus.CREDIT_USED})
"""The statuses of what the hospital owes to the patient."""


@dataclass(frozen=True, kw_only=True)
class InvoiceQuery:
    """What is looked for: words in any order (empty: everything), and statuses (empty: all)."""

    text: str = ""
    statuses: frozenset[InvoiceStatus] = frozenset()


class Owed(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """What a patient owes in one currency, and on how many invoices."""

    currency: str
    invoices: int
    amount_minor: int

    @property
    def amount(self) -> Money:
        """What they come to."""
        return Money(self.amount_minor, self.currency)


class InvoiceRow(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One row of the invoice list. The greater its ``id``, the newer it is. ``returned`` went back and is not owed.

    ``under_way`` is the state of the payment that has no outcome yet, a value of the payments' own enumeration, and
    ``held_at`` the code of the desk that takes it. ``owes`` is what the patient owes in all, in each currency by
    itself; it is only told in lists, and of patients who owe more than one invoice.

    Two hundred are made at every keystroke, and few are seen: amounts are put into words only then.
    """

    id: int
    number: str
    patient_name: str
    record_number: str
    born: date | None
    department: str
    issued_on: date
    total_minor: int
    balance_minor: int
    returned_minor: int
    currency: str
    status: InvoiceStatus
    under_way: str | None = None
    patient_id: int = 0
    due_on: date | None = None
    held_at: str | None = None
    owes: tuple[Owed, ...] = ()

    @property
    def is_free(self) -> bool:
        """Tell whether there is something to pay on it that nobody is paying."""
        return self.status in OWED and self.under_way is None

    @property
    def total(self) -> Money:
        """What all its lines come to."""
        return Money(self.total_minor, self.currency)

    @property
    def balance(self) -> Money:
        """What is still to be paid; of a credit note, below zero, what is left."""
        return Money(self.balance_minor, self.currency)

    @property
    def returned(self) -> Money:
        """What went back for good."""
        return Money(self.returned_minor, self.currency)

    @property
    def patient(self) -> PatientIdentity:
        """Whose it is."""
        return PatientIdentity(name=self.patient_name, record_number=self.record_number, born=self.born)


def added_up(owed: Iterable[InvoiceRow]) -> tuple[Owed, ...]:
    """Add up what invoices are ``owed``, in each currency by itself."""
    sums: dict[str, list[int]] = {}
    for row in owed:
        sums.setdefault(row.currency, []).append(row.balance_minor)
    return tuple(
        Owed(currency=currency, invoices=len(each), amount_minor=sum(each)) for currency, each in sorted(sums.items())
    )


@dataclass(frozen=True, kw_only=True)
class Namesake:
    """Another patient of the same name, and how many invoices that one has to pay."""

    patient: PatientIdentity
    invoices_owed: int


@dataclass(frozen=True)
class Place:
    """Where an invoice stands in what a query finds: the lower ``rank`` first, then the greater ``id``."""

    rank: int
    id: int


class PatientBills(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row of the till's list: a patient, and the ``count`` invoices in the statuses of the query.

    ``first`` is the invoice by which the patient was found; ``is_meant`` tells that its number was typed. ``bills``
    came with it, the newest first: at least what is owed. Of too many to tell, ``sums`` are what they come to.
    """

    first: InvoiceRow
    count: int
    bills: tuple[InvoiceRow, ...]
    sums: tuple[Owed, ...] | None = None
    is_meant: bool = False

    @property
    def owed(self) -> tuple[Owed, ...]:
        """What there is to pay on all that are counted, in each currency by itself."""
        if self.sums is not None:
            return self.sums
        return added_up(row for row in self.bills if row.status in OWED)

    @property
    def id(self) -> int:
        """The key of the patient."""
        return self.first.patient_id

    @property
    def is_complete(self) -> bool:
        """Tell whether ``bills`` are all of them."""
        return len(self.bills) >= self.count

    @property
    def main(self) -> InvoiceRow:
        """The invoice that stands for all: one that can be paid, where there is any."""
        if self.first.is_free:
            return self.first
        return next((row for row in self.bills if row.is_free), self.first)

    @property
    def together(self) -> tuple[InvoiceRow, ...]:
        """What is paid where the patient is to be paid for as a whole, the main one first; nothing where none can be.

        Other currencies are paid by themselves; and of more invoices than are told of, one alone is paid.
        """
        main = self.main
        if not main.is_free:
            return ()
        beside = (row for row in self.bills if row.is_free and row.id != main.id and row.currency == main.currency)
        return (main, *beside)


@dataclass(frozen=True, kw_only=True)
class InvoicePage:
    """Patients that follow each other; ``after`` is the place after which the next page begins, None at the end."""

    rows: tuple[PatientBills, ...]
    after: Place | None


@dataclass(frozen=True, kw_only=True)
class InvoiceCounts:
    """How many invoices a text finds, by status, and how many patients; None where counting would take too long.

    ``patients`` are those with invoices in the statuses of the query alone.
    """

    by_status: Mapping[InvoiceStatus, int] | None
    patients: int | None

    def of(self, statuses: frozenset[InvoiceStatus]) -> int | None:
        """Return how many are in one of ``statuses`` (all of them when empty), None when unknown."""
        if self.by_status is None:
            return None
        return sum(count for status, count in self.by_status.items() if not statuses or status in statuses)


@dataclass(frozen=True, kw_only=True)
class LineView:
    """One service on an invoice. ``quantity_milli`` 1500 is 1.5; ``tax_basis_points`` 2100 is 21 %."""

    description: str
    quantity_milli: int
    unit_price: Money
    tax_basis_points: int
    tax: Money
    total: Money


@dataclass(frozen=True, kw_only=True)
class InvoiceRefund:
    """One refund of a payment of the invoice; ``amount`` is the part that comes off this invoice.

    ``tender`` and the card are those of the payment.
    """

    refund_id: uuid.UUID
    amount: Money
    state: RefundState
    way: RefundWay
    origin: RefundOrigin
    reopens: bool
    requested_at: datetime
    tender: str
    card_brand: str | None
    card_last_four: str | None
    receipt_id: int | None
    receipt_number: str | None


@dataclass(frozen=True, kw_only=True)
class InvoicePayment:
    """One attempt to pay an invoice, as its history shows it; ``amount`` is the part for this invoice.

    ``tender`` and ``state`` are the values of the payments' own enumerations. Of what is paid without a card,
    ``card_brand`` is the method; its bank decides since, and about until (UTC).
    """

    payment_id: uuid.UUID
    amount: Money
    tender: str
    state: str
    created_at: datetime
    settled_at: datetime | None
    cashier: str
    desk: str
    card_brand: str | None
    card_last_four: str | None
    decline_code: str | None
    receipt_id: int | None
    receipt_number: str | None
    pending_since: datetime | None
    pending_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class InvoiceDepositUse:
    """Money of the patient's account that paid a part of an invoice."""

    use_id: uuid.UUID
    amount: Money
    used_at: datetime
    cashier: str
    desk: str


@dataclass(frozen=True, kw_only=True)
class InvoiceDetail:
    """An invoice with everything the detail pane shows."""

    row: InvoiceRow
    patient_id: int
    phone: str
    email: str
    due_on: date
    insurer: str
    insurer_share: Money
    paid: Money
    returned: Money
    lines: tuple[LineView, ...]
    payments: tuple[InvoicePayment, ...]
    deposit_uses: tuple[InvoiceDepositUse, ...] = ()
    refunds: tuple[InvoiceRefund, ...] = ()
    disputes: tuple[DisputeView, ...] = ()

    @property
    def credit_left(self) -> Money:
        """What is left of a credit note; nothing of an invoice."""
        is_open = self.row.status is InvoiceStatus.CREDIT
        return -self.row.balance if is_open else Money(0, self.row.balance.currency)

    @property
    def can_go_back(self) -> bool:
        """Tell whether there is money of it to be refunded."""
        return bool(self.credit_left) or self.paid.amount_minor > 0


class IncomingLine(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of an invoice from the hospital's system; amounts in the invoice's minor unit.

    ``total_minor`` is what the line comes to with tax; ``tax_minor`` is the tax in it.
    """

    description: str
    quantity_milli: int
    unit_price_minor: int
    tax_basis_points: int
    tax_minor: int
    total_minor: int


class IncomingInvoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An invoice from the hospital's system; ``record_number`` names the patient.

    What of the patient is left out (``UNSET``) stays as it is known; None, or an empty text, takes it away.
    """

    number: str
    record_number: str
    patient_name: str
    born: date | msgspec.UnsetType | None = msgspec.UNSET
    phone: str | msgspec.UnsetType | None = msgspec.UNSET
    email: str | msgspec.UnsetType | None = msgspec.UNSET
    department: str
    currency: str
    issued_on: date
    due_on: date
    insurer: str = ""
    insurer_share_minor: int = 0
    cancelled: bool = False
    lines: tuple[IncomingLine, ...] = ()
