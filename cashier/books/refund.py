"""A refund and its states. People decide, Stripe or the cash desk settles: each has its verb, nothing else writes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from cashier.books.contradiction import ContradictionCode, Disagreement, MayContradict
from cashier.books.from_stripe.refund_report import RefundReport, RefundStanding
from cashier.books.payment import REFERENCE_LENGTH_MAX
from cashier.books.staff import Role
from cashier.database import Base, UtcDateTime, enum_column
from cashier.language import m
from cashier.money import Money
from cashier.tenders.refund_way import RefundWay


class RefundState(StrEnum):
    """Where a refund stands, from our side."""

    REQUESTED = "requested"
    """Somebody asked for it; nobody decided yet."""
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Nobody decided in time."""
    APPROVED = "approved"
    """Decided here; Stripe may not have heard."""
    PENDING = "pending"
    """Stripe accepted it; the money is under way."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """The money came back to the hospital's balance, perhaps days after it had gone."""

    @property
    def takes_money(self) -> bool:
        """Tell whether the refund counts against what is left of its payment."""
        return self not in (RefundState.REJECTED, RefundState.EXPIRED, RefundState.FAILED)

    @property
    def has_effect(self) -> bool:
        """Tell whether the refund's money has left the invoices."""
        return self in (RefundState.PENDING, RefundState.SUCCEEDED)


class RefundReason(StrEnum):
    """Why money goes back; the values are Stripe's own words for it."""

    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    REQUESTED_BY_CUSTOMER = "requested_by_customer"


class ReasonCode(StrEnum):
    """Why money goes back, as the hospital sees it; none of them says anything about health."""

    PAID_TWICE = "paid_twice"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_INVOICE = "wrong_invoice"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    SERVICE_NOT_GIVEN = "service_not_given"
    INSURER_PAYS = "insurer_pays"
    PRICE_CORRECTED = "price_corrected"
    DEPOSIT_NOT_USED = "deposit_not_used"
    CARD_MISUSED = "card_misused"
    OTHER = "other"


class RefundOrigin(StrEnum):
    """Where a refund was made: at a desk of ours, or by somebody in Stripe's dashboard."""

    DESK = "desk"
    STRIPE = "stripe"


_STATE_OF: Mapping[RefundStanding, RefundState] = {
    RefundStanding.PENDING: RefundState.PENDING,
    RefundStanding.SUCCEEDED: RefundState.SUCCEEDED,
    RefundStanding.FAILED: RefundState.FAILED,
}

_DECISIONS = frozenset({RefundState.APPROVED, RefundState.REJECTED, RefundState.EXPIRED})

_MOVES: Mapping[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: frozenset(),
    RefundState.REJECTED: frozenset(),
    RefundState.EXPIRED: frozenset(),
    RefundState.APPROVED: frozenset({RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED}),
    RefundState.PENDING: frozenset({RefundState.SUCCEEDED, RefundState.FAILED}),
    # A bank can send money back days after the refund succeeded: https://docs.stripe.com/refunds#failed-refunds
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    # Money that went although we had given the refund up has gone all the same.
    RefundState.FAILED: frozenset({RefundState.PENDING, RefundState.SUCCEEDED}),
}


REFUND_UNCONFIRMED = "confirmed_at IS NULL AND state = 'succeeded' AND way = 'card'"
"""What Stripe has still to confirm, as SQL, in the words of its index."""


def _where(name: str, column: str, condition: str, *, unique: bool = False) -> sa.Index:
    """Index only the rows that meet ``condition``."""
    where = sa.text(condition)
    return sa.Index(name, column, unique=unique, sqlite_where=where, postgresql_where=where)


class Refund(MayContradict, Base):
    """Money going back. ``id`` is made before Stripe hears of it and is the key of the call.

    ``reason_code`` is the hospital's own, beside Stripe's ``reason``; ``hospital_reason`` are its words at the time,
    for the release before and where the code is not known. ``turned_down`` is why it was rejected, empty where a
    request was taken back without a word. A request that nobody decides until
    ``expires_at`` has lapsed. ``instead_of`` names the failed card refund in whose place cash is given. Of cash,
    ``amount_minor + rounding_minor`` leaves the drawer, because small coins may be missing.

    What was asked for (payment, amount, way) is written once: an approval is bound to it. With ``rule_client_id``
    nobody looked at it: it was within what ``decided_by`` lets that client of the API refund by itself.
    ``confirmed_at`` is when somebody who is no desk asked Stripe whether it went back so, and it did.
    """

    __tablename__ = "refund"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    reason: Mapped[RefundReason] = mapped_column(enum_column(RefundReason))
    hospital_reason: Mapped[str] = mapped_column(sa.String(80), default="")
    reason_code: Mapped[str | None] = mapped_column(sa.String(32))
    note: Mapped[str] = mapped_column(sa.String(400))
    way: Mapped[RefundWay] = mapped_column(enum_column(RefundWay), default=RefundWay.CARD)
    rounding_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    instead_of: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("refund.id"))
    shift_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shift.id"), index=True)
    reference: Mapped[str] = mapped_column(sa.String(REFERENCE_LENGTH_MAX), default="")
    reopens: Mapped[bool] = mapped_column(sa.Boolean(name="reopens"))
    origin: Mapped[RefundOrigin] = mapped_column(enum_column(RefundOrigin))
    state: Mapped[RefundState] = mapped_column(enum_column(RefundState))
    requested_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    desk_id: Mapped[int | None] = mapped_column(sa.ForeignKey("desk.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_desk_id: Mapped[int | None] = mapped_column(sa.ForeignKey("desk.id"))
    rule_client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("client_refund_limit.client_id"))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stripe_refund_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failure: Mapped[str | None] = mapped_column(sa.String(64))
    turned_down: Mapped[str | None] = mapped_column(sa.String(400))

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> requested_by", name="two_people"),
        sa.CheckConstraint(
            "origin = 'stripe' OR state IN ('requested', 'rejected', 'expired') OR decided_by IS NOT NULL",
            name="approved",
        ),
        sa.CheckConstraint("way = 'card' OR stripe_refund_id IS NULL", name="stripe_refunds_cards"),
        sa.CheckConstraint(
            "way <> 'cash' OR state <> 'succeeded' OR shift_id IS NOT NULL", name="cash_leaves_a_drawer"
        ),
        sa.CheckConstraint("way = 'cash' OR rounding_minor = 0", name="cash_rounded"),
        sa.CheckConstraint(
            "rule_client_id IS NULL OR way = 'card' AND decided_by IS NOT NULL AND decided_desk_id IS NULL",
            name="by_rule_to_cards",
        ),
        # A request that was turned down may be made again; cash is given once.
        _where("uq_refund_instead_of", "instead_of", "state NOT IN ('rejected', 'expired', 'failed')", unique=True),
        _where("ix_refund_rule", "rule_client_id", "rule_client_id IS NOT NULL"),
        _where("ix_refund_unfinished", "requested_at", "state IN ('requested', 'approved', 'pending')"),
        _where("ix_refund_unconfirmed", "requested_at", REFUND_UNCONFIRMED),
    )

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)

    @property
    def given_in_cash(self) -> Money:
        """What leaves the drawer for it."""
        return Money(self.amount_minor + self.rounding_minor, self.currency)

    def has_lapsed(self, moment: datetime) -> bool:
        """Tell whether nobody has decided in time."""
        return self.state is RefundState.REQUESTED and self.expires_at is not None and self.expires_at <= moment

    def decide(self, outcome: RefundState, *, by: int | None, desk_id: int | None, at: datetime) -> None:
        """End the waiting of a request: approved, rejected, or expired, which is nobody's decision."""
        if self.state is not RefundState.REQUESTED or outcome not in _DECISIONS:
            raise ValueError(f"{self.state} cannot become {outcome} by a decision")
        self.state, self.decided_by, self.decided_desk_id, self.decided_at = outcome, by, desk_id, at

    def approve_by_rule(self, *, client_id: int, set_by: int, at: datetime) -> None:
        """Approve a request of a client's within the rule that an administrator, ``set_by``, made for it."""
        self.decide(RefundState.APPROVED, by=set_by, desk_id=None, at=at)
        self.rule_client_id = client_id

    def settle_here(self, *, shift_id: int | None = None, reference: str = "") -> None:
        """The money has left an open drawer, or the hospital's bank account: Stripe has no part in it."""
        if self.state is not RefundState.APPROVED or self.way is RefundWay.CARD:
            raise ValueError(f"a {self.state} refund by {self.way} is not settled here")
        self.state, self.shift_id, self.reference = RefundState.SUCCEEDED, shift_id, reference

    def give_up(self, failure: str) -> None:
        """No money moved and none will: Stripe refuses to make it, or the transfer cannot be made."""
        if self.state is not RefundState.APPROVED:
            raise ValueError(f"a {self.state} refund is not given up")
        self.state, self.failure = RefundState.FAILED, failure[:64]

    def learn(self, report: RefundReport) -> bool:
        """Take over what Stripe says; return True when the state moved.

        A late report changes nothing, but for money that went although the refund was given up before Stripe had
        heard of it: that is refunded, and ``contradiction`` says so. Raises ``Disagreement`` when another
        amount went back; nothing is changed then.
        """
        target = _STATE_OF[report.standing]
        if report.amount != self.amount:
            raise Disagreement(
                ContradictionCode.OTHER_AMOUNT_REFUNDED,
                told=report.amount,
                asked=self.amount,
                advice=m("A supervisor has to compare it with Stripe's dashboard."),
            )
        if self.stripe_refund_id not in (None, report.stripe_id):
            raise Disagreement(ContradictionCode.TWO_AT_STRIPE)
        if target not in _MOVES[self.state]:
            return False
        if self.state is RefundState.FAILED:
            if self.stripe_refund_id is not None:
                return False
            self.keep_contradiction(Disagreement(ContradictionCode.REFUNDED_AFTER_FAILED))
        self.stripe_refund_id = report.stripe_id
        self.failure = report.failure
        self.state = target
        return True


class ApprovalLimit(Base):
    """What somebody of a role may approve: amounts in minor units of the hospital's currency; None: no limit."""

    __tablename__ = "approval_limit"

    role: Mapped[Role] = mapped_column(enum_column(Role), primary_key=True)
    amount_minor_max: Mapped[int | None] = mapped_column(sa.BigInteger)
    day_total_minor_max: Mapped[int | None] = mapped_column(sa.BigInteger)
    payment_age_days_max: Mapped[int | None]


class RefundItem(Base):
    """How a refund is spread: so much of it comes off what this invoice was paid."""

    __tablename__ = "refund_item"

    refund_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("refund.id"), primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), primary_key=True)
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)

    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount_positive"),)
