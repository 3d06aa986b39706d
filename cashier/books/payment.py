"""A payment and its states. ``Payment.learn`` is the only writer of the state."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cashier.books.contradiction import ContradictionCode, Disagreement, MayContradict
from cashier.books.from_stripe.payment_report import PaymentReport, Standing
from cashier.books.invoice import Invoice
from cashier.clock import now
from cashier.database import Base, BigId, UtcDateTime, enum_column, one_of
from cashier.language import m
from cashier.money import Money
from cashier.tenders.methods import CARD, other_method
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import AT_STRIPE_TENDERS, CASH_TENDERS, READER_TENDERS, Tender


class PaymentState(StrEnum):
    """Where a payment stands, from our side."""

    PREPARED = "prepared"
    """Saved here; Stripe may not have heard."""
    OPEN = "open"
    """Stripe waits for the patient, perhaps after a decline."""
    PROCESSING = "processing"
    """The patient is done; the bank is not."""
    PAID = "paid"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Tell whether nothing more is expected."""
        return self in (PaymentState.PAID, PaymentState.CANCELLED)


_STATE_OF: Mapping[Standing, PaymentState] = {
    Standing.OPEN: PaymentState.OPEN,
    Standing.PROCESSING: PaymentState.PROCESSING,
    Standing.PAID: PaymentState.PAID,
    Standing.CANCELLED: PaymentState.CANCELLED,
}

_MOVES: Mapping[PaymentState, frozenset[PaymentState]] = {
    PaymentState.PREPARED: frozenset(
        {PaymentState.OPEN, PaymentState.PROCESSING, PaymentState.PAID, PaymentState.CANCELLED}
    ),
    PaymentState.OPEN: frozenset({PaymentState.PROCESSING, PaymentState.PAID, PaymentState.CANCELLED}),
    PaymentState.PROCESSING: frozenset({PaymentState.OPEN, PaymentState.PAID, PaymentState.CANCELLED}),
    PaymentState.PAID: frozenset(),
    # Money that came although we had given the payment up is money all the same.
    PaymentState.CANCELLED: frozenset({PaymentState.PAID}),
}

_ADVICE = m("A supervisor has to compare it with Stripe's dashboard.")

METHODS_LENGTH_MAX = 200
REFERENCE_LENGTH_MAX = 80
"""How long the number may be by which money is found at the bank."""
_IS_CASH = one_of("tender", CASH_TENDERS)
_IS_ON_READER = one_of("tender", READER_TENDERS)
PAYMENT_UNCONFIRMED = f"confirmed_at IS NULL AND state = 'paid' AND {one_of('tender', AT_STRIPE_TENDERS)}"
"""What Stripe has still to confirm, as SQL, in the words of its index."""


class Payment(MayContradict, Base):
    """One attempt to pay. ``id`` is made before Stripe hears of it and is the key of every call for it.

    ``return_base`` is kept because a repeated call has to be the same to the letter, whoever repeats it.
    ``settlement_id`` is shared by the payments that settle the same bill by several tenders. ``deposit_minor`` is
    the part that is meant for the patient's account instead of an invoice. ``shift_id`` is the shift in which it was
    begun, whose drawer has its cash. Of cash, ``tendered_minor`` is what was handed over and ``rounding_minor`` what
    is taken more (or less) where small coins are missing, so the change is tendered - amount - rounding.
    ``reference_key`` is the reference as it is compared: the same cheque is found however it was written.
    With ``saves_card`` the payer agreed, before Stripe heard of it, that the card is kept.
    By the tender of credit notes no money comes: it is credit that was taken off the note which its item names.
    ``taken_over_by`` and ``taken_over_desk_id`` say who ended it from elsewhere, to take its invoices.

    ``methods`` are what Stripe's page may offer, with commas: saved, because the call is repeated to the letter.
    Of what was paid without a card, ``card_brand`` is the method (``tenders/methods.py``) and ``card_last_four`` the
    end of the account's number. A payment that the bank has still to decide is pending since, and about until.
    ``amount_minor`` is what came, once it is paid; ``asked_minor`` what was asked for, where that was something else.
    ``confirmed_at`` is when somebody who is no desk asked Stripe whether it was paid so, and it was.
    """

    __tablename__ = "payment"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    desk_id: Mapped[int] = mapped_column(sa.ForeignKey("desk.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    tender: Mapped[Tender] = mapped_column(enum_column(Tender))
    saved_card_id: Mapped[int | None] = mapped_column(sa.ForeignKey("saved_card.id"))
    reader_id: Mapped[int | None] = mapped_column(sa.ForeignKey("card_reader.id"))
    shift_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shift.id"), index=True)
    settlement_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, index=True)
    state: Mapped[PaymentState] = mapped_column(enum_column(PaymentState))
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    deposit_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    unallocated_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    tendered_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    rounding_minor: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    reference: Mapped[str] = mapped_column(sa.String(REFERENCE_LENGTH_MAX), default="")
    reference_key: Mapped[str] = mapped_column(sa.String(REFERENCE_LENGTH_MAX), default="", server_default="")
    currency: Mapped[str] = mapped_column(sa.String(3))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    return_base: Mapped[str] = mapped_column(sa.String(200))
    saves_card: Mapped[bool] = mapped_column(sa.Boolean(name="saves_card"), default=False, server_default=sa.false())
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stripe_session_id: Mapped[str | None] = mapped_column(sa.String(96), unique=True)
    stripe_intent_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    stripe_charge_id: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    decline_code: Mapped[str | None] = mapped_column(sa.String(64))
    card_brand: Mapped[str | None] = mapped_column(sa.String(24))
    card_last_four: Mapped[str | None] = mapped_column(sa.String(4))
    methods: Mapped[str] = mapped_column(sa.String(METHODS_LENGTH_MAX), default=CARD, server_default=CARD)
    pending_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pending_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_minor: Mapped[int | None] = mapped_column(sa.BigInteger)
    taken_over_by: Mapped[int | None] = mapped_column(sa.ForeignKey("staff.id"))
    taken_over_desk_id: Mapped[int | None] = mapped_column(sa.ForeignKey("desk.id"))

    items: Mapped[list[PaymentItem]] = relationship(lazy="raise", order_by="PaymentItem.invoice_id")

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.CheckConstraint("unallocated_minor >= 0", name="unallocated_not_negative"),
        sa.CheckConstraint(
            "deposit_minor >= 0 AND deposit_minor <= COALESCE(asked_minor, amount_minor)",
            name="deposit_within_amount",
        ),
        sa.CheckConstraint("asked_minor <> amount_minor", name="asked_otherwise"),
        sa.CheckConstraint("pending_until IS NULL OR pending_since IS NOT NULL", name="pending_since_when"),
        sa.CheckConstraint(
            "tendered_minor IS NULL OR tendered_minor >= amount_minor + rounding_minor", name="tendered_covers"
        ),
        sa.CheckConstraint(f"({_IS_CASH}) = (tendered_minor IS NOT NULL)", name="cash_tendered"),
        sa.CheckConstraint(f"{_IS_CASH} OR rounding_minor = 0", name="cash_rounded"),
        sa.CheckConstraint(f"({_IS_ON_READER}) = (reader_id IS NOT NULL)", name="reader_named"),
        # What a desk took, newest first, and what a patient paid: the payment history.
        sa.Index("ix_payment_desk_id_created_at", "desk_id", "created_at"),
        sa.Index("ix_payment_created_at", "created_at"),
        sa.Index(
            "ix_payment_reference",
            "reference",
            sqlite_where=sa.text("reference <> ''"),
            postgresql_where=sa.text("reference <> ''"),
        ),
        sa.Index(
            "ix_payment_reference_key",
            "reference_key",
            sqlite_where=sa.text("reference_key <> ''"),
            postgresql_where=sa.text("reference_key <> ''"),
        ),
        sa.CheckConstraint("(state = 'paid') = (settled_at IS NOT NULL)", name="settled_when_paid"),
        sa.Index(
            "ix_payment_unfinished",
            "created_at",
            sqlite_where=sa.text("state NOT IN ('paid', 'cancelled')"),
            postgresql_where=sa.text("state NOT IN ('paid', 'cancelled')"),
        ),
        sa.Index(
            "ix_payment_unconfirmed",
            "created_at",
            sqlite_where=sa.text(PAYMENT_UNCONFIRMED),
            postgresql_where=sa.text(PAYMENT_UNCONFIRMED),
        ),
    )

    @property
    def was_opened(self) -> bool:
        """Tell whether we know what it is called at Stripe."""
        return self.stripe_session_id is not None or self.stripe_intent_id is not None

    @property
    def amount(self) -> Money:
        """What is to be paid, and once it is paid, what came."""
        return Money(self.amount_minor, self.currency)

    @property
    def way_back(self) -> RefundWay:
        """How money of it goes back: as its tender has it, or as what was chosen on Stripe's page has it."""
        method, way = other_method(self.card_brand), self.tender.row.way_back
        return way if method is None or way is not RefundWay.CARD else method.way_back

    @property
    def asked(self) -> Money:
        """What was asked for."""
        return Money(self.amount_minor if self.asked_minor is None else self.asked_minor, self.currency)

    def is_like(self, invoice: Invoice) -> bool:
        """Tell whether its money may count towards ``invoice``: the same patient's, in the same currency."""
        return (self.patient_id, self.currency) == (invoice.patient_id, invoice.currency)

    def count_towards(
        self, invoice: Invoice, amount_minor: int, *, at: datetime, deposit_use_id: uuid.UUID | None = None
    ) -> Allocation:
        """Count so much of it towards ``invoice`` (locked), or take so much off again where it is less than nothing.

        The only way by which money comes to an invoice or leaves it, and credit a credit note. Raises ``ValueError``
        for another patient's invoice or another currency: money is never given to what it was not paid for.
        """
        if (amount_minor > 0 or invoice.is_credit_note) and not self.is_like(invoice):
            raise ValueError("money counts only towards invoices of its own patient and currency")
        invoice.paid_minor += amount_minor
        invoice.keep_balance()
        return Allocation(
            payment_id=self.id,
            invoice_id=invoice.id,
            deposit_use_id=deposit_use_id,
            amount_minor=amount_minor,
            currency=self.currency,
            at=at,
        )

    def learn(self, report: PaymentReport) -> bool:
        """Take over what Stripe says; return True when the state moved.

        A late report changes nothing, but for money that came after the payment was given up: that is paid,
        and ``contradiction`` says so. Where more or less came than was asked for, what came counts. Raises
        ``Disagreement`` when the report cannot be true together with a paid payment, or when nothing came, or another
        currency; nothing is changed then.
        """
        target = _STATE_OF[report.standing]
        if self.state is PaymentState.PAID and target is PaymentState.CANCELLED:
            raise Disagreement(ContradictionCode.CANCELLED_AFTER_PAID, advice=_ADVICE)
        if target is PaymentState.PAID and not self._may_have_come(report.received):
            told = report.received or Money(0, self.currency)
            raise Disagreement(ContradictionCode.OTHER_AMOUNT_CHARGED, told=told, asked=self.asked, advice=_ADVICE)
        if self.state.is_final and target not in _MOVES[self.state]:
            return False
        if self.state is PaymentState.CANCELLED:
            self.keep_contradiction(Disagreement(ContradictionCode.PAID_AFTER_CANCELLED))
        self._keep_facts(report)
        if target not in _MOVES[self.state]:
            return False
        self.state = target
        if target is PaymentState.PAID:
            self._keep_received(report.received or self.amount)
        elif target is PaymentState.PROCESSING:
            self.pending_since = now()
            self.pending_until = report.pending_until
        return True

    def _may_have_come(self, received: Money | None) -> bool:
        """Tell whether so much can be what this payment brought: settled, it is what it was settled with."""
        if self.state is PaymentState.PAID or self.tender.row.is_taken_here:
            return received == self.amount
        return received is not None and received.currency == self.currency and received.amount_minor > 0

    def _keep_received(self, received: Money) -> None:
        if received != self.amount:
            self.asked_minor, self.amount_minor = self.amount_minor, received.amount_minor
        self.settled_at = now()

    def _keep_facts(self, report: PaymentReport) -> None:
        self.stripe_session_id = report.session_id or self.stripe_session_id
        self.stripe_intent_id = report.intent_id or self.stripe_intent_id
        self.stripe_charge_id = report.charge_id or self.stripe_charge_id
        self.decline_code = report.decline_code
        if report.card is not None:
            self.card_brand, self.card_last_four = report.card.brand, report.card.last_four


class PaymentItem(Base):
    """What a payment is meant for: so much of this invoice. Kept whatever becomes of the payment."""

    __tablename__ = "payment_item"

    payment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("payment.id"), primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), primary_key=True)
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)

    __table_args__ = (
        sa.CheckConstraint("amount_minor > 0", name="amount_positive"),
        sa.Index("ix_payment_item_invoice_id", "invoice_id"),
    )


class InvoiceHold(Base):
    """The one open attempt of an invoice, across all desks; the key is the invoice. Gone when it ends."""

    __tablename__ = "invoice_hold"

    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), primary_key=True, autoincrement=False)
    payment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class DepositUse(Base):
    """Money of a patient's account that was used for an invoice. ``id`` is made by the window: once is once."""

    __tablename__ = "deposit_use"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    desk_id: Mapped[int] = mapped_column(sa.ForeignKey("desk.id"))
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.CheckConstraint("amount_minor > 0", name="amount_positive"),)


class Allocation(Base):
    """Money of a settled payment that counts towards an invoice. Only added, never changed.

    ``deposit_use_id`` is set where it had been on the patient's account before.
    """

    __tablename__ = "allocation"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("payment.id"), index=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), index=True)
    deposit_use_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("deposit_use.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(sa.BigInteger)
    currency: Mapped[str] = mapped_column(sa.String(3))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (sa.CheckConstraint("amount_minor <> 0", name="amount_not_zero"),)


class PaymentLink(Base):
    """One link to the page of one invoice. Of its secret only a digest is kept (SHA-256, hexadecimal).

    It holds until ``expires_at``, or until somebody ends it (``ended_at``). What comes by it is taken by its client
    of the API; those payments settle one bill together: ``id`` is their ``settlement_id``. ``opened_times`` counts
    how often its page was shown.
    """

    __tablename__ = "payment_link"

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invoice_id: Mapped[int] = mapped_column(sa.ForeignKey("invoice.id"), index=True)
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("api_client.id"))
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_times: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (sa.CheckConstraint("expires_at > created_at", name="expires_later"),)

    def holds_at(self, moment: datetime) -> bool:
        """Tell whether something can be begun by it."""
        return self.ended_at is None and moment < self.expires_at
