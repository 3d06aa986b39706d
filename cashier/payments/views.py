"""What windows order and see of payments: immutable values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from cashier.asked_again.doubt import Doubt
from cashier.books.from_stripe.payment_report import PaymentReport, Standing
from cashier.books.payment import PaymentState
from cashier.channels.declines import DeclineAdvice
from cashier.clock import on_the_clock
from cashier.errors import CashierError, Party, Refused, Unreachable
from cashier.language import Message, dates, m, sentences
from cashier.money import Money
from cashier.tenders.tender import Tender


@dataclass(frozen=True, kw_only=True)
class PaymentShare:
    """So much of this invoice.

    ``agreed_due`` is what was due on it when cashier and patient agreed; None where nobody looked.
    """

    invoice_id: int
    amount: Money
    agreed_due: Money | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentOrder:
    """What a cashier wants: these shares of one patient's invoices, by this tender.

    ``payment_id`` is made by the window when the dialog opens: a repeated Enter repeats the same order.
    ``deposit`` goes to the account of ``patient_id``, beside the shares or alone. ``tendered`` is the cash that was
    handed over, ``reference`` the number on a cheque, transfer or slip, ``reader_id`` the desk's card reader.
    Payments with the same ``settlement_id`` settle the same bill by several tenders. ``saves_card``: away from desks,
    the payer agreed that the card is kept; on Stripe's page they are asked there. ``decided`` are
    the doubts about it that somebody was asked about and decided.
    """

    payment_id: uuid.UUID
    shares: tuple[PaymentShare, ...]
    tender: Tender
    saved_card_id: int | None = None
    reader_id: int | None = None
    settlement_id: uuid.UUID | None = None
    patient_id: int | None = None
    deposit: Money | None = None
    tendered: Money | None = None
    reference: str = ""
    saves_card: bool = False
    decided: frozenset[Doubt] = frozenset()

    @property
    def amount(self) -> Money:
        """The sum of all shares and of the deposit. Raises ``Refused`` without any, or with two currencies."""
        amounts = [share.amount for share in self.shares] + ([self.deposit] if self.deposit is not None else [])
        if not amounts:
            raise Refused(m("Nothing was chosen to pay."), advice=m("Choose an invoice first."))
        if len({amount.currency for amount in amounts}) > 1:
            raise Refused(
                m("One payment has one currency."), advice=m("Take the invoices of each currency by themselves.")
            )
        return Money(sum(amount.amount_minor for amount in amounts), amounts[0].currency)


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why it is not known how a payment stands: in ``words``, ``by`` whom, and what Stripe says all the same.

    ``at_stripe`` is what Stripe answered that could not be written down; None: Stripe has not answered either.
    """

    words: Message
    by: Party | None
    at_stripe: Standing | None = None

    def after(self, earlier: Trouble | None) -> Trouble:
        """Return what is known when ``earlier`` was known before: what is final at Stripe stays so there."""
        was_final = earlier is not None and earlier.at_stripe is not None and earlier.at_stripe.is_final
        if earlier is not None and was_final and self.by is Party.DATABASE and self.at_stripe is None:
            return earlier
        return self


PENDING_ADVICE = m("Do not take it a second time: it is settled, or it ends, by itself.")
"""What a cashier does about a payment that a bank has still to decide about, or whose voucher is not paid yet."""


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A payment that a bank has still to decide about, or whose voucher has still to be paid; moments are UTC.

    ``method`` names by what it is made.
    """

    amount: Money
    method: Message
    is_voucher: bool
    since: datetime
    until: datetime | None
    time_zone: str

    @property
    def words(self) -> Message:
        """Say since when it is pending, and about until when."""
        since = dates.day(on_the_clock(self.since, self.time_zone))
        if self.is_voucher:
            return self._of_voucher(since)
        if self.until is None:
            return m(
                "{amount} by {method} is pending at the bank since {day}.",
                amount=self.amount,
                method=self.method,
                day=since,
            )
        return m(
            "{amount} by {method} is pending at the bank since {day}; the bank decides by about {until}.",
            amount=self.amount,
            method=self.method,
            day=since,
            until=dates.day(on_the_clock(self.until, self.time_zone)),
        )

    def _of_voucher(self, since: Message) -> Message:
        if self.until is None:
            return m(
                "The patient has a voucher ({method}) over {amount} since {day}, and has not paid it yet.",
                method=self.method,
                amount=self.amount,
                day=since,
            )
        return m(
            "The patient has a voucher ({method}) over {amount} since {day}, and has not paid it yet; it can be paid "
            "until {until}.",
            method=self.method,
            amount=self.amount,
            day=since,
            until=dates.day_and_time(on_the_clock(self.until, self.time_zone)),
        )


@dataclass(frozen=True, kw_only=True)
class PaidShare:
    """A share with the number of its invoice, for showing."""

    invoice_id: int
    invoice_number: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PaymentView:
    """One payment as it stands.

    ``unallocated`` is what no invoice took: the ``deposit``, and what was too much. ``amount`` is what came, once it
    is paid, and ``asked`` what was asked for. While its bank decides for days, it is ``pending``. Of what was paid
    without a card, ``card_brand`` names the method. ``page_url`` is where the patient goes on (Stripe's page or the
    bank's), known only right after asking Stripe, as are ``stripe_status`` (what Stripe calls it) and
    ``client_secret``; ``trouble`` says why the state is the last known one and may be older than it looks.
    """

    id: uuid.UUID
    patient_id: int
    state: PaymentState
    tender: Tender
    settlement_id: uuid.UUID
    amount: Money
    deposit: Money
    unallocated: Money
    tendered: Money | None
    rounding: Money
    reference: str
    reader_label: str | None
    shares: tuple[PaidShare, ...]
    asked: Money
    pending: Pending | None
    desk: str
    desk_id: int
    cashier: str
    created_at: datetime
    settled_at: datetime | None
    decline: DeclineAdvice | None
    card_brand: str | None
    card_last_four: str | None
    receipt_id: int | None
    receipt_number: str | None
    contradiction: Message | None
    stripe_session_id: str | None
    stripe_intent_id: str | None
    stripe_charge_id: str | None
    taken_over_by: Message | None = None
    page_url: str | None = None
    stripe_status: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    trouble: Trouble | None = None

    def as_reported(self, report: PaymentReport) -> PaymentView:
        """Return it with what is never stored, as Stripe told it just now."""
        return replace(
            self, page_url=report.page_url, stripe_status=report.status, client_secret=report.client_secret
        )

    @property
    def change(self) -> Money | None:
        """What goes back to the patient of the cash that was handed over; None where it was no cash."""
        return None if self.tendered is None else self.tendered - self.amount - self.rounding

    @property
    def surplus(self) -> Money:
        """What was charged and found no invoice, beyond what was meant for the patient's account."""
        return Money(max(0, self.unallocated.amount_minor - self.deposit.amount_minor), self.amount.currency)


class DueChanged(Refused):
    """Another amount is due by now than the one that was agreed."""

    default = m("Another amount is due by now than the one that was agreed.")

    def __init__(self, number: str, *, agreed: Money, due: Money) -> None:
        """Tell it of the invoice ``number``: nothing was taken."""
        super().__init__(
            m(
                "{agreed} were due on {number} when this was agreed, and now {due} are. Nothing was taken.",
                agreed=agreed,
                number=number,
                due=due,
            ),
            advice=m("Ask the patient about the amount again."),
        )


class InvoiceHeld(Refused):
    """Another payment of this invoice is under way."""

    default = m("Another payment of this invoice is under way.")

    def __init__(
        self,
        *,
        payment_id: uuid.UUID,
        desk: str,
        cashier: str,
        since: datetime,
        is_at_desk: bool,
        pending: Pending | None = None,
    ) -> None:
        """Keep who holds the invoice, and since when (UTC); away from desks, it is the patient who pays online.

        One that is ``pending`` at the bank is taken over by nobody.
        """
        self.payment_id, self.desk, self.cashier, self.since = payment_id, desk, cashier, since
        if pending is not None:
            super().__init__(pending.words, advice=PENDING_ADVICE)
            return
        super().__init__(
            m("{cashier} at desk {desk} is taking a payment for this invoice.", cashier=cashier, desk=desk)
            if is_at_desk
            else m("The patient is paying this invoice online just now ({client}).", client=cashier),
            advice=m("Wait until it is finished, or take it over."),
        )


class NoSuchPayment(Refused):
    """There is no such payment."""

    default = m("There is no such payment.")

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__(advice=m("Look at the invoice's payments."))


class OutcomeUnknown(Unreachable):
    """The payment is saved, and it is not known what became of it."""

    default = m("The payment is saved, and it is not known what became of it.")


class NotWritten(OutcomeUnknown):
    """Stripe has answered, and the database did not take the answer in."""

    default = m("Stripe has answered, and the database did not take the answer in.")

    def __init__(self, report: PaymentReport, cause: CashierError) -> None:
        """Keep what Stripe said; ``cause`` is why it could not be written down."""
        self.report, self.cause = report, cause
        super().__init__(
            sentences(STANDING_WORDS[report.standing], cause.message),
            advice=m("It is written down by itself as soon as the database can; do not take it a second time."),
            by=Party.DATABASE,
        )


STANDING_WORDS: Mapping[Standing, Message] = {
    Standing.OPEN: m("Stripe says that nothing was charged so far."),
    Standing.PROCESSING: m("Stripe says that the bank is still confirming it."),
    Standing.PAID: m("Stripe says that it is paid."),
    Standing.CANCELLED: m("Stripe says that nothing was charged, and that nothing is open."),
}
"""What Stripe says of a payment, where that could not be written down."""


def trouble_of(error: CashierError) -> Trouble:
    """Keep of ``error`` what is shown beside a payment."""
    at_stripe = error.report.standing if isinstance(error, NotWritten) else None
    return Trouble(words=error.message, by=error.by, at_stripe=at_stripe)
