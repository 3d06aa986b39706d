"""The receipt on paper: A4, one page for up to twenty invoices, more when there are more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cashier.books.receipt import ReceiptKind
from cashier.language import NOTHING, Message, dates, joined, m, mc, mn, verbatim
from cashier.money import Money
from cashier.palette import Colour
from cashier.paper.sheet import BOTTOM, MARGIN, RIGHT, Paper
from cashier.paper.typeface import BOLD, REGULAR, width_of
from cashier.receipts.facts import ReceiptFacts, ReceiptInvoice, ReceiptTender
from cashier.receipts.reason_words import frozen_reason
from cashier.tenders.card_brands import brand_name
from cashier.tenders.frozen import kind_on_receipt

_DEPOSIT = m("Deposit on the patient's account")


@dataclass(frozen=True, kw_only=True)
class _Wording:
    """How a kind of receipt is worded."""

    heading: Message
    subject: Callable[[Money], Message]
    column: Message
    means: Message
    total: Message
    loose: Message


_WORDING: Mapping[ReceiptKind, _Wording] = {
    ReceiptKind.PAYMENT: _Wording(
        heading=m("RECEIPT"),
        subject=lambda amount: m("Payment of {amount}", amount=amount),
        column=m("Paid now"),
        means=mc("above the way to pay", "Paid with"),
        total=m("Total paid"),
        loose=m("Kept as credit, to be used or refunded"),
    ),
    ReceiptKind.REFUND: _Wording(
        heading=m("REFUND RECEIPT"),
        subject=lambda amount: m("Refund of {amount}", amount=amount),
        column=m("Refunded now"),
        means=mc("above the way to pay", "Returned to"),
        total=m("Total refunded"),
        loose=m("Taken from credit"),
    ),
    ReceiptKind.REFUND_FAILED: _Wording(
        heading=m("REFUND RETURNED"),
        subject=lambda amount: m("Returned refund of {amount}", amount=amount),
        column=m("Paid again"),
        means=mc("above the way to pay", "Refund that came back from"),
        total=m("Total returned"),
        loose=m("Kept as credit, to be used or refunded"),
    ),
}

_SMALL_PRINT = m(
    "This receipt was issued electronically and therefore bears no signature. Its number was given once and is "
    "never given again; every further print of it says COPY. Of a card, only the brand and the last four digits "
    "are kept."
)

# Right edges of the columns of amounts, and where the invoice and its date begin.
_ISSUED_X = MARGIN + 158
_TOTAL_X, _INSURER_X, _PAID_X, _BALANCE_X = RIGHT - 219, RIGHT - 146, RIGHT - 77, RIGHT - 8
_AMOUNT_WIDTH = 64.0
_CELL = 8.0
_DAY_WIDTH = 66.0
_SMALL = 5.5
"""The smallest size of words that stand in a column."""
_NEVER_CUT = 1.0
"""The smallest size of numbers and amounts: better tiny than cut."""

_TABLE_TOP = 208.0
_HEAD_HEIGHT = 20.0
_FOOTER_TOP = BOTTOM - 56
_ROOMY_ROW, _ROOMY_ROWS_MAX = 29.0, 10
_TIGHT_ROW, _LAST_PAGE_ROWS_MAX, _PAGE_ROWS_MAX = 15.0, 20, 32


def render(facts: ReceiptFacts) -> bytes:
    """Return the receipt as PDF; the same facts, in one language, always give the same bytes."""
    issued_at = datetime.fromisoformat(facts.issued_at)
    paper = Paper(
        title=m("Receipt {number}", number=facts.number),
        author=facts.hospital,
        subject=_wording(facts).subject(Money(abs(facts.total_minor), facts.currency)),
        made_at=issued_at,
    )
    pages = _pages(facts.invoices)
    for index, invoices in enumerate(pages, start=1):
        if index > 1:
            paper.next_page()
        _letterhead(paper, facts, issued_at)
        _particulars(paper, facts)
        # A deposit is for no invoice yet.
        y = _table(paper, facts, invoices) if invoices else _TABLE_TOP
        if index == len(pages):
            y = _totals_row(paper, facts, y) if len(facts.invoices) > 1 else y
            _how_paid(paper, facts, y + 26)
            _total(paper, facts, y + 18)
        page = m("Page {page} of {pages}", page=index, pages=len(pages)) if len(pages) > 1 else NOTHING
        _footer(paper, facts, page)
    return paper.finish()


def _pages(invoices: Sequence[ReceiptInvoice]) -> list[Sequence[ReceiptInvoice]]:
    """Share the invoices out to pages; the last has room for the sums below them."""
    pages = []
    while len(invoices) > _LAST_PAGE_ROWS_MAX:
        count = min(_PAGE_ROWS_MAX, len(invoices) - 1)
        pages.append(invoices[:count])
        invoices = invoices[count:]
    return [*pages, invoices]


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
        RIGHT, 57, _wording(facts).heading, size=10, font=BOLD, colour=Colour.ACCENT, width=196, size_min=6
    )
    paper.text_to_right(RIGHT, 83, verbatim(facts.number), size=24, font=BOLD, width=196, size_min=_NEVER_CUT)
    paper.text_to_right(RIGHT, 100, dates.moment_in_full(issued_at), size=9.5, width=196, size_min=6)
    clock = dates.PaperTimes((), made_at=issued_at).heading
    paper.text_to_right(RIGHT, 112, clock, size=8, colour=Colour.INK_SOFT)
    paper.rule(138, colour=Colour.ACCENT, thickness=1.8)


def _particulars(paper: Paper, facts: ReceiptFacts) -> None:
    columns = (
        (MARGIN, 190.0, m("Patient’s record number"), facts.record_number, _NEVER_CUT),
        (MARGIN + 206, 140.0, m("Desk"), facts.desk, 8.5),
        (MARGIN + 362, RIGHT - MARGIN - 362, mc("a person", "Cashier"), facts.cashier, 8.5),
    )
    for x, width, label, value, size_min in columns:
        paper.text(x, 159, label, size=8, colour=Colour.INK_SOFT, width=width, size_min=_SMALL)
        paper.text(x, 175, verbatim(value), size=11.5, font=BOLD, width=width, size_min=size_min)


def _table(paper: Paper, facts: ReceiptFacts, invoices: Sequence[ReceiptInvoice]) -> float:
    """Draw the table's head and rows; return where it ends."""
    paper.panel(MARGIN, _TABLE_TOP, RIGHT - MARGIN, _HEAD_HEIGHT, colour=Colour.GROUND_DISABLED, corner=3)
    baseline = _TABLE_TOP + 13.2
    head = m("Invoice (amounts in {currency})", currency=facts.currency)
    width = _ISSUED_X - MARGIN - 2 * _CELL
    paper.text(MARGIN + _CELL, baseline, head, size=8, colour=Colour.INK_SOFT, width=width, size_min=_SMALL)
    issued = mc("heading of days", "Issued")
    paper.text(_ISSUED_X, baseline, issued, size=8, colour=Colour.INK_SOFT, width=_DAY_WIDTH, size_min=_SMALL)
    heads = (
        (_TOTAL_X, m("Total")),
        (_INSURER_X, m("Insurer’s share")),
        (_PAID_X, _wording(facts).column),
        (_BALANCE_X, m("Balance")),
    )
    for x, label in heads:
        paper.text_to_right(
            x, baseline, label, size=8, colour=Colour.INK_SOFT, width=_AMOUNT_WIDTH - 3, size_min=_SMALL
        )
    y = _TABLE_TOP + _HEAD_HEIGHT
    roomy = len(facts.invoices) <= _ROOMY_ROWS_MAX
    for invoice in invoices:
        if roomy:
            _roomy_row(paper, facts, invoice, y)
        else:
            _tight_row(paper, facts, invoice, y)
        y += _ROOMY_ROW if roomy else _TIGHT_ROW
        paper.rule(y, thickness=0.5)
    return y


def _roomy_row(paper: Paper, facts: ReceiptFacts, invoice: ReceiptInvoice, y: float) -> None:
    width = _ISSUED_X - MARGIN - 2 * _CELL
    paper.text(MARGIN + _CELL, y + 13, verbatim(invoice.number), size=10, font=BOLD, width=width, size_min=_NEVER_CUT)
    paper.text(MARGIN + _CELL, y + 23.5, verbatim(invoice.department), size=8, colour=Colour.INK_SOFT, width=width)
    _amounts(paper, facts, invoice, y + 18, size=9.5)


def _tight_row(paper: Paper, facts: ReceiptFacts, invoice: ReceiptInvoice, y: float) -> None:
    baseline = y + 10.6
    width = _ISSUED_X - MARGIN - 2 * _CELL
    paper.text(
        MARGIN + _CELL, baseline, verbatim(invoice.number), size=8, font=BOLD, width=width, size_min=_NEVER_CUT
    )
    # The number is never cut; the department gets what is left of the line.
    taken = max(80.0, width_of(invoice.number, BOLD, 8) + 6)
    if taken < width - 24:
        x = MARGIN + _CELL + taken
        paper.text(
            x, baseline, verbatim(invoice.department), size=7.5, colour=Colour.INK_SOFT, width=width - taken + 2
        )
    _amounts(paper, facts, invoice, baseline, size=8)


def _amounts(paper: Paper, facts: ReceiptFacts, invoice: ReceiptInvoice, baseline: float, *, size: float) -> None:
    issued_on = date.fromisoformat(invoice.issued_on)
    issued = dates.day_on_paper(issued_on)
    paper.text(_ISSUED_X, baseline, issued, size=size, width=_DAY_WIDTH, size_min=_SMALL)
    _amount(paper, facts, _TOTAL_X, baseline, invoice.total_minor, size=size)
    _amount(paper, facts, _INSURER_X, baseline, invoice.insurer_share_minor, size=size)
    _amount(paper, facts, _PAID_X, baseline, invoice.paid_now_minor, size=size, font=BOLD)
    _amount(paper, facts, _BALANCE_X, baseline, invoice.balance_after_minor, size=size)


def _totals_row(paper: Paper, facts: ReceiptFacts, y: float) -> float:
    baseline = y + 14
    count = mn("{count} invoice", "{count} invoices", count=len(facts.invoices))
    paper.text(MARGIN + _CELL, baseline, count, size=9, font=BOLD)
    sums = (
        (_TOTAL_X, sum(invoice.total_minor for invoice in facts.invoices)),
        (_INSURER_X, sum(invoice.insurer_share_minor for invoice in facts.invoices)),
        (_PAID_X, sum(invoice.paid_now_minor for invoice in facts.invoices)),
        (_BALANCE_X, _balance_minor(facts)),
    )
    for x, amount_minor in sums:
        _amount(paper, facts, x, baseline, amount_minor, size=9, font=BOLD)
    paper.rule(y + 21, colour=Colour.INK_SOFT, thickness=0.8)
    return y + 21


def _amount(
    paper: Paper,
    facts: ReceiptFacts,
    x: float,
    baseline: float,
    amount_minor: int,
    *,
    size: float,
    font: str = REGULAR,
) -> None:
    digits = verbatim(Money(amount_minor, facts.currency).digits())
    paper.text_to_right(x, baseline, digits, size=size, font=font, width=_AMOUNT_WIDTH, size_min=_NEVER_CUT)


def _how_paid(paper: Paper, facts: ReceiptFacts, y: float) -> None:
    right = MARGIN + 244
    paper.text(
        MARGIN, y, _wording(facts).means, size=8, colour=Colour.INK_SOFT, width=right - MARGIN, size_min=_SMALL
    )
    y += 16
    for tender in facts.tenders:
        paper.text(MARGIN, y, _tender_name(tender), size=11, font=BOLD, width=160, size_min=8)
        paper.text_to_right(right, y, verbatim(Money(tender.amount_minor, facts.currency)), size=11, font=BOLD)
        details = [
            kind_on_receipt(tender.kind) if tender.card_brand else NOTHING,
            m("Reference {reference}", reference=tender.reference) if tender.reference else NOTHING,
        ]
        for detail in filter(None, details):
            y += 12
            paper.text(MARGIN, y, detail, size=8, colour=Colour.INK_SOFT, width=right - MARGIN)
        for name, amount_minor in _cash_lines(tender):
            y += 13
            paper.text(MARGIN, y, name, size=9, width=160, size_min=_SMALL)
            paper.text_to_right(right, y, verbatim(Money(amount_minor, facts.currency)), size=9)
        y += 19
    surplus_minor = facts.unallocated_minor - facts.deposit_minor
    for name, amount_minor in ((_DEPOSIT, facts.deposit_minor), (_wording(facts).loose, surplus_minor)):
        if amount_minor:
            paper.text(MARGIN, y, name, size=9, width=180, size_min=_SMALL)
            paper.text_to_right(right, y, verbatim(Money(amount_minor, facts.currency)), size=9, font=BOLD)
            y += 19
    if facts.original_number:
        original = m("Refers to receipt {number}", number=facts.original_number)
        paper.text(MARGIN, y, original, size=9, font=BOLD, width=right - MARGIN, size_min=_SMALL)
    if facts.reason:
        reason = m("Reason: {reason}", reason=frozen_reason(facts.reason_code, facts.reason))
        paper.text(MARGIN, y + 12, reason, size=8, colour=Colour.INK_SOFT, width=right - MARGIN, size_min=_SMALL)


def _cash_lines(tender: ReceiptTender) -> list[tuple[Message, int]]:
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


def _wording(facts: ReceiptFacts) -> _Wording:
    return _WORDING[ReceiptKind(facts.kind)]


def _tender_name(tender: ReceiptTender) -> Message:
    if not tender.card_brand:
        return kind_on_receipt(tender.kind)
    brand = brand_name(tender.card_brand)
    return verbatim(f"{brand} •••• {tender.card_last_four}" if tender.card_last_four else brand)


def _total(paper: Paper, facts: ReceiptFacts, y: float) -> None:
    left = MARGIN + 268
    inner = left + 14
    right = RIGHT - 14
    paper.panel(left, y, RIGHT - left, 82, colour=Colour.ACCENT_SOFT)
    paper.text(
        inner,
        y + 20,
        _wording(facts).total,
        size=10,
        font=BOLD,
        colour=Colour.ACCENT,
        width=right - inner,
        size_min=_SMALL,
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
        size_min=_NEVER_CUT,
    )
    if facts.invoices:
        label = mn("Left to pay on this invoice", "Left to pay on these invoices", count=len(facts.invoices))
        left_over = str(Money(_balance_minor(facts), facts.currency))
        paper.text_to_right(right, y + 68, verbatim(left_over), size=10, font=BOLD)
        width = right - inner - width_of(left_over, BOLD, 10) - _CELL
        paper.text(inner, y + 68, label, size=9, width=width, size_min=_SMALL)


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
        MARGIN, y + 3, _SMALL_PRINT, size=7, leading=9, width=RIGHT - MARGIN - 60, lines_max=3, colour=Colour.INK_SOFT
    )
    paper.text_to_right(RIGHT, y + 3, page, size=7, colour=Colour.INK_SOFT)


def _balance_minor(facts: ReceiptFacts) -> int:
    return sum(invoice.balance_after_minor for invoice in facts.invoices)
