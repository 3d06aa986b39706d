"""The report of a shift on paper: X while it is open, Z when it is closed. A4, as many pages as it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cashier.language import dates
from cashier.money import Money
from cashier.palette import Colour
from cashier.paper.sheet import BOTTOM, MARGIN, RIGHT, Paper
from cashier.paper.typeface import BOLD, REGULAR, wrap
from cashier.shifts.facts import CountLine, ReportKind, ShiftFacts
from cashier.tenders.frozen import is_cash, tender_on_paper, way_on_report
from cashier.tenders.refund_way import RefundWay

_MOVEMENTS: Mapping[str, str] = {"in": "In", "out": "Out"}

_ROW = 14.5
_SECTION_GAP = 12.0
_ABOVE_SUM = 10.5
"""How far above the baseline of a sum its line is drawn."""
_FOOTER_TOP = BOTTOM - 30
_SECOND_COLUMN = MARGIN + 268
_NEVER_CUT = 1.0
_COUNT_X = RIGHT - 120


def render(facts: ShiftFacts) -> bytes:
    """Return the report as PDF; the same facts always give the same bytes."""
    return _Report(facts).render()


class _Report:
    """One report in the making: sections follow each other downwards, over as many pages as they need."""

    def __init__(self, facts: ShiftFacts) -> None:
        self._facts = facts
        self._is_final = facts.kind is ReportKind.Z
        self._made_at = datetime.fromisoformat(facts.made_at)
        self._heading = "Z REPORT" if self._is_final else "X REPORT"
        self._page = 1
        self._paper = Paper(
            title=f"{self._heading.capitalize()} {facts.name}",
            author=facts.hospital,
            subject=f"Shift {facts.name}",
            made_at=self._made_at,
        )
        self._y = 0.0

    def render(self) -> bytes:
        self._letterhead()
        self._particulars()
        self._drawer()
        self._difference()
        self._payments()
        self._refunds()
        self._movements()
        self._proof()
        self._footer()
        return self._paper.finish()

    def _letterhead(self) -> None:
        paper, facts = self._paper, self._facts
        paper.mark(MARGIN, 46, 42)
        left, width = MARGIN + 56, 250.0
        paper.text(left, 61, facts.hospital, size=15, font=BOLD, width=width, size_min=11)
        y = 76.0
        if facts.legal_name != facts.hospital:
            paper.text(left, y, facts.legal_name, size=8.5, colour=Colour.INK_SOFT, width=width)
            y += 11.5
        y = paper.paragraph(
            left, y, facts.address, size=8.5, leading=11.5, width=width, lines_max=3, colour=Colour.INK_SOFT
        )
        if facts.tax_id:
            paper.text(left, y, f"Tax ID {facts.tax_id}", size=8.5, colour=Colour.INK_SOFT, width=width)
        paper.text_to_right(RIGHT, 57, self._heading, size=10, font=BOLD, colour=Colour.ACCENT)
        paper.text_to_right(RIGHT, 83, f"Shift {facts.name}", size=22, font=BOLD, width=196, size_min=_NEVER_CUT)
        paper.text_to_right(RIGHT, 100, _moment(facts.made_at, seconds=True), size=9.5, width=196)
        if not self._is_final:
            paper.text_to_right(RIGHT, 113, "Not the end of the shift", size=8, colour=Colour.INK_SOFT)
        paper.rule(138, colour=Colour.ACCENT, thickness=1.8)

    def _particulars(self) -> None:
        facts = self._facts
        last = ("Closed", facts.made_at, facts.made_by) if self._is_final else ("Made", facts.made_at, facts.made_by)
        columns = (
            (MARGIN, 150.0, "Desk", facts.desk_code, facts.desk_name),
            (MARGIN + 166, 150.0, "Opened", _moment(facts.opened_at), facts.opened_by),
            (MARGIN + 332, RIGHT - MARGIN - 332, last[0], _moment(last[1]), last[2]),
        )
        for x, width, name, value, below in columns:
            self._paper.text(x, 158, name, size=8, colour=Colour.INK_SOFT)
            self._paper.text(x, 173, value, size=11, font=BOLD, width=width, size_min=8)
            self._paper.text(x, 186, below, size=9, width=width, size_min=7)
        self._y = 210.0

    def _drawer(self) -> None:
        """Draw side by side what should be in the drawer and what was counted."""
        top = self._y
        left_end = self._expected()
        if self._facts.counts:
            self._y = top
            self._counted()
        self._y = max(self._y, left_end) + _SECTION_GAP

    def _expected(self) -> float:
        facts, right = self._facts, _SECOND_COLUMN - 24
        self._title("Drawer", right=right)
        cash = [each for each in facts.tenders if is_cash(each.tender) and each.currency == facts.currency]
        given = sum(each.amount_minor for each in facts.refunds if each.way == RefundWay.CASH)
        lines: list[tuple[str, int | None]] = [("Float", facts.float_minor)]
        for each in cash:
            amount = each.amount_minor
            lines.append((_counted("cash payment", each.count), amount))
            if amount is not None and each.rounding_minor:
                lines.append(("Rounded to coins", each.rounding_minor))
        if given:
            lines.append(("Refunded in cash", -given))
        for kind, name, sign in (("in", "Put in", 1), ("out", "Taken out", -1)):
            moved = sum(each.amount_minor for each in facts.movements if each.kind == kind)
            if moved:
                lines.append((name, sign * moved))
        for name, minor in lines:
            self._line(name, "to be counted" if minor is None else self._money(minor), right=right)
        if facts.expected_minor is not None:
            self._paper.rule(self._y - _ABOVE_SUM, end=right)
            self._line("Should be there", self._money(facts.expected_minor), right=right, font=BOLD)
        if facts.counted_minor is not None:
            self._line("Counted", self._money(facts.counted_minor), right=right, font=BOLD)
        return self._y

    def _counted(self) -> None:
        self._title("Counted", left=_SECOND_COLUMN)
        for line in self._facts.counts:
            self._count_line(line)
        self._paper.rule(self._y - _ABOVE_SUM, start=_SECOND_COLUMN)
        total = self._money(self._facts.counted_minor or 0)
        self._line("Sum", total, left=_SECOND_COLUMN, font=BOLD)

    def _count_line(self, line: CountLine) -> None:
        value = self._money(line.value_minor)
        self._paper.text_to_right(_SECOND_COLUMN + 74, self._y, value, size=9.5)
        self._paper.text_to_right(_SECOND_COLUMN + 130, self._y, f"× {line.pieces:,}", size=9.5)
        self._paper.text_to_right(RIGHT, self._y, self._money(line.value_minor * line.pieces), size=9.5)
        self._y += _ROW

    def _difference(self) -> None:
        facts = self._facts
        if facts.difference_minor is None:
            return
        off = facts.difference_minor
        words = "The drawer is right" if not off else "Over" if off > 0 else "Short"
        tone = (Colour.GOOD, Colour.GOOD_SOFT) if not off else (Colour.BAD, Colour.BAD_SOFT)
        witnesses = [
            facts.approved_by and f"Approved by {facts.approved_by}",
            f"Counted {facts.counted_times} times" if facts.counted_times > 1 else "",
        ]
        about = [facts.reason and f"Reason: {facts.reason}", " · ".join(filter(None, witnesses))]
        width = RIGHT - MARGIN - 28
        lines = [part for each in filter(None, about) for part in wrap(each, REGULAR, 9, width, lines_max=3)]
        height = 32 + 12.5 * len(lines) + (4 if lines else 0)
        self._room(height)
        top = self._y - _SECTION_GAP - 6
        self._paper.panel(MARGIN, top, RIGHT - MARGIN, height, colour=tone[1])
        self._paper.text(MARGIN + 14, top + 21, words, size=13, font=BOLD, colour=tone[0])
        if off:
            amount = self._money(abs(off))
            self._paper.text_to_right(RIGHT - 14, top + 21, amount, size=13, font=BOLD, colour=tone[0])
        for index, line in enumerate(lines):
            self._paper.text(MARGIN + 14, top + 38 + 12.5 * index, line, size=9)
        self._y = top + height + _SECTION_GAP + 10

    def _payments(self) -> None:
        rows = [
            (
                tender_on_paper(each.tender),
                each.count,
                "to be counted" if each.amount_minor is None else str(Money(each.amount_minor, each.currency)),
            )
            for each in self._facts.tenders
        ]
        sums: dict[str, int] = {}
        for each in self._facts.tenders:
            sums[each.currency] = sums.get(each.currency, 0) + (each.amount_minor or 0)
        is_whole = all(each.amount_minor is not None for each in self._facts.tenders)
        totals = [str(Money(minor, currency)) for currency, minor in sorted(sums.items())] if is_whole else []
        self._sums("Payments", rows, totals, "No payment was taken.")

    def _refunds(self) -> None:
        rows = [
            (way_on_report(each.way), each.count,
             str(Money(each.amount_minor, each.currency)))
            for each in self._facts.refunds
        ]  # fmt: skip
        self._sums("Refunds", rows, [], "Nothing went back.")

    def _sums(self, title: str, rows: Sequence[tuple[str, int, str]], totals: Sequence[str], none: str) -> None:
        self._room(_SECTION_GAP + 2 * _ROW + 20)
        self._title(title)
        if not rows:
            self._line(none, "", colour=Colour.INK_SOFT)
        for name, count, amount in rows:
            self._room(_ROW)
            self._paper.text_to_right(_COUNT_X, self._y, f"{count:,}", size=9.5)
            self._line(name, amount)
        if len(rows) > 1:
            for total in totals:
                self._paper.rule(self._y - _ABOVE_SUM)
                self._line("Sum", total, font=BOLD)
        self._y += _SECTION_GAP

    def _movements(self) -> None:
        facts = self._facts
        if not facts.movements:
            return
        self._room(_SECTION_GAP + 2 * _ROW + 20)
        self._title("Put in and taken out")
        for each in facts.movements:
            self._room(_ROW)
            at = datetime.fromisoformat(each.at)
            sign = 1 if each.kind == "in" else -1
            self._paper.text(MARGIN, self._y, f"{at:%H:%M}", size=9.5)
            self._paper.text(MARGIN + 36, self._y, _MOVEMENTS.get(each.kind, each.kind), size=9.5)
            self._paper.text(MARGIN + 66, self._y, each.reason, size=9.5, width=230, size_min=7)
            self._paper.text(MARGIN + 306, self._y, each.who, size=9.5, width=100, size_min=7)
            self._line("", self._money(sign * each.amount_minor))
        self._y += _SECTION_GAP

    def _proof(self) -> None:
        facts = self._facts
        self._room(90 if self._is_final else 40)
        self._title("Records")
        if facts.receipts:
            numbers = facts.first_receipt
            if facts.receipts > 1:
                numbers = f"{facts.first_receipt} to {facts.last_receipt}, {facts.receipts:,} in all"
        else:
            numbers = "none"
        self._line("Receipts issued at this desk", numbers)
        if facts.journal_number is not None:
            self._line("Journal, entry of this closing", f"{facts.journal_number:,}")
            self._paper.text(MARGIN, self._y, "Its hash", size=9.5)
            self._paper.text_to_right(RIGHT, self._y, facts.journal_hash, size=8, width=400, size_min=_NEVER_CUT)
            self._y += _ROW + 18
            for x, name in (
                (MARGIN, "Signature of who closed"),
                (_SECOND_COLUMN, "Signature of who received the cash"),
            ):
                self._paper.rule(self._y, start=x, end=x + 220)
                self._paper.text(x, self._y + 11, name, size=8, colour=Colour.INK_SOFT)

    def _title(self, text: str, *, left: float = MARGIN, right: float = RIGHT) -> None:
        self._paper.text(left, self._y, text, size=10, font=BOLD, colour=Colour.ACCENT)
        self._paper.rule(self._y + 5, start=left, end=right)
        self._y += 20

    def _line(
        self,
        name: str,
        value: str,
        *,
        left: float = MARGIN,
        right: float = RIGHT,
        font: str = REGULAR,
        colour: Colour = Colour.INK,
    ) -> None:
        self._paper.text(left, self._y, name, size=9.5, font=font, colour=colour)
        self._paper.text_to_right(right, self._y, value, size=9.5, font=font, width=220, size_min=_NEVER_CUT)
        self._y += _ROW

    def _room(self, height: float) -> None:
        """Begin another page unless ``height`` more points are left on this one."""
        if self._y + height <= _FOOTER_TOP:
            return
        self._footer()
        self._paper.next_page()
        self._page += 1
        self._paper.text(MARGIN, 60, f"{self._heading.capitalize()} {self._facts.name}", size=11, font=BOLD)
        self._paper.text_to_right(RIGHT, 60, self._facts.hospital, size=9, colour=Colour.INK_SOFT)
        self._paper.rule(68, colour=Colour.ACCENT, thickness=1.2)
        self._y = 92.0

    def _footer(self) -> None:
        self._paper.rule(_FOOTER_TOP + 8)
        words = (
            "Made once when the shift was closed; every further print of it says COPY."
            if self._is_final
            else "How the shift stands. Nothing is reset by this report; it may be made again at any time."
        )
        self._paper.text(MARGIN, _FOOTER_TOP + 22, words, size=7.5, colour=Colour.INK_SOFT)
        self._paper.text_to_right(RIGHT, _FOOTER_TOP + 22, f"Page {self._page}", size=7.5, colour=Colour.INK_SOFT)

    def _money(self, amount_minor: int) -> str:
        return str(Money(amount_minor, self._facts.currency))


def _counted(what: str, count: int) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _moment(text: str, *, seconds: bool = False) -> str:
    return str(dates.moment_on_paper(datetime.fromisoformat(text), seconds=seconds))
