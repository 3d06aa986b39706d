"""The sheet of an invoice: A4, as many pages as its lines take; whoever adds it up comes to the balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from cashier.books.invoice import InvoiceStatus
from cashier.invoices.sheet.facts import SheetFacts, SheetLine
from cashier.language import NOTHING, Message, dates, joined, m, mc, verbatim
from cashier.language.number_style import Decimals
from cashier.money import Money
from cashier.palette import Colour
from cashier.paper.sheet import BOTTOM, MARGIN, RIGHT, Paper
from cashier.paper.typeface import BOLD, REGULAR, wrap
from cashier.receipts.wording import earlier_words

_SMALL = 5.5
"""The smallest size of words."""
_NEVER_CUT = 1.0
"""The smallest size of numbers and amounts: better tiny than cut."""
_CELL = 8.0
_TOP = 208.0
_HEAD = 20.0
_LEADING = 11.5
_DESCRIPTION_LINES_MAX = 4
_END = BOTTOM - 40
_QUANTITY_X, _PRICE_X, _TAX_X, _TOTAL_X = RIGHT - 224, RIGHT - 144, RIGHT - 92, RIGHT - _CELL
_DESCRIPTION_WIDTH = _QUANTITY_X - 60 - MARGIN
_SUMS_X = MARGIN + 230

_SMALL_PRINT = m("What the books know of this invoice at the time above. Receipts tell of each payment by itself.")
_STATUS_NOW = {
    InvoiceStatus.CANCELLED.value: m("CANCELLED"),
    InvoiceStatus.PAID.value: m("PAID"),
    InvoiceStatus.CREDIT.value: m("CREDIT NOTE"),
    InvoiceStatus.CREDIT_USED.value: m("CREDIT NOTE"),
}
_INVOICE = m("INVOICE")


def render(facts: SheetFacts) -> bytes:
    """Return the sheet as PDF; the same facts, in one language, always give the same bytes."""
    return _Sheet(facts).render()


class _Sheet:
    """One sheet in the making: what comes next begins at ``y``, on another page where this one is full."""

    def __init__(self, facts: SheetFacts) -> None:
        self._facts = facts
        self._made_at = datetime.fromisoformat(facts.made_at)
        self._paper = Paper(
            title=m("Invoice {number}", number=facts.number),
            author=facts.hospital,
            subject=m("Balance of {amount}", amount=self._money(facts.balance_minor)),
            made_at=self._made_at,
            is_training=facts.is_training,
        )
        self._page = 1
        self._begin_page()

    def render(self) -> bytes:
        """Draw all of it."""
        self._head_of_lines()
        for line in self._facts.lines:
            self._line(line)
        self._sums()
        self._payments()
        self._balance()
        return self._paper.finish()

    def _money(self, amount_minor: int) -> Money:
        return Money(amount_minor, self._facts.currency)

    def _begin_page(self) -> None:
        _letterhead(self._paper, self._facts, self._made_at)
        _particulars(self._paper, self._facts)
        self._paper.rule(BOTTOM - 26)
        self._paper.paragraph(
            MARGIN, BOTTOM - 14, _SMALL_PRINT, size=7, leading=9, width=RIGHT - MARGIN - 60, lines_max=2,
            colour=Colour.INK_SOFT,
        )  # fmt: skip
        page = m("Page {page}", page=self._page)
        self._paper.text_to_right(RIGHT, BOTTOM - 14, page, size=7, colour=Colour.INK_SOFT)
        self._y = _TOP

    def _room_for(self, height: float, *, of_lines: bool = False) -> None:
        """Go on with another page where so much does not fit on this one."""
        if self._y + height <= _END:
            return
        self._paper.next_page()
        self._page += 1
        self._begin_page()
        if of_lines:
            self._head_of_lines()

    def _head_of_lines(self) -> None:
        self._paper.panel(MARGIN, self._y, RIGHT - MARGIN, _HEAD, colour=Colour.GROUND_DISABLED, corner=3)
        baseline, soft = self._y + 13.2, Colour.INK_SOFT
        head = m("Service (amounts in {currency})", currency=self._facts.currency)
        self._paper.text(
            MARGIN + _CELL, baseline, head, size=8, colour=soft, width=_DESCRIPTION_WIDTH, size_min=_SMALL
        )
        columns = (
            (_QUANTITY_X, m("Quantity"), 54),
            (_PRICE_X, m("Unit price"), 74),
            (_TAX_X, m("Tax"), 46),
            (_TOTAL_X, m("Total"), 76),
        )
        for x, words, width in columns:
            self._paper.text_to_right(x, baseline, words, size=8, colour=soft, width=width, size_min=_SMALL)
        self._y += _HEAD

    def _line(self, line: SheetLine) -> None:
        described = wrap(line.description, REGULAR, 9, _DESCRIPTION_WIDTH, lines_max=_DESCRIPTION_LINES_MAX)
        height = 6 + _LEADING * len(described)
        self._room_for(height, of_lines=True)
        baseline = self._y + 12
        for number, words in enumerate(described):
            self._paper.text(MARGIN + _CELL, baseline + _LEADING * number, verbatim(words), size=9)
        self._number(_QUANTITY_X, baseline, _decimals(line.quantity_milli, 3), width=54)
        self._number(_PRICE_X, baseline, self._money(line.unit_price_minor).digits(), width=74)
        if line.tax_basis_points:
            tax = m("{percent} %", percent=_decimals(line.tax_basis_points, 2))
            self._paper.text_to_right(_TAX_X, baseline, tax, size=9, width=46, size_min=_NEVER_CUT)
        self._number(_TOTAL_X, baseline, self._money(line.total_minor).digits(), width=86)
        self._y += height
        self._paper.rule(self._y, thickness=0.4)

    def _number(self, x: float, y: float, digits: object, *, width: float, font: str = REGULAR) -> None:
        self._paper.text_to_right(x, y, verbatim(digits), size=9, font=font, width=width, size_min=_NEVER_CUT)

    def _sums(self) -> None:
        facts = self._facts
        tax = m("of which tax: {amount}", amount=self._money(facts.tax_minor)) if facts.tax_minor else NOTHING
        insurer = joined(" · ", [m("Insurer’s share"), verbatim(facts.insurer)])
        rows: list[tuple[Message, int, Message]] = [(m("Total"), facts.total_minor, tax)]
        if facts.insurer_share_minor:
            rows.append((insurer, -facts.insurer_share_minor, NOTHING))
        if facts.returned_minor:
            rows.append((m("No longer owed"), -facts.returned_minor, NOTHING))
        self._y += 6
        for words, amount_minor, detail in rows:
            self._room_for(16)
            self._sum(joined(" · ", [words, detail]), amount_minor)

    def _payments(self) -> None:
        if not self._facts.paid:
            return
        self._room_for(34)
        self._y += 8
        heading = m("Paid for it so far")
        self._paper.text(MARGIN + _CELL, self._y + 11, heading, size=8, colour=Colour.INK_SOFT)
        self._y += 14
        for share in self._facts.paid:
            self._room_for(14)
            self._sum(earlier_words(share), -share.amount_minor, x=MARGIN + _CELL, height=14)

    def _sum(self, words: Message, amount_minor: int, *, x: float = _SUMS_X, height: float = 16) -> None:
        baseline, width = self._y + height - 4, _TOTAL_X - 96 - x
        self._paper.text(x, baseline, words, size=9, width=width, size_min=_SMALL)
        self._number(_TOTAL_X, baseline, self._money(amount_minor).digits(), width=90)
        self._y += height

    def _balance(self) -> None:
        facts = self._facts
        self._room_for(58)
        self._y += 10
        self._paper.panel(_SUMS_X - 14, self._y, RIGHT - _SUMS_X + 14, 44, colour=Colour.ACCENT_SOFT)
        is_credit = facts.total_minor < 0
        words = m("Credit that is left") if is_credit else m("Left to pay")
        balance = verbatim(self._money(-facts.balance_minor if is_credit else facts.balance_minor))
        accent = Colour.ACCENT_STRONG
        self._paper.text(_SUMS_X, self._y + 27, words, size=10, font=BOLD, width=100, size_min=_SMALL)
        self._paper.text_to_right(
            _TOTAL_X, self._y + 29, balance, size=20, font=BOLD, colour=accent, width=150, size_min=_NEVER_CUT
        )
        self._y += 44


def _letterhead(paper: Paper, facts: SheetFacts, made_at: datetime) -> None:
    paper.mark(MARGIN, 46, 42)
    left, width = MARGIN + 56, 240.0
    paper.text(left, 61, verbatim(facts.hospital), size=15, font=BOLD, width=width, size_min=11)
    address = [verbatim(facts.legal_name)] if facts.legal_name != facts.hospital else []
    y = 76.0
    for words, lines_max in ((joined("", address), 1), (verbatim(facts.address), 3), (_contact(facts), 1)):
        if words:
            y = paper.paragraph(
                left, y, words, size=8.5, leading=11.5, width=width, lines_max=lines_max, colour=Colour.INK_SOFT
            )
    heading = _STATUS_NOW.get(facts.status, _INVOICE)
    paper.text_to_right(RIGHT, 57, heading, size=10, font=BOLD, colour=Colour.ACCENT, width=196, size_min=6)
    paper.text_to_right(RIGHT, 83, verbatim(facts.number), size=24, font=BOLD, width=196, size_min=_NEVER_CUT)
    paper.text_to_right(RIGHT, 100, dates.moment_in_full(made_at), size=9.5, width=196, size_min=6)
    clock = dates.PaperTimes((), made_at=made_at).heading
    paper.text_to_right(RIGHT, 112, clock, size=8, colour=Colour.INK_SOFT)
    paper.rule(138, colour=Colour.ACCENT, thickness=1.8)


def _contact(facts: SheetFacts) -> Message:
    tax_id = m("Tax ID {number}", number=facts.tax_id) if facts.tax_id else NOTHING
    phone = m("Phone {number}", number=facts.phone) if facts.phone else NOTHING
    return joined(" · ", (tax_id, phone))


def _particulars(paper: Paper, facts: SheetFacts) -> None:
    columns: Sequence[tuple[float, float, Message, Message]] = (
        (MARGIN, 150.0, m("Patient’s record number"), verbatim(facts.record_number)),
        (MARGIN + 166, 150.0, m("Department"), verbatim(facts.department)),
        (MARGIN + 332, 76.0, mc("heading of days", "Issued"), _day(facts.issued_on)),
        (MARGIN + 420, RIGHT - MARGIN - 420, mc("heading of days", "Due"), _day(facts.due_on)),
    )
    for x, width, label, value in columns:
        paper.text(x, 159, label, size=8, colour=Colour.INK_SOFT, width=width, size_min=_SMALL)
        paper.text(x, 175, value, size=11.5, font=BOLD, width=width, size_min=_SMALL)
    patient = (
        m("Patient: {name}", name=facts.patient_name) if facts.patient_name else NOTHING,
        m("Born {date}", date=_day(facts.patient_born)) if facts.patient_born else NOTHING,
    )
    paper.text(MARGIN, 194, joined(" · ", patient), size=10, width=RIGHT - MARGIN, size_min=_NEVER_CUT)


def _day(iso: str) -> Message:
    return dates.day_on_paper(date.fromisoformat(iso))


def _decimals(whole: int, places: int) -> Decimals:
    """Write a number of so many implied places without zeros at its end: 1500 of three is 1.5."""
    return Decimals(f"{whole / 10**places:.{places}f}".rstrip("0").rstrip("."))
