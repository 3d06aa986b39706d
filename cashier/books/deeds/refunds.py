"""Deeds about refunds, from the request to the money that is back, and about who may approve how much."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, TypedDict

from cashier.books.deeds.deed import Deed, DeedKind, Subject

RefundMove: TypeAlias = Literal[
    DeedKind.REFUND_EXPIRED,
    DeedKind.REFUND_ADOPTED,
    DeedKind.REFUND_PENDING,
    DeedKind.REFUND_SUCCEEDED,
    DeedKind.REFUND_FAILED,
    DeedKind.REFUND_CONTRADICTED,
]


class OfRefund(TypedDict):
    """What every deed about a refund says of it."""

    refund: uuid.UUID
    payment: uuid.UUID
    amount_minor: int
    currency: str
    stripe_refund: str | None
    failure: str | None
    way: str


@dataclass(frozen=True, kw_only=True)
class RefundDeed(Deed):
    """Something was done with a refund; ``stripe_refund`` is what Stripe calls it."""

    SUBJECT: ClassVar = Subject.REFUND
    KEY: ClassVar = "refund"

    refund: uuid.UUID
    payment: uuid.UUID
    amount_minor: int
    currency: str
    stripe_refund: str | None
    failure: str | None
    way: str


@dataclass(frozen=True, kw_only=True)
class RefundMoved(RefundDeed):
    """A refund came into another state, and there is no more to say."""

    kind: RefundMove


@dataclass(frozen=True, kw_only=True)
class RefundRequested(RefundDeed):
    """Somebody asked for it; ``reason`` in the hospital's words, or in Stripe's where there are none."""

    kind: Literal[DeedKind.REFUND_REQUESTED] = DeedKind.REFUND_REQUESTED
    reason: str


@dataclass(frozen=True, kw_only=True)
class RefundApproved(RefundDeed):
    """Somebody else approved it; ``reopens`` says whether its invoices are owed again.

    ``is_anchored`` is as in ``PaymentPrepared``.
    """

    kind: Literal[DeedKind.REFUND_APPROVED] = DeedKind.REFUND_APPROVED
    reopens: bool
    is_anchored: bool = True


@dataclass(frozen=True, kw_only=True)
class RefundApprovedByRule(RefundDeed):
    """A client of the API refunds within the rule that the administrator ``set_by`` made: nobody looked at it.

    ``amount_minor_max`` and ``day_total_minor_max`` are the rule, ``day_before_minor`` what it had let pass that day.
    """

    kind: Literal[DeedKind.REFUND_APPROVED_BY_RULE] = DeedKind.REFUND_APPROVED_BY_RULE
    set_by: int
    amount_minor_max: int
    day_total_minor_max: int
    day_before_minor: int
    is_anchored: bool = True


@dataclass(frozen=True, kw_only=True)
class RefundRejected(RefundDeed):
    """Somebody rejected it, or took a request of their own back."""

    kind: Literal[DeedKind.REFUND_REJECTED] = DeedKind.REFUND_REJECTED
    why: str


@dataclass(frozen=True, kw_only=True)
class RefundApprovalRefused(RefundDeed):
    """Somebody wanted to approve it and must not."""

    kind: Literal[DeedKind.REFUND_APPROVAL_REFUSED] = DeedKind.REFUND_APPROVAL_REFUSED
    why: str


@dataclass(frozen=True, kw_only=True)
class RefundUnsendable(RefundDeed):
    """Stripe refuses to make it: no money moved."""

    kind: Literal[DeedKind.REFUND_FAILED] = DeedKind.REFUND_FAILED
    refusal: str


@dataclass(frozen=True, kw_only=True)
class TransferSent(RefundDeed):
    """The hospital's bank sent the money, under this ``reference``."""

    kind: Literal[DeedKind.REFUND_SUCCEEDED] = DeedKind.REFUND_SUCCEEDED
    reference: str


@dataclass(frozen=True, kw_only=True)
class TransferGivenUp(RefundDeed):
    """The hospital's bank cannot send the money: none moved."""

    kind: Literal[DeedKind.REFUND_FAILED] = DeedKind.REFUND_FAILED
    why: str


@dataclass(frozen=True, kw_only=True)
class RefundRequestRefused(Deed):
    """Somebody asked for what cannot go back; it is about the payment, because no refund was made."""

    SUBJECT: ClassVar = Subject.PAYMENT
    KEY: ClassVar = "payment"

    kind: Literal[DeedKind.REFUND_REQUEST_REFUSED] = DeedKind.REFUND_REQUEST_REFUSED
    payment: uuid.UUID
    amount_minor: int
    currency: str
    why: str


@dataclass(frozen=True, kw_only=True)
class ApprovalLimitSet(Deed):
    """Somebody changed what a role may approve; ``before`` is None where there was no limit."""

    SUBJECT: ClassVar = Subject.LIMITS
    KEY: ClassVar = "role"

    kind: Literal[DeedKind.APPROVAL_LIMIT_SET] = DeedKind.APPROVAL_LIMIT_SET
    role: str
    before: Mapping[str, int | None] | None
    after: Mapping[str, int | None]
