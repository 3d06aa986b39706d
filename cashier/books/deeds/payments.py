"""Deeds about payments, what is done with their money, and who looks at them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, TypedDict

from cashier.books.deeds.deed import Deed, DeedKind, Subject

PaymentMove: TypeAlias = Literal[
    DeedKind.PAYMENT_OPEN, DeedKind.PAYMENT_PROCESSING, DeedKind.PAYMENT_PAID, DeedKind.PAYMENT_CANCELLED
]
EveryDesk: TypeAlias = Literal["every desk"]


class OfPayment(TypedDict):
    """What every deed about what Stripe told says of the payment; ``intent`` and ``session`` are Stripe's ids."""

    payment: uuid.UUID
    amount_minor: int
    currency: str
    intent: str | None
    session: str | None
    decline: str | None
    unallocated_minor: int


@dataclass(frozen=True, kw_only=True)
class PaymentPrepared(Deed):
    """A payment was begun. ``invoices`` are their keys; ``deposit_minor`` is meant for the patient's account.

    ``is_anchored``: where it goes to Stripe, number and hash of this entry go with it. They do not where an older
    program began it, so that a repeated request is the same to the letter.
    """

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: Literal[DeedKind.PAYMENT_PREPARED] = DeedKind.PAYMENT_PREPARED
    payment: uuid.UUID
    amount_minor: int
    currency: str
    tender: str
    invoices: tuple[int, ...]
    deposit_minor: int
    is_anchored: bool = True


@dataclass(frozen=True, kw_only=True)
class _AsLearned(Deed):
    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    payment: uuid.UUID
    amount_minor: int
    currency: str
    intent: str | None
    session: str | None
    decline: str | None
    unallocated_minor: int


@dataclass(frozen=True, kw_only=True)
class PaymentMoved(_AsLearned):
    """A payment came into another state."""

    kind: PaymentMove


@dataclass(frozen=True, kw_only=True)
class PaymentContradicted(_AsLearned):
    """Stripe told something that cannot be true together with our books; ``standing`` is Stripe's state."""

    kind: Literal[DeedKind.PAYMENT_CONTRADICTED] = DeedKind.PAYMENT_CONTRADICTED
    standing: str


@dataclass(frozen=True, kw_only=True)
class OtherAmountPaid(Deed):
    """More or less was paid than was asked for, such as a tip; ``paid_minor`` is what counts."""

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: Literal[DeedKind.OTHER_AMOUNT_PAID] = DeedKind.OTHER_AMOUNT_PAID
    payment: uuid.UUID
    asked_minor: int
    paid_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class PaymentTakenOver(Deed):
    """Another desk ended a payment, to take its invoices."""

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: Literal[DeedKind.PAYMENT_TAKEN_OVER] = DeedKind.PAYMENT_TAKEN_OVER
    payment: uuid.UUID


@dataclass(frozen=True, kw_only=True)
class TakenAllTheSame(Deed):
    """A payment was begun although it was asked again; ``doubts`` are what about, by why (``DoubtCode``)."""

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: Literal[DeedKind.DONE_ALL_THE_SAME] = DeedKind.DONE_ALL_THE_SAME
    payment: uuid.UUID
    doubts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class DepositUsed(Deed):
    """Money of the patient's account was used for an invoice; ``payments`` it came with."""

    SUBJECT: ClassVar = Subject.PATIENT
    KEY: ClassVar = "patient"

    kind: Literal[DeedKind.DEPOSIT_USED] = DeedKind.DEPOSIT_USED
    patient: int
    use: uuid.UUID
    invoice: str
    payments: Sequence[str]
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class CreditReceived(Deed):
    """The hospital's system gave a patient credit by the credit note ``note``, or changed how much.

    ``amount_minor`` is what it comes to now, 0 where it was withdrawn; ``before_minor`` what it came to until then.
    """

    SUBJECT: ClassVar = Subject.PATIENT
    KEY: ClassVar = "patient"

    kind: Literal[DeedKind.CREDIT_RECEIVED] = DeedKind.CREDIT_RECEIVED
    patient: int
    note: str
    before_minor: int
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class _OfCredit(Deed):
    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    payment: uuid.UUID
    note: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class CreditTaken(_OfCredit):
    """So much credit of a note is used: it is on the patient's account as the payment that is named."""

    kind: Literal[DeedKind.CREDIT_TAKEN] = DeedKind.CREDIT_TAKEN


@dataclass(frozen=True, kw_only=True)
class CreditPutBack(_OfCredit):
    """So much of it was not used after all, and is left of the note again."""

    kind: Literal[DeedKind.CREDIT_PUT_BACK] = DeedKind.CREDIT_PUT_BACK


@dataclass(frozen=True, kw_only=True)
class PaymentsViewed(Deed):
    """Somebody opened the payments of a patient."""

    SUBJECT: ClassVar = Subject.PATIENT
    KEY: ClassVar = "patient"

    kind: Literal[DeedKind.PAYMENTS_VIEWED] = DeedKind.PAYMENTS_VIEWED
    patient: int


@dataclass(frozen=True, kw_only=True)
class PatientPaymentsExported(Deed):
    """Somebody wrote a patient's payments to a file."""

    SUBJECT: ClassVar = Subject.PATIENT
    KEY: ClassVar = "patient"

    kind: Literal[DeedKind.PAYMENTS_EXPORTED] = DeedKind.PAYMENTS_EXPORTED
    patient: int
    rows: int
    file: str
    filters: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class DeskPaymentsExported(Deed):
    """Somebody wrote the payments of a desk, or of every desk, to a file."""

    SUBJECT: ClassVar = Subject.DESK
    KEY: ClassVar = "desk"

    kind: Literal[DeedKind.PAYMENTS_EXPORTED] = DeedKind.PAYMENTS_EXPORTED
    desk: int | EveryDesk
    rows: int
    file: str
    filters: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class PaymentLinkMade(Deed):
    """A link to the page of an invoice (its key) was made, which holds until ``expires_at`` (UTC, ISO 8601)."""

    SUBJECT: ClassVar = Subject.PAYMENT_LINK
    KEY: ClassVar = "link"

    kind: Literal[DeedKind.PAYMENT_LINK_MADE] = DeedKind.PAYMENT_LINK_MADE
    link: uuid.UUID
    invoice: int
    taken_by: str
    expires_at: str


@dataclass(frozen=True, kw_only=True)
class PaymentLinkEnded(Deed):
    """A link was ended before its time: nothing can be begun by it any more."""

    SUBJECT: ClassVar = Subject.PAYMENT_LINK
    KEY: ClassVar = "link"

    kind: Literal[DeedKind.PAYMENT_LINK_ENDED] = DeedKind.PAYMENT_LINK_ENDED
    link: uuid.UUID
    invoice: int
