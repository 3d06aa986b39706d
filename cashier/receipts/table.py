"""The table of a receipt: a row for each invoice, and below it what it is for and how it was paid before.

Each row adds up: total, less the insurer's share, less what is no longer owed, less what was paid before and now, is
the balance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cashier.language import Message, dates, m, mc, mn, verbatim
from cashier.money import Money
from cashier.palette import Colour
from cashier.paper.sheet import MARGIN, RIGHT, Paper
from cashier.paper.typeface import BOLD, REGULAR, width_of
from cashier.receipts import wording
from cashier.receipts.facts import EarlierShare, ReceiptFacts, ReceiptInvoice, ReceiptService
from cashier.receipts.wording import earlier_words, service_words

TOP = 208.0
"""Where the table begins on each page."""
CELL = 8.0
SMALL = 5.5
"""The smallest size of words that stand in a column."""
NEVER_CUT = 1.0
"""The smallest size of numbers and amounts: better tiny than cut."""

_HEAD_HEIGHT = 20.0
_ROOMY_ROW, _ROOMY_ROWS_MAX = 29.0, 10
_TIGHT_ROW = 15.0
_DETAIL_ROW, _BELOW_DETAILS = 11.5, 4.0
_PAGE_HEIGHT, _LAST_PAGE_HEIGHT = 480.0, 300.0
"""How much room rows have; on the last page, the sums stand below them."""
_INDENT = 10.0
_DAY_WIDTH = 58.0
_COLUMN_STEP = {4: 70.0, 5: 64.0, 6: 57.0}
"""How far apart the columns of amounts are, by how many there are."""


@dataclass(frozen=True, kw_only=True)
class _Column:
    """Amounts below each other."""

    heading: Message
    amount_of: Callable[[ReceiptInvoice], int]
    font: str = REGULAR


_TOTAL = _Column(heading=wording.TOTAL, amount_of=lambda invoice: invoice.total_minor)
_INSURER = _Column(heading=wording.INSURER, amount_of=lambda invoice: invoice.insurer_share_minor)
_NOT_OWED = _Column(heading=wording.NOT_OWED, amount_of=lambda invoice: invoice.returned_minor)
_BEFORE = _Column(heading=wording.BEFORE, amount_of=lambda invoice: invoice.paid_before_minor)
_BALANCE = _Column(heading=wording.BALANCE, amount_of=lambda invoice: invoice.balance_after_minor)


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One row; ``draw`` gets the paper and its upper edge. Details belong to the row of their invoice above them."""

    invoice: ReceiptInvoice
    height: float
    draw: Callable[[Paper, float], None]
    is_detail: bool = False
    is_ruled: bool = False


class InvoiceTable:
    """The invoices of a receipt."""

    def __init__(self, facts: ReceiptFacts, paid_now: Message) -> None:
        """Lay out the columns that ``facts`` need; ``paid_now`` heads what this receipt is about."""
        self._facts = facts
        now = _Column(heading=paid_now, amount_of=lambda invoice: invoice.paid_now_minor, font=BOLD)
        columns = [_TOTAL, _INSURER]
        if any(invoice.returned_minor for invoice in facts.invoices):
            columns.append(_NOT_OWED)
        if any(invoice.earlier for invoice in facts.invoices):
            columns.append(_BEFORE)
        columns += [now, _BALANCE]
        step = _COLUMN_STEP[len(columns)]
        self._amount_width = step - 6
        self._edges: Mapping[_Column, float] = {
            column: RIGHT - CELL - step * place for place, column in enumerate(reversed(columns))
        }
        self._issued_x = RIGHT - CELL - step * len(columns) - _DAY_WIDTH + 4
        self._name_width = self._issued_x - MARGIN - 2 * CELL
        # Beside more columns, a department has no room in the line of its number.
        self._is_roomy = len(facts.invoices) <= _ROOMY_ROWS_MAX or len(columns) > min(_COLUMN_STEP)

    def pages(self) -> list[list[TableRow]]:
        """Share the rows out to pages; the last has room for the sums below them."""
        rows = [row for invoice in self._facts.invoices for row in self._rows_of(invoice)]
        pages = []
        while sum(row.height for row in rows) > _LAST_PAGE_HEIGHT:
            height, count = 0.0, 0
            while count < len(rows) - 1 and height + rows[count].height <= _PAGE_HEIGHT:
                height += rows[count].height
                count += 1
            pages.append(rows[:count])
            rows = rows[count:]
            if rows[0].is_detail:
                rows = [self._continued(rows[0].invoice), *rows]
        return [*pages, rows]

    def draw(self, paper: Paper, rows: Sequence[TableRow]) -> float:
        """Draw the head and these rows of one page; return where they end. Nothing is drawn where there are none."""
        if not rows:
            return TOP
        paper.panel(MARGIN, TOP, RIGHT - MARGIN, _HEAD_HEIGHT, colour=Colour.GROUND_DISABLED, corner=3)
        baseline = TOP + 13.2
        head = m("Invoice (amounts in {currency})", currency=self._facts.currency)
        soft = Colour.INK_SOFT
        paper.text(MARGIN + CELL, baseline, head, size=8, colour=soft, width=self._name_width, size_min=SMALL)
        issued = mc("heading of days", "Issued")
        paper.text(self._issued_x, baseline, issued, size=8, colour=soft, width=_DAY_WIDTH, size_min=SMALL)
        for column, x in self._edges.items():
            paper.text_to_right(
                x, baseline, column.heading, size=8, colour=soft, width=self._amount_width, size_min=SMALL
            )
        y = TOP + _HEAD_HEIGHT
        for row in rows:
            row.draw(paper, y)
            y += row.height
            if row.is_ruled:
                paper.rule(y, thickness=0.5)
        return y

    def draw_sums(self, paper: Paper, y: float) -> float:
        """Draw what several invoices come to, below them; return where that ends."""
        invoices = self._facts.invoices
        baseline = y + 14
        count = mn("{count} invoice", "{count} invoices", count=len(invoices))
        paper.text(MARGIN + CELL, baseline, count, size=9, font=BOLD)
        for column in self._edges:
            amount_minor = sum(column.amount_of(invoice) for invoice in invoices)
            self._amount(paper, column, baseline, amount_minor, size=9, font=BOLD)
        paper.rule(y + 21, colour=Colour.INK_SOFT, thickness=0.8)
        return y + 21

    def _rows_of(self, invoice: ReceiptInvoice) -> Iterator[TableRow]:
        """Lay out an invoice and its details; the rule is below the last of them."""
        height = _ROOMY_ROW if self._is_roomy else _TIGHT_ROW
        head = self._roomy_row if self._is_roomy else self._tight_row
        rows = [TableRow(invoice=invoice, height=height, draw=lambda paper, y: head(paper, invoice, y))]
        rows += [self._service_row(invoice, service) for service in invoice.services]
        rows += [self._earlier_row(invoice, share) for share in invoice.earlier or ()]
        below = _BELOW_DETAILS if len(rows) > 1 else 0.0
        yield from rows[:-1]
        yield replace(rows[-1], is_ruled=True, height=rows[-1].height + below)

    def _roomy_row(self, paper: Paper, invoice: ReceiptInvoice, y: float) -> None:
        x, width, number = MARGIN + CELL, self._name_width, verbatim(invoice.number)
        paper.text(x, y + 13, number, size=10, font=BOLD, width=width, size_min=NEVER_CUT)
        department = verbatim(invoice.department)
        paper.text(x, y + 23.5, department, size=8, colour=Colour.INK_SOFT, width=width)
        self._amounts(paper, invoice, y + 18, size=9.5)

    def _tight_row(self, paper: Paper, invoice: ReceiptInvoice, y: float) -> None:
        baseline, width = y + 10.6, self._name_width
        number = verbatim(invoice.number)
        paper.text(MARGIN + CELL, baseline, number, size=8, font=BOLD, width=width, size_min=NEVER_CUT)
        # The number is never cut; the department gets what is left of the line.
        taken = max(80.0, width_of(invoice.number, BOLD, 8) + 6)
        if taken < width - 24:
            x = MARGIN + CELL + taken
            department = verbatim(invoice.department)
            paper.text(x, baseline, department, size=7.5, colour=Colour.INK_SOFT, width=width - taken + 2)
        self._amounts(paper, invoice, baseline, size=8)

    def _service_row(self, invoice: ReceiptInvoice, service: ReceiptService) -> TableRow:
        def draw(paper: Paper, y: float) -> None:
            self._detail(paper, y, service_words(service), _TOTAL, service.total_minor)

        return TableRow(invoice=invoice, height=_DETAIL_ROW, draw=draw, is_detail=True)

    def _earlier_row(self, invoice: ReceiptInvoice, share: EarlierShare) -> TableRow:
        def draw(paper: Paper, y: float) -> None:
            self._detail(paper, y, earlier_words(share), _BEFORE, share.amount_minor)

        return TableRow(invoice=invoice, height=_DETAIL_ROW, draw=draw, is_detail=True)

    def _detail(self, paper: Paper, y: float, words: Message, column: _Column, amount_minor: int) -> None:
        x, baseline, soft = MARGIN + CELL + _INDENT, y + 8, Colour.INK_SOFT
        width = self._edges[column] - self._amount_width - x
        paper.text(x, baseline, words, size=8, colour=soft, width=width, size_min=SMALL)
        self._amount(paper, column, baseline, amount_minor, size=8, colour=soft)

    def _continued(self, invoice: ReceiptInvoice) -> TableRow:
        """Name the invoice again, above those of its details that came onto the next page."""

        def draw(paper: Paper, y: float) -> None:
            words = m("{number}, continued", number=invoice.number)
            paper.text(MARGIN + CELL, y + 10.6, words, size=8, font=BOLD, width=self._name_width, size_min=NEVER_CUT)

        return TableRow(invoice=invoice, height=_TIGHT_ROW, draw=draw)

    def _amounts(self, paper: Paper, invoice: ReceiptInvoice, baseline: float, *, size: float) -> None:
        issued = dates.day_on_paper(date.fromisoformat(invoice.issued_on))
        paper.text(self._issued_x, baseline, issued, size=size, width=_DAY_WIDTH, size_min=SMALL)
        for column in self._edges:
            self._amount(paper, column, baseline, column.amount_of(invoice), size=size, font=column.font)

    def _amount(
        self,
        paper: Paper,
        column: _Column,
        baseline: float,
        amount_minor: int,
        *,
        size: float,
        font: str = REGULAR,
        colour: Colour = Colour.INK,
    ) -> None:
        digits = verbatim(Money(amount_minor, self._facts.currency).digits())
        paper.text_to_right(
            self._edges[column], baseline, digits,
            size=size, font=font, colour=colour, width=self._amount_width, size_min=NEVER_CUT,
        )  # fmt: skip
