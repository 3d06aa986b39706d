"""What windows order and see of refunds: immutable values."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from cashier.books.refund import ReasonCode, RefundOrigin, RefundReason, RefundState
from cashier.language import NOTHING, Message
from cashier.money import Money
from cashier.patients.identity import PatientIdentity
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender


@dataclass(frozen=True, kw_only=True)
class RefundRequest:
    """What somebody wants to go back. ``reopens``: a mistake is corrected, and the money is owed again.

    ``refund_id`` is made by the window when the dialog opens: a repeated Enter repeats the same request.
    ``invoice_id`` is the invoice off which the money comes; None: first what no invoice took, then the newest one.
    ``reason_code`` is one of ``REASONS``. ``instead_of`` is the failed card refund in whose place cash is given.
    With a ``credit_note_id`` it is credit of that note: then ``payment_id``, for what is taken off, is new as well.
    """

    refund_id: uuid.UUID
    payment_id: uuid.UUID
    amount: Money
    reason: RefundReason
    note: str
    reopens: bool
    reason_code: ReasonCode | None = None
    invoice_id: int | None = None
    instead_of: uuid.UUID | None = None
    credit_note_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepUp:
    """Name and PIN of who approves at a desk where somebody else is signed in. The PIN is never shown."""

    name: str
    pin: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class FailedRefund:
    """A card refund that failed, for which cash can be given instead."""

    refund_id: uuid.UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Refundable:
    """A paid payment, and what of it can go back: ``left``, by ``way``. ``obstacle`` says why nothing can.

    Credit of a note has no payment yet: ``payment_id`` is for the one that is made when it is asked for. Where there
    is no receipt, ``receipt_number`` is the number of the credit note.
    """

    payment_id: uuid.UUID
    amount: Money
    left: Money
    way: RefundWay
    tender: Tender
    card_brand: str | None
    card_last_four: str | None
    settled_at: datetime
    receipt_number: str
    obstacle: Message = NOTHING
    failed: tuple[FailedRefund, ...] = ()
    credit_note_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class RefundOffer:
    """What can go back of an invoice, or of one payment (``invoice_id`` is None), the newest payment first."""

    patient: PatientIdentity
    invoice_id: int | None
    invoice_number: str
    currency: str
    payments: tuple[Refundable, ...]
    credit_note_id: int | None = None

    @property
    def left(self) -> Money:
        """What can go back altogether."""
        return Money(sum(each.left.amount_minor for each in self.payments), self.currency)

    def spread(self, amount: Money) -> dict[uuid.UUID, Money]:
        """Propose from which payments ``amount`` comes: the newest first; more than there is, is left out."""
        found: dict[uuid.UUID, Money] = {}
        wanted = amount.amount_minor
        for each in self.payments:
            takes = min(wanted, each.left.amount_minor)
            if takes > 0:
                found[each.payment_id] = Money(takes, self.currency)
                wanted -= takes
        return found


@dataclass(frozen=True, kw_only=True)
class RefundShare:
    """So much of a refund comes off what this invoice was paid."""

    invoice_id: int
    invoice_number: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class RefundView:
    """One refund as it stands. ``loose`` comes from the patient's account, ``shares`` from invoices.

    ``requester`` and ``decider`` are names, for showing; ``turned_down`` is why it was rejected. ``by_rule``: nobody
    looked at it, for the decider's rule lets a client of the API refund so much by itself. ``trouble`` says why
    we may not know how it really stands.
    """

    id: uuid.UUID
    payment_id: uuid.UUID
    amount: Money
    rounding: Money
    state: RefundState
    reason: RefundReason
    hospital_reason: Message
    note: Message
    way: RefundWay
    reopens: bool
    origin: RefundOrigin
    desk: str
    desk_id: int | None
    requested_by: int | None
    requester: str
    requested_at: datetime
    expires_at: datetime | None
    decided_by: int | None
    decider: str
    decided_at: datetime | None
    by_rule: bool
    turned_down: Message
    stripe_refund_id: str | None
    reference: str
    instead_of: uuid.UUID | None
    failure: str | None
    contradiction: Message | None
    shares: tuple[RefundShare, ...]
    patient_name: str
    record_number: str
    born: date | None
    paid: Money
    paid_at: datetime | None
    tender: Tender
    card_brand: str | None
    card_last_four: str | None
    receipt_id: int | None
    receipt_number: str | None
    trouble: Message | None = None

    @property
    def patient(self) -> PatientIdentity:
        """Whose it is."""
        return PatientIdentity(name=self.patient_name, record_number=self.record_number, born=self.born)

    @property
    def loose(self) -> Money:
        """What of it comes from the patient's account."""
        return self.amount - Money(sum(share.amount.amount_minor for share in self.shares), self.amount.currency)

    @property
    def given_in_cash(self) -> Money:
        """What leaves the drawer for it."""
        return self.amount + self.rounding

    @property
    def is_to_be_transferred(self) -> bool:
        """Tell whether the hospital's bank has to be told to send it."""
        return self.state is RefundState.APPROVED and self.way is RefundWay.BANK_TRANSFER

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing more is expected of anybody; what succeeded may still fail days later."""
        return self.state in (RefundState.REJECTED, RefundState.EXPIRED, RefundState.SUCCEEDED, RefundState.FAILED)


def sum_of(views: Sequence[RefundView]) -> Money:
    """Add up refunds of one currency."""
    return Money(sum(view.amount.amount_minor for view in views), views[0].amount.currency)
