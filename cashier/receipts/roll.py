"""The receipt on a roll of 80 or 58 mm: what stands on the sheet, in one column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from cashier.language import NOTHING, Message, dates, m, mc, mn, verbatim
from cashier.money import Money
from cashier.paper.roll import Roll
from cashier.paper.typeface import BOLD
from cashier.receipts.facts import ReceiptFacts, ReceiptInvoice, ReceiptTender
from cashier.receipts.reason_words import frozen_reason
from cashier.receipts.wording import (
    BALANCE,
    BEFORE,
    DEPOSIT,
    INSURER,
    NOT_OWED,
    SMALL_PRINT,
    TOTAL,
    cash_lines,
    earlier_words,
    kind_beside,
    means_of,
    original_words,
    service_words,
    wording_of,
)
from cashier.settings import ReceiptPaper

_INDENT = 6.0
_SMALL = 0.86
"""What is beside the point, in parts of the size of plain words."""


def render_on_roll(facts: ReceiptFacts, paper: ReceiptPaper) -> bytes:
    """Return the receipt as PDF for a roll; the same facts, in one language, always give the same bytes."""
    issued_at = datetime.fromisoformat(facts.issued_at)
    roll = Roll(
        paper,
        title=m("Receipt {number}", number=facts.number),
        author=facts.hospital,
        subject=wording_of(facts).subject(Money(abs(facts.total_minor), facts.currency)),
        made_at=issued_at,
        is_training=facts.is_training,
    )
    _letterhead(roll, facts)
    _particulars(roll, facts, issued_at)
    for invoice in facts.invoices:
        _invoice(roll, facts, invoice)
    if len(facts.invoices) > 1:
        roll.words(mn("{count} invoice", "{count} invoices", count=len(facts.invoices)), font=BOLD)
        _sums(roll, facts, facts.invoices)
    _how_paid(roll, facts)
    _total(roll, facts)
    _foot(roll, facts)
    return roll.finish()


def _letterhead(roll: Roll, facts: ReceiptFacts) -> None:
    small = roll.size * _SMALL
    roll.words(verbatim(facts.hospital), size=roll.size * 1.3, font=BOLD, is_centred=True)
    if facts.legal_name != facts.hospital:
        roll.words(verbatim(facts.legal_name), size=small, is_centred=True)
    roll.words(verbatim(facts.address), size=small, is_centred=True)
    for label, value in ((m("Tax ID {number}", number=facts.tax_id), facts.tax_id), (_phone(facts), facts.phone)):
        roll.words(label if value else NOTHING, size=small, is_centred=True)
    roll.rule(is_strong=True)


def _phone(facts: ReceiptFacts) -> Message:
    return m("Phone {number}", number=facts.phone)


def _particulars(roll: Roll, facts: ReceiptFacts, issued_at: datetime) -> None:
    roll.words(wording_of(facts).heading, font=BOLD, is_centred=True)
    roll.large(verbatim(facts.number), size=roll.size * 2)
    roll.words(dates.moment_in_full(issued_at), is_centred=True)
    roll.words(dates.PaperTimes((), made_at=issued_at).heading, size=roll.size * _SMALL, is_centred=True)
    roll.rule()
    roll.amount(m("Patient’s record number"), facts.record_number, font=BOLD)
    if facts.patient_name:
        roll.words(m("Patient: {name}", name=facts.patient_name))
    if facts.patient_born:
        roll.words(m("Born {date}", date=dates.day_on_paper(date.fromisoformat(facts.patient_born))))
    roll.amount(m("Desk"), facts.desk)
    roll.amount(mc("a person", "Cashier"), facts.cashier)
    roll.rule()


def _invoice(roll: Roll, facts: ReceiptFacts, invoice: ReceiptInvoice) -> None:
    small = roll.size * _SMALL
    day = dates.day_on_paper(date.fromisoformat(invoice.issued_on))
    roll.amount(verbatim(invoice.number), str(day), font=BOLD)
    roll.words(verbatim(invoice.department), size=small)
    for service in invoice.services:
        roll.amount(service_words(service), _digits(facts, service.total_minor), size=small, indent=_INDENT)
    _sums(roll, facts, (invoice,))


def _sums(roll: Roll, facts: ReceiptFacts, invoices: Sequence[ReceiptInvoice]) -> None:
    """Say what one invoice, or several together, come to."""
    roll.amount(TOTAL, _digits(facts, sum(each.total_minor for each in invoices)))
    for label, less_minor in (
        (INSURER, sum(each.insurer_share_minor for each in invoices)),
        (NOT_OWED, sum(each.returned_minor for each in invoices)),
    ):
        if less_minor:
            roll.amount(label, _digits(facts, -less_minor))
    before_minor = sum(each.paid_before_minor for each in invoices)
    if len(invoices) > 1 and before_minor:
        roll.amount(BEFORE, _digits(facts, before_minor))
    for share in invoices[0].earlier or () if len(invoices) == 1 else ():
        words = earlier_words(share)
        roll.amount(words, _digits(facts, share.amount_minor), size=roll.size * _SMALL, indent=_INDENT)
    roll.amount(wording_of(facts).column, _digits(facts, sum(each.paid_now_minor for each in invoices)), font=BOLD)
    roll.amount(BALANCE, _digits(facts, sum(each.balance_after_minor for each in invoices)))
    roll.rule()


def _how_paid(roll: Roll, facts: ReceiptFacts) -> None:
    small = roll.size * _SMALL
    roll.words(wording_of(facts).means, size=small)
    for tender in facts.tenders:
        _tender(roll, facts, tender)
    surplus_minor = facts.unallocated_minor - facts.deposit_minor
    for name, amount_minor in ((DEPOSIT, facts.deposit_minor), (wording_of(facts).loose, surplus_minor)):
        if amount_minor:
            roll.amount(name, _money(facts, amount_minor))
    if facts.original_number or facts.credit_note:
        roll.words(original_words(facts), font=BOLD)
    if facts.reason:
        roll.words(m("Reason: {reason}", reason=frozen_reason(facts.reason_code, facts.reason)), size=small)


def _tender(roll: Roll, facts: ReceiptFacts, tender: ReceiptTender) -> None:
    small = roll.size * _SMALL
    means = means_of(tender.kind, tender.card_brand, tender.card_last_four)
    roll.amount(means, _money(facts, tender.amount_minor), font=BOLD)
    roll.words(kind_beside(tender.kind, tender.card_brand), size=small)
    if tender.reference:
        roll.words(m("Reference {reference}", reference=tender.reference), size=small)
    for name, amount_minor in cash_lines(tender):
        roll.amount(name, _money(facts, amount_minor), indent=_INDENT)


def _total(roll: Roll, facts: ReceiptFacts) -> None:
    roll.rule(is_strong=True)
    roll.words(wording_of(facts).total, font=BOLD, is_centred=True)
    roll.large(verbatim(_money(facts, facts.total_minor)), size=roll.size * 2.4)
    if facts.invoices:
        label = mn("Left to pay on this invoice", "Left to pay on these invoices", count=len(facts.invoices))
        roll.amount(label, _money(facts, facts.balance_minor))
    roll.rule(is_strong=True)


def _foot(roll: Roll, facts: ReceiptFacts) -> None:
    roll.words(verbatim(facts.footer), is_centred=True)
    roll.space(4)
    roll.words(SMALL_PRINT, size=roll.size * 0.78)


def _digits(facts: ReceiptFacts, amount_minor: int) -> str:
    return Money(amount_minor, facts.currency).digits()


def _money(facts: ReceiptFacts, amount_minor: int) -> str:
    return str(Money(amount_minor, facts.currency))
