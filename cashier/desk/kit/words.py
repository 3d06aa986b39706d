"""How dates, amounts, cards and states are put into words, the same in every window."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from cashier.books.invoice import InvoiceStatus
from cashier.books.payment import PaymentState
from cashier.clock import on_the_clock
from cashier.desk.kit.controls import Tone
from cashier.invoices.views import InvoicePayment, InvoiceRow
from cashier.language import dates

_BRANDS = {
    "amex": "American Express", "diners": "Diners Club", "discover": "Discover", "eftpos_au": "eftpos",
    "jcb": "JCB", "mastercard": "Mastercard", "unionpay": "UnionPay", "visa": "Visa",
}  # fmt: skip

STATUS_WORDS: Mapping[InvoiceStatus, tuple[str, Tone]] = {
    InvoiceStatus.DUE: ("To pay", Tone.ACCENT),
    InvoiceStatus.PART_PAID: ("Part paid", Tone.CAUTION),
    InvoiceStatus.PAID: ("Paid", Tone.GOOD),
    InvoiceStatus.CANCELLED: ("Cancelled", Tone.NEUTRAL),
}
"""How an invoice stands."""

UNDER_WAY_WORDS: Mapping[PaymentState, tuple[str, Tone]] = {
    PaymentState.PREPARED: ("Not known", Tone.CAUTION),
    PaymentState.OPEN: ("Being paid", Tone.CAUTION),
    PaymentState.PROCESSING: ("Not known", Tone.CAUTION),
}
"""How an invoice stands while a payment of it has no outcome yet."""

STATE_WORDS: Mapping[PaymentState, tuple[str, Tone]] = {
    PaymentState.PREPARED: ("Not known yet", Tone.CAUTION),
    PaymentState.OPEN: ("Waiting for the card", Tone.CAUTION),
    PaymentState.PROCESSING: ("Bank is confirming", Tone.CAUTION),
    PaymentState.PAID: ("Paid", Tone.GOOD),
    PaymentState.CANCELLED: ("Cancelled", Tone.NEUTRAL),
}
"""How a payment stands."""

"""What a payment was made with, where the card is not known."""


def day(moment: date) -> str:
    """Write a day: ``02 Nov 2026``."""
    return str(dates.day(moment))


def day_and_time(moment: datetime, time_zone: str) -> str:
    """Write a moment as the hospital's clocks show it: ``02 Nov 2026, 14:05``."""
    return str(dates.day_and_time(on_the_clock(moment, time_zone)))


def time_of_day(moment: datetime, time_zone: str) -> str:
    """Write the time alone: ``14:05``."""
    return str(dates.time_of_day(on_the_clock(moment, time_zone)))


def quantity(milli: int) -> str:
    """Write a quantity: 1500 is ``1.5``."""
    return f"{milli / 1000:.3f}".rstrip("0").rstrip(".")


def percent(basis_points: int) -> str:
    """Write a rate: 2100 is ``21 %``."""
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".") + " %"


def card(brand: str | None, last_four: str | None) -> str:
    """Write a card: ``Visa •••• 4242``; empty when nothing is known of it."""
    if not last_four:
        return ""
    return f"{_BRANDS.get(brand or '', (brand or 'Card').capitalize())} •••• {last_four}"


def invoice_words(row: InvoiceRow) -> tuple[str, Tone]:
    """Say how an invoice stands; a payment that is under way comes before everything else.

    What was returned for good is named: without it the invoice would look paid.
    """
    if row.under_way is not None:
        return UNDER_WAY_WORDS[PaymentState(row.under_way)]
    if row.returned and row.status is InvoiceStatus.PAID:
        return "Returned", Tone.NEUTRAL
    return STATUS_WORDS[row.status]


def payment_words(payment: InvoicePayment) -> tuple[str, Tone]:
    """Say how a payment in an invoice's history stands; a decline that nobody followed up says so."""
    state = PaymentState(payment.state)
    if state is PaymentState.CANCELLED and payment.decline_code:
        return "Declined", Tone.BAD
    return STATE_WORDS[state]
