"""How dates, amounts, cards and states are put into words, the same in every window."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from cashier.books.invoice import InvoiceStatus
from cashier.books.payment import PaymentState
from cashier.clock import on_the_clock, today
from cashier.desk.kit.controls import Tone
from cashier.invoices.views import InvoicePayment, InvoiceRow
from cashier.language import NOTHING, Message, dates, m, mc, verbatim
from cashier.language.number_style import Decimals
from cashier.tenders.card_brands import paid_with
from cashier.tenders.methods import other_method
from cashier.tenders.tender import Tender

STATUS_WORDS: Mapping[InvoiceStatus, tuple[Message, Tone]] = {
    InvoiceStatus.DUE: (m("To pay"), Tone.DUE),
    InvoiceStatus.PART_PAID: (m("Part paid"), Tone.DUE),
    InvoiceStatus.PAID: (mc("of an invoice", "Paid"), Tone.GOOD),
    InvoiceStatus.CANCELLED: (mc("of an invoice", "Cancelled"), Tone.NEUTRAL),
    InvoiceStatus.CREDIT: (mc("of a credit note", "Credit"), Tone.GOOD),
    InvoiceStatus.CREDIT_USED: (mc("of a credit note", "Credit used"), Tone.NEUTRAL),
}
"""How an invoice stands."""

RETURNED = mc("of an invoice", "Returned")
"""How an invoice stands of which everything went back."""

UNDER_WAY_WORDS: Mapping[PaymentState, tuple[Message, Tone]] = {
    PaymentState.PREPARED: (m("Not known"), Tone.CAUTION),
    PaymentState.OPEN: (m("Being paid"), Tone.CAUTION),
    PaymentState.PROCESSING: (mc("of an invoice", "Pending"), Tone.CAUTION),
}
"""How an invoice stands while a payment of it has no outcome yet."""

STATE_WORDS: Mapping[PaymentState, tuple[Message, Tone]] = {
    PaymentState.PREPARED: (m("Not known yet"), Tone.CAUTION),
    PaymentState.OPEN: (m("Waiting for the card"), Tone.CAUTION),
    PaymentState.PROCESSING: (mc("of a payment", "Pending"), Tone.CAUTION),
    PaymentState.PAID: (mc("of a payment", "Paid"), Tone.GOOD),
    PaymentState.CANCELLED: (mc("of a payment", "Cancelled"), Tone.NEUTRAL),
}
"""How a payment stands."""


def day(moment: date) -> Message:
    """Write a day: ``02 Nov 2026``."""
    return dates.day(moment)


def day_and_time(moment: datetime, time_zone: str) -> Message:
    """Write a moment as the hospital's clocks show it: ``02 Nov 2026, 14:05``."""
    return dates.day_and_time(on_the_clock(moment, time_zone))


def day_and_time_in_short(moment: datetime, time_zone: str) -> Message:
    """Write a moment in a narrow column."""
    return dates.day_and_time_in_short(on_the_clock(moment, time_zone))


MOMENT_IN_SHORT = "00 May 2026, 00:00 +00"
"""As wide as ``day_and_time_in_short`` becomes."""


def time_of_day(moment: datetime, time_zone: str) -> Message:
    """Write the time alone: ``14:05``, where the day stands beside it."""
    return dates.time_of_day(on_the_clock(moment, time_zone))


def since(moment: datetime, time_zone: str) -> Message:
    """Write a moment in the past: the time alone where it was today."""
    is_today = on_the_clock(moment, time_zone).date() == today(time_zone)
    return time_of_day(moment, time_zone) if is_today else day_and_time(moment, time_zone)


def quantity(milli: int) -> Message:
    """Write a quantity: 1500 is ``1.5``."""
    return verbatim(Decimals(f"{milli / 1000:.3f}".rstrip("0").rstrip(".")))


def percent(basis_points: int) -> Message:
    """Write a rate: 2100 is ``21 %``."""
    return m("{rate} %", rate=Decimals(f"{basis_points / 100:.2f}".rstrip("0").rstrip(".")))


def in_whole_parts(line: Message) -> Message:
    """Let ``line`` break between its parts only (``Born 14 Jul 1985 (41) · Record no. 7``): numbers stay whole."""
    return verbatim(" · ".join(part.replace(" ", "\u00a0") for part in str(line).split(" · ")))


def card(brand: str | None, last_four: str | None) -> Message:
    """Write a card: ``Visa •••• 4242``, or what else was paid with; empty when nothing is known of it."""
    if not last_four and other_method(brand) is None:
        return NOTHING
    return paid_with(brand, last_four) or m("Card •••• {digits}", digits=last_four)


def invoice_words(row: InvoiceRow) -> tuple[Message, Tone]:
    """Say how an invoice stands; a payment that is under way comes before everything else.

    What was returned for good is named: without it the invoice would look paid.
    """
    if row.under_way is not None:
        return UNDER_WAY_WORDS[PaymentState(row.under_way)]
    if row.returned and row.status is InvoiceStatus.PAID:
        return RETURNED, Tone.NEUTRAL
    return STATUS_WORDS[row.status]


def what_differs(row: InvoiceRow, on: date) -> tuple[Message, Tone]:
    """Say in a list what of an invoice is not as of any other: nothing of one that is to be paid and not overdue.

    ``on`` is the hospital's day. Where it is being paid, the desk is named.
    """
    if row.under_way is None and row.status is InvoiceStatus.DUE:
        days = 0 if row.due_on is None else (on - row.due_on).days
        return (m("{days} d overdue", days=days), Tone.BAD) if days > 0 else (NOTHING, Tone.NEUTRAL)
    if row.under_way == PaymentState.OPEN and row.held_at is not None:
        return m("Being paid, {desk}", desk=row.held_at), Tone.CAUTION
    return invoice_words(row)


EVERY_DIFFERENCE = (
    RETURNED,
    *(words for words, _tone in (*UNDER_WAY_WORDS.values(), *STATUS_WORDS.values())),
    m("{days} d overdue", days=999),
    m("Being paid, {desk}", desk="WWW"),
)
"""All that ``what_differs`` can say: the longest of them differs from language to language."""


USE_OF_CREDIT = m(
    "It is on the patient's account: it pays other invoices by “On account”, or goes back by a refund that somebody "
    "else approves."
)
"""What can be done with a credit note."""


def payment_words(payment: InvoicePayment) -> tuple[Message, Tone]:
    """Say how a payment in an invoice's history stands; a decline that nobody followed up says so.

    What was used of a credit note was not paid.
    """
    state = PaymentState(payment.state)
    if not Tender(payment.tender).row.brings_money:
        return mc("of a credit note", "Used"), Tone.NEUTRAL
    if state is PaymentState.CANCELLED and payment.decline_code:
        return mc("of a payment", "Declined"), Tone.BAD
    return STATE_WORDS[state]
