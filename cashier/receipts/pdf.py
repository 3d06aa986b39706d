"""The receipt on paper: A4, one page for up to twenty invoices, more when there are more."""

from __future__ import annotations

from datetime import date, datetime

from cashier.language import NOTHING, Message, dates, joined, m, mc, mn, verbatim
from cashier.money import Money
from cashier.palette import Colour
from cashier.paper.sheet import BOTTOM, MARGIN, RIGHT, Paper
from cashier.paper.typeface import BOLD, width_of
from cashier.receipts.facts import ReceiptFacts
from cashier.receipts.reason_words import frozen_reason
from cashier.receipts.table import CELL, NEVER_CUT, SMALL, InvoiceTable
from cashier.receipts.wording import (
    DEPOSIT,
    SMALL_PRINT,
    cash_lines,
    kind_beside,
    means_of,
    original_words,
    wording_of,
)

_FOOTER_TOP = BOTTOM - 56


def render(facts: ReceiptFacts) -> bytes:
    """Return the receipt as PDF on a sheet; the same facts, in one language, always give the same bytes."""
    issued_at = datetime.fromisoformat(facts.issued_at)
    paper = Paper(
        title=m("Receipt {number}", number=facts.number),
        author=facts.hospital,
        subject=wording_of(facts).subject(Money(abs(facts.total_minor), facts.currency)),
        made_at=issued_at,
        is_training=facts.is_training,
    )
    table = InvoiceTable(facts, wording_of(facts).column)
    pages = table.pages()
    for index, rows in enumerate(pages, start=1):
        if index > 1:
            paper.next_page()
        _letterhead(paper, facts, issued_at)
        _particulars(paper, facts)
        y = table.draw(paper, rows)
        if index == len(pages):
            y = table.draw_sums(paper, y) if len(facts.invoices) > 1 else y
            _how_paid(paper, facts, y + 26)
            _total(paper, facts, y + 18)
        page = m("Page {page} of {pages}", page=index, pages=len(pages)) if len(pages) > 1 else NOTHING
        _footer(paper, facts, page)
    return paper.finish()


def _letterhead(paper: Paper, facts: ReceiptFacts, issued_at: datetime) -> None:
    paper.mark(MARGIN, 46, 42)
    left, width = MARGIN + 56, 240.0
    paper.text(left, 61, verbatim(facts.hospital), size=15, font=BOLD, width=width, size_min=11)
    y = 76.0
    if facts.legal_name != facts.hospital:
        y = paper.paragraph(
            left,
            y,
            verbatim(facts.legal_name),
            size=8.5,
            leading=11.5,
            width=width,
            lines_max=1,
            colour=Colour.INK_SOFT,
        )
    y = paper.paragraph(
        left, y, verbatim(facts.address), size=8.5, leading=11.5, width=width, lines_max=3, colour=Colour.INK_SOFT
    )
    contact = joined(
        " · ",
        (
            m("Tax ID {number}", number=facts.tax_id) if facts.tax_id else NOTHING,
            m("Phone {number}", number=facts.phone) if facts.phone else NOTHING,
        ),
    )
    paper.text(left, y, contact, size=8.5, colour=Colour.INK_SOFT, width=width)
    paper.text_to_right(
        RIGHT, 57, wording_of(facts).heading, size=10, font=BOLD, colour=Colour.ACCENT, width=196, size_min=6
    )
    paper.text_to_right(RIGHT, 83, verbatim(facts.number), size=24, font=BOLD, width=196, size_min=NEVER_CUT)
    paper.text_to_right(RIGHT, 100, dates.moment_in_full(issued_at), size=9.5, width=196, size_min=6)
    clock = dates.PaperTimes((), made_at=issued_at).heading
    paper.text_to_right(RIGHT, 112, clock, size=8, colour=Colour.INK_SOFT)
    paper.rule(138, colour=Colour.ACCENT, thickness=1.8)


def _particulars(paper: Paper, facts: ReceiptFacts) -> None:
    columns = (
        (MARGIN, 190.0, m("Patient’s record number"), facts.record_number, NEVER_CUT),
        (MARGIN + 206, 140.0, m("Desk"), facts.desk, 8.5),
        (MARGIN + 362, RIGHT - MARGIN - 362, mc("a person", "Cashier"), facts.cashier, 8.5),
    )
    for x, width, label, value, size_min in columns:
        paper.text(x, 159, label, size=8, colour=Colour.INK_SOFT, width=width, size_min=SMALL)
        paper.text(x, 175, verbatim(value), size=11.5, font=BOLD, width=width, size_min=size_min)
    patient = (
        m("Patient: {name}", name=facts.patient_name) if facts.patient_name else NOTHING,
        m("Born {date}", date=dates.day_on_paper(date.fromisoformat(facts.patient_born)))
        if facts.patient_born
        else NOTHING,
    )
    paper.text(MARGIN, 194, joined(" · ", patient), size=10, width=RIGHT - MARGIN, size_min=NEVER_CUT)


def _how_paid(paper: Paper, facts: ReceiptFacts, y: float) -> None:
    right = MARGIN + 244
    paper.text(
        MARGIN, y, wording_of(facts).means, size=8, colour=Colour.INK_SOFT, width=right - MARGIN, size_min=SMALL
    )
    y += 16
    for tender in facts.tenders:
        paper.text(
            MARGIN,
            y,
            means_of(tender.kind, tender.card_brand, tender.card_last_four),
            size=11,
            font=BOLD,
            width=160,
            size_min=8,
        )
        paper.text_to_right(right, y, verbatim(Money(tender.amount_minor, facts.currency)), size=11, font=BOLD)
        details = [
            kind_beside(tender.kind, tender.card_brand),
            m("Reference {reference}", reference=tender.reference) if tender.reference else NOTHING,
        ]
        for detail in filter(None, details):
            y += 12
            paper.text(MARGIN, y, detail, size=8, colour=Colour.INK_SOFT, width=right - MARGIN)
        for name, amount_minor in cash_lines(tender):
            y += 13
            paper.text(MARGIN, y, name, size=9, width=160, size_min=SMALL)
            paper.text_to_right(right, y, verbatim(Money(amount_minor, facts.currency)), size=9)
        y += 19
    surplus_minor = facts.unallocated_minor - facts.deposit_minor
    for name, amount_minor in ((DEPOSIT, facts.deposit_minor), (wording_of(facts).loose, surplus_minor)):
        if amount_minor:
            paper.text(MARGIN, y, name, size=9, width=180, size_min=SMALL)
            paper.text_to_right(right, y, verbatim(Money(amount_minor, facts.currency)), size=9, font=BOLD)
            y += 19
    if facts.original_number or facts.credit_note:
        original = original_words(facts)
        paper.text(MARGIN, y, original, size=9, font=BOLD, width=right - MARGIN, size_min=SMALL)
    if facts.reason:
        reason = m("Reason: {reason}", reason=frozen_reason(facts.reason_code, facts.reason))
        paper.text(MARGIN, y + 12, reason, size=8, colour=Colour.INK_SOFT, width=right - MARGIN, size_min=SMALL)


def _total(paper: Paper, facts: ReceiptFacts, y: float) -> None:
    left = MARGIN + 268
    inner = left + 14
    right = RIGHT - 14
    paper.panel(left, y, RIGHT - left, 82, colour=Colour.ACCENT_SOFT)
    paper.text(
        inner,
        y + 20,
        wording_of(facts).total,
        size=10,
        font=BOLD,
        colour=Colour.ACCENT,
        width=right - inner,
        size_min=SMALL,
    )
    total = verbatim(Money(facts.total_minor, facts.currency))
    paper.text_to_right(
        right,
        y + 46,
        total,
        size=27,
        font=BOLD,
        colour=Colour.ACCENT_STRONG,
        width=right - inner,
        size_min=NEVER_CUT,
    )
    if facts.invoices:
        label = mn("Left to pay on this invoice", "Left to pay on these invoices", count=len(facts.invoices))
        left_over = str(Money(facts.balance_minor, facts.currency))
        paper.text_to_right(right, y + 68, verbatim(left_over), size=10, font=BOLD)
        width = right - inner - width_of(left_over, BOLD, 10) - CELL
        paper.text(inner, y + 68, label, size=9, width=width, size_min=SMALL)


def _footer(paper: Paper, facts: ReceiptFacts, page: Message) -> None:
    paper.rule(_FOOTER_TOP)
    y = paper.paragraph(
        MARGIN,
        _FOOTER_TOP + 15,
        verbatim(facts.footer),
        size=9,
        leading=12,
        width=RIGHT - MARGIN,
        lines_max=2,
        colour=Colour.INK,
    )
    paper.paragraph(
        MARGIN, y + 3, SMALL_PRINT, size=7, leading=9, width=RIGHT - MARGIN - 60, lines_max=3, colour=Colour.INK_SOFT
    )
    paper.text_to_right(RIGHT, y + 3, page, size=7, colour=Colour.INK_SOFT)
