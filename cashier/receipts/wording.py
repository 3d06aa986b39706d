"""How a receipt is worded: by its kind, by how the money came or went, and what had happened before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from cashier.books.receipt import ReceiptKind
from cashier.language import NOTHING, Message, dates, joined, m, mc, verbatim
from cashier.language.number_style import Decimals
from cashier.money import Money
from cashier.receipts.facts import EarlierKind, EarlierShare, ReceiptFacts, ReceiptService, ReceiptTender
from cashier.tenders.card_brands import paid_with
from cashier.tenders.frozen import kind_on_receipt
from cashier.tenders.methods import other_method


@dataclass(frozen=True, kw_only=True)
class Wording:
    """How a kind of receipt is worded."""

    heading: Message
    subject: Callable[[Money], Message]
    column: Message
    means: Message
    total: Message
    loose: Message


WORDING: Mapping[ReceiptKind, Wording] = {
    ReceiptKind.PAYMENT: Wording(
        heading=m("RECEIPT"),
        subject=lambda amount: m("Payment of {amount}", amount=amount),
        column=m("Paid now"),
        means=mc("above the way to pay", "Paid with"),
        total=m("Total paid"),
        loose=m("Kept as credit, to be used or refunded"),
    ),
    ReceiptKind.REFUND: Wording(
        heading=m("REFUND RECEIPT"),
        subject=lambda amount: m("Refund of {amount}", amount=amount),
        column=m("Refunded now"),
        means=mc("above the way to pay", "Returned to"),
        total=m("Total refunded"),
        loose=m("Taken from credit"),
    ),
    ReceiptKind.REFUND_FAILED: Wording(
        heading=m("REFUND RETURNED"),
        subject=lambda amount: m("Returned refund of {amount}", amount=amount),
        column=m("Paid again"),
        means=mc("above the way to pay", "Refund that came back from"),
        total=m("Total returned"),
        loose=m("Kept as credit, to be used or refunded"),
    ),
    ReceiptKind.REVERSAL: Wording(
        heading=m("OWED AGAIN"),
        subject=lambda amount: m("{amount} owed again", amount=amount),
        column=m("Owed again"),
        means=mc("above the way to pay", "The bank took it back from"),
        total=m("Total owed again"),
        loose=m("Taken from credit"),
    ),
}


TOTAL, BALANCE = m("Total"), m("Balance")
INSURER, NOT_OWED, BEFORE = m("Insurer’s share"), m("No longer owed"), m("Paid before")
DEPOSIT = m("Deposit on the patient's account")
SMALL_PRINT = m(
    "This receipt was issued electronically and therefore bears no signature. Its number was given once and is "
    "never given again; every further print of it says COPY. Of a card, only the brand and the last four digits "
    "are kept."
)


def wording_of(facts: ReceiptFacts) -> Wording:
    """Return how this receipt is worded."""
    return WORDING[ReceiptKind(facts.kind)]


def means_of(kind: str, card_brand: str, card_last_four: str) -> Message:
    """Name by what it was paid, or by which way it went back: a card as ``Visa •••• 4242``."""
    return paid_with(card_brand, card_last_four) or kind_on_receipt(kind)


def kind_beside(kind: str, card_brand: str) -> Message:
    """Name how the money came, beside the card or the account that it came from; a debit is no card."""
    other = other_method(card_brand)
    if other is not None:
        return other.kind
    return kind_on_receipt(kind) if card_brand else NOTHING


def original_words(facts: ReceiptFacts) -> Message:
    """Name the receipt, or the credit note, that this one is about."""
    if not facts.original_number:
        return m("Refers to credit note {number}", number=facts.credit_note)
    if not facts.original_on:
        return m("Refers to receipt {number}", number=facts.original_number)
    day = dates.day_on_paper(date.fromisoformat(facts.original_on))
    return m("Refers to receipt {number} of {day}", number=facts.original_number, day=day)


def cash_lines(tender: ReceiptTender) -> list[tuple[Message, int]]:
    """Say what was handed over and given back; a rounding is named because it changes the sum of the coins."""
    if tender.tendered_minor is None and not tender.rounding_minor:
        return []
    if tender.tendered_minor is None:
        given = tender.amount_minor + tender.rounding_minor
        return [(m("Rounded to coins"), tender.rounding_minor), (m("Given in cash"), given)]
    lines = [(m("Rounded to coins"), tender.rounding_minor)] if tender.rounding_minor else []
    return [
        *lines,
        (mc("of cash", "Received"), tender.tendered_minor),
        (mc("of cash", "Change"), tender.change_minor),
    ]


def service_words(service: ReceiptService) -> Message:
    """Say what was done, and how often if not once."""
    description = verbatim(service.description)
    if service.quantity_milli == 1000:
        return description
    quantity = Decimals(f"{service.quantity_milli / 1000:.3f}".rstrip("0").rstrip("."))
    return joined(" × ", (verbatim(quantity), description))


def earlier_words(share: EarlierShare) -> Message:
    """Say what had counted towards an invoice before: the day, what it was, and its receipt."""
    day = dates.day_on_paper(date.fromisoformat(share.on)) if share.on else NOTHING
    receipt = m("receipt {number}", number=share.receipt) if share.receipt else NOTHING
    return joined(" · ", (day, _what_it_was(share), receipt))


def _what_it_was(share: EarlierShare) -> Message:
    means = means_of(share.tender, share.card_brand, share.card_last_four) if share.tender else NOTHING
    match share.kind:
        case EarlierKind.PAYMENT:
            return means
        case EarlierKind.REFUND:
            return m("Refunded: {way}", way=means)
        case EarlierKind.REFUND_FAILED:
            return m("Refund came back: {way}", way=means)
        case EarlierKind.REVERSAL:
            return m("Taken back by the bank: {way}", way=means)
        case EarlierKind.CREDIT:
            return means or m("From the patient's account")
        case _:
            return m("Changed otherwise")
