"""The report of a shift on paper: X while it is open, Z when it is closed. A4, as many pages as it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from cashier.language import NOTHING, Message, dates, joined, m, mc, mn, verbatim
from cashier.language.number_style import Count
from cashier.money import Money
from cashier.palette import Colour
from cashier.paper.sheet import BOTTOM, MARGIN, RIGHT, Paper
from cashier.paper.typeface import BOLD, REGULAR, width_of, wrap
from cashier.shifts.facts import CountLine, PendingLine, ReportKind, ShiftFacts
from cashier.tenders.card_brands import paid_with
from cashier.tenders.frozen import is_cash, tender_on_paper, way_on_report
from cashier.tenders.methods import other_method
from cashier.tenders.refund_way import RefundWay

_MOVEMENTS: Mapping[str, Message] = {"in": mc("of cash", "In"), "out": mc("of cash", "Out")}
_TO_BE_COUNTED = m("to be counted")

_ROW = 14.5
_SECTION_GAP = 12.0
_ABOVE_SUM = 10.5
"""How far above the baseline of a sum its line is drawn."""
_FOOTER_TOP = BOTTOM - 30
_SECOND_COLUMN = MARGIN + 268
_NEVER_CUT = 1.0
_SMALL = 5.5
"""The smallest size of words."""
_COUNT_X = RIGHT - 120
_REASON_LEADING, _REASON_LINES_MAX = 11.0, 18
"""A reason is never cut: so many lines take the longest one where the column is narrowest."""


def render(facts: ShiftFacts) -> bytes:
    """Return the report as PDF; the same facts, in one language, always give the same bytes."""
    return _Report(facts).render()


def report_name(facts: ShiftFacts) -> Message:
    """Name the report: ``Z report D1-7``."""
    if facts.kind is ReportKind.Z:
        return m("Z report {shift}", shift=facts.name)
    return m("X report {shift}", shift=facts.name)


def _how_it_goes_on(line: PendingLine) -> Message:
    if not line.until:
        return m("since {day}", day=_day(line.since))
    method = other_method(line.method)
    if method is not None and method.is_voucher:
        return m("since {day}, voucher to be paid until {until}", day=_day(line.since), until=_day(line.until))
    return m("since {day}, decided by about {until}", day=_day(line.since), until=_day(line.until))


def _how_it_ended(line: PendingLine) -> Message:
    if line.receipt:
        return m("since {day}: paid, receipt {number}", day=_day(line.since), number=line.receipt)
    return m("since {day}: not paid", day=_day(line.since))


def _day(written: str) -> Message:
    return dates.day_on_paper(date.fromisoformat(written))


class _Report:
    """One report in the making: sections follow each other downwards, over as many pages as they need."""

    def __init__(self, facts: ShiftFacts) -> None:
        self._facts = facts
        self._is_final = facts.kind is ReportKind.Z
        self._made_at = datetime.fromisoformat(facts.made_at)
        self._opened_at = datetime.fromisoformat(facts.opened_at)
        moved_at = [datetime.fromisoformat(each.at) for each in facts.movements]
        self._times = dates.PaperTimes((self._opened_at, *moved_at), made_at=self._made_at)
        self._heading = m("Z REPORT") if self._is_final else m("X REPORT")
        self._name = report_name(facts)
        self._page = 1
        self._paper = Paper(
            title=self._name,
            author=facts.hospital,
            subject=m("Shift {shift}", shift=facts.name),
            made_at=self._made_at,
            is_training=facts.is_training,
        )
        self._y = 0.0

    def render(self) -> bytes:
        self._letterhead()
        self._particulars()
        self._drawer()
        self._difference()
        self._payments()
        self._pending(m("Pending, carried over"), self._facts.pending, has_ended=False)
        self._pending(m("Carried over before, decided since"), self._facts.decided, has_ended=True)
        self._refunds()
        self._movements()
        self._proof()
        self._footer()
        return self._paper.finish()

    def _letterhead(self) -> None:
        paper, facts = self._paper, self._facts
        paper.mark(MARGIN, 46, 42)
        left, width = MARGIN + 56, 250.0
        paper.text(left, 61, verbatim(facts.hospital), size=15, font=BOLD, width=width, size_min=11)
        y = 76.0
        if facts.legal_name != facts.hospital:
            paper.text(left, y, verbatim(facts.legal_name), size=8.5, colour=Colour.INK_SOFT, width=width)
            y += 11.5
        y = paper.paragraph(
            left, y, verbatim(facts.address), size=8.5, leading=11.5, width=width, lines_max=3, colour=Colour.INK_SOFT
        )
        if facts.tax_id:
            tax_id = m("Tax ID {number}", number=facts.tax_id)
            paper.text(left, y, tax_id, size=8.5, colour=Colour.INK_SOFT, width=width)
        paper.text_to_right(
            RIGHT, 57, self._heading, size=10, font=BOLD, colour=Colour.ACCENT, width=196, size_min=_SMALL
        )
        shift = m("Shift {shift}", shift=facts.name)
        paper.text_to_right(RIGHT, 83, shift, size=22, font=BOLD, width=196, size_min=_NEVER_CUT)
        made = dates.moment_in_full(self._made_at)
        paper.text_to_right(RIGHT, 100, made, size=9.5, width=196, size_min=_SMALL)
        paper.text_to_right(RIGHT, 112, self._times.heading, size=8, colour=Colour.INK_SOFT, width=196)
        if not self._is_final:
            warning = m("Not the end of the shift")
            paper.text_to_right(RIGHT, 124, warning, size=8, colour=Colour.INK_SOFT, width=196, size_min=_SMALL)
        paper.rule(138, colour=Colour.ACCENT, thickness=1.8)

    def _particulars(self) -> None:
        facts = self._facts
        last = mc("of a shift", "Closed") if self._is_final else mc("of a report", "Made")
        columns = (
            (MARGIN, 150.0, m("Desk"), verbatim(facts.desk_code), facts.desk_name),
            (MARGIN + 166, 150.0, mc("of a shift", "Opened"), self._times.moment(self._opened_at), facts.opened_by),
            (MARGIN + 332, RIGHT - MARGIN - 332, last, self._times.moment(self._made_at), facts.made_by),
        )
        for x, width, name, value, below in columns:
            self._paper.text(x, 158, name, size=8, colour=Colour.INK_SOFT, width=width, size_min=_SMALL)
            self._paper.text(x, 173, value, size=11, font=BOLD, width=width, size_min=7)
            self._paper.text(x, 186, verbatim(below), size=9, width=width, size_min=7)
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
        self._title(m("Drawer"), right=right)
        cash = [each for each in facts.tenders if is_cash(each.tender) and each.currency == facts.currency]
        is_told = facts.expected_minor is not None
        given = [each.amount_minor for each in facts.refunds if each.way == RefundWay.CASH]
        lines: list[tuple[Message, int | None]] = [(m("Float"), facts.float_minor)]
        for each in cash:
            amount = each.amount_minor
            payments = mn("{count} cash payment", "{count} cash payments", count=Count(each.count))
            lines.append((payments, amount))
            if amount is not None and each.rounding_minor:
                lines.append((m("Rounded to coins"), each.rounding_minor))
        if given:
            lines.append((m("Refunded in cash"), -sum(filter(None, given)) if is_told else None))
        for kind, name, sign in (("in", mc("on a report", "Put in"), 1), ("out", mc("on a report", "Taken out"), -1)):
            moved = sum(each.amount_minor for each in facts.movements if each.kind == kind)
            if moved:
                lines.append((name, sign * moved if is_told else None))
        for name, minor in lines:
            self._line(name, _TO_BE_COUNTED if minor is None else self._money(minor), right=right)
        if facts.expected_minor is not None:
            self._paper.rule(self._y - _ABOVE_SUM, end=right)
            self._line(m("Should be there"), self._money(facts.expected_minor), right=right, font=BOLD)
        if facts.counted_minor is not None:
            self._line(mc("of a drawer", "Counted"), self._money(facts.counted_minor), right=right, font=BOLD)
        return self._y

    def _counted(self) -> None:
        self._title(mc("of a drawer", "Counted"), left=_SECOND_COLUMN)
        for line in self._facts.counts:
            self._count_line(line)
        self._paper.rule(self._y - _ABOVE_SUM, start=_SECOND_COLUMN)
        total = self._money(self._facts.counted_minor or 0)
        self._line(m("Sum"), total, left=_SECOND_COLUMN, font=BOLD)

    def _count_line(self, line: CountLine) -> None:
        value = self._money(line.value_minor)
        self._paper.text_to_right(_SECOND_COLUMN + 74, self._y, value, size=9.5)
        self._paper.text_to_right(_SECOND_COLUMN + 130, self._y, verbatim(f"× {Count(line.pieces)}"), size=9.5)
        self._paper.text_to_right(RIGHT, self._y, self._money(line.value_minor * line.pieces), size=9.5)
        self._y += _ROW

    def _difference(self) -> None:
        facts = self._facts
        if facts.difference_minor is None:
            return
        off = facts.difference_minor
        words = (
            m("The drawer is right")
            if not off
            else mc("of a drawer", "Over")
            if off > 0
            else mc("of a drawer", "Short")
        )
        tone = (Colour.GOOD, Colour.GOOD_SOFT) if not off else (Colour.BAD, Colour.BAD_SOFT)
        witnesses = (
            m("Approved by {name}", name=facts.approved_by) if facts.approved_by else NOTHING,
            m("Counted {count} times", count=facts.counted_times) if facts.counted_times > 1 else NOTHING,
        )
        about = (
            m("Reason: {reason}", reason=facts.reason) if facts.reason else NOTHING,
            joined(" · ", witnesses),
        )
        width = RIGHT - MARGIN - 28
        lines = [part for each in filter(None, about) for part in wrap(str(each), REGULAR, 9, width, lines_max=3)]
        height = 32 + 12.5 * len(lines) + (4 if lines else 0)
        self._room(height)
        top = self._y - _SECTION_GAP - 6
        self._paper.panel(MARGIN, top, RIGHT - MARGIN, height, colour=tone[1])
        self._paper.text(MARGIN + 14, top + 21, words, size=13, font=BOLD, colour=tone[0])
        if off:
            amount = self._money(abs(off))
            self._paper.text_to_right(RIGHT - 14, top + 21, amount, size=13, font=BOLD, colour=tone[0])
        for index, line in enumerate(lines):
            self._paper.text(MARGIN + 14, top + 38 + 12.5 * index, verbatim(line), size=9)
        self._y = top + height + _SECTION_GAP + 10

    def _payments(self) -> None:
        rows = [
            (
                tender_on_paper(each.tender),
                each.count,
                _TO_BE_COUNTED if each.amount_minor is None else verbatim(Money(each.amount_minor, each.currency)),
            )
            for each in self._facts.tenders
        ]
        sums: dict[str, int] = {}
        for each in self._facts.tenders:
            sums[each.currency] = sums.get(each.currency, 0) + (each.amount_minor or 0)
        is_whole = all(each.amount_minor is not None for each in self._facts.tenders)
        totals = [verbatim(Money(minor, currency)) for currency, minor in sorted(sums.items())] if is_whole else []
        self._sums(m("Payments"), rows, totals, m("No payment was taken."))

    def _pending(self, title: Message, lines: Sequence[PendingLine], *, has_ended: bool) -> None:
        """Name each payment that a bank had still to decide about: by what, for what, since when, how it goes on."""
        if not lines:
            return
        self._room(_SECTION_GAP + 2 * _ROW + 20)
        self._title(title)
        for each in lines:
            self._room(_ROW + _REASON_LEADING)
            method = paid_with(each.method, each.last_four) or tender_on_paper(each.tender)
            amount = verbatim(Money(each.amount_minor, each.currency))
            self._line(joined(" · ", (method, verbatim(each.invoices))), amount)
            below = _how_it_ended(each) if has_ended else _how_it_goes_on(each)
            self._paper.text(MARGIN, self._y - 3, below, size=8, colour=Colour.INK_SOFT, width=400, size_min=_SMALL)
            self._y += _REASON_LEADING
        self._y += _SECTION_GAP

    def _refunds(self) -> None:
        rows = [
            (
                way_on_report(each.way),
                each.count,
                _TO_BE_COUNTED if each.amount_minor is None else verbatim(Money(each.amount_minor, each.currency)),
            )
            for each in self._facts.refunds
        ]
        self._sums(m("Refunds"), rows, [], m("Nothing went back."))

    def _sums(
        self, title: Message, rows: Sequence[tuple[Message, int, Message]], totals: Sequence[Message], none: Message
    ) -> None:
        self._room(_SECTION_GAP + 2 * _ROW + 20)
        self._title(title)
        if not rows:
            self._line(none, NOTHING, colour=Colour.INK_SOFT)
        for name, count, amount in rows:
            self._room(_ROW)
            self._paper.text_to_right(_COUNT_X, self._y, verbatim(Count(count)), size=9.5)
            self._line(name, amount, name_end=_COUNT_X - 40)
        if len(rows) > 1:
            for total in totals:
                self._paper.rule(self._y - _ABOVE_SUM)
                self._line(m("Sum"), total, font=BOLD)
        self._y += _SECTION_GAP

    def _movements(self) -> None:
        facts = self._facts
        if not facts.movements:
            return
        self._room(_SECTION_GAP + 2 * _ROW + 20)
        self._title(m("Put in and taken out"))
        kind_width = max(22.0, *(width_of(str(words), REGULAR, 9.5) for words in _MOVEMENTS.values()))
        moments = [self._times.in_list(datetime.fromisoformat(each.at)) for each in facts.movements]
        kind_x = MARGIN + max(36.0, *(width_of(str(moment), REGULAR, 9.5) + 8 for moment in moments))
        reason_x = kind_x + kind_width + 8
        reason_width = MARGIN + 296 - reason_x
        for each, moment in zip(facts.movements, moments, strict=True):
            reason = wrap(each.reason, REGULAR, 8.5, reason_width, lines_max=_REASON_LINES_MAX) or [""]
            self._room(_ROW + _REASON_LEADING * (len(reason) - 1))
            sign = 1 if each.kind == "in" else -1
            kind = _MOVEMENTS.get(each.kind) or verbatim(each.kind)
            self._paper.text(MARGIN, self._y, moment, size=9.5)
            self._paper.text(kind_x, self._y, kind, size=9.5, width=kind_width, size_min=_SMALL)
            for place, part in enumerate(reason):
                self._paper.text(reason_x, self._y + _REASON_LEADING * place, verbatim(part), size=8.5)
            self._paper.text(MARGIN + 306, self._y, verbatim(each.who), size=9.5, width=100, size_min=7)
            self._line(NOTHING, self._money(sign * each.amount_minor))
            self._y += _REASON_LEADING * (len(reason) - 1)
        self._y += _SECTION_GAP

    def _entry(self, what: Message, number: int, digits: str) -> None:
        self._line(what, verbatim(Count(number)))
        self._paper.text(MARGIN, self._y, m("Its hash"), size=9.5, width=95, size_min=_SMALL)
        self._paper.text_to_right(RIGHT, self._y, verbatim(digits), size=8, width=400, size_min=_NEVER_CUT)
        self._y += _ROW

    def _proof(self) -> None:
        facts = self._facts
        self._room(126 if self._is_final else 40)
        self._title(m("Records"))
        numbers = verbatim(facts.first_receipt) if facts.receipts else mc("receipts", "none")
        if facts.receipts > 1:
            numbers = m(
                "{first} to {last}, {count} in all",
                first=facts.first_receipt,
                last=facts.last_receipt,
                count=Count(facts.receipts),
            )
        self._line(m("Receipts issued at this desk"), numbers)
        if facts.journal_number is not None:
            self._entry(m("Journal, entry of this closing"), facts.journal_number, facts.journal_hash)
            if facts.former_number is not None:
                self._entry(m("Entry of the closing before"), facts.former_number, facts.former_hash)
            self._y += 18
            for x, name in (
                (MARGIN, m("Signature of who closed")),
                (_SECOND_COLUMN, m("Signature of who received the cash")),
            ):
                self._paper.rule(self._y, start=x, end=x + 220)
                self._paper.text(x, self._y + 11, name, size=8, colour=Colour.INK_SOFT, width=220, size_min=_SMALL)

    def _title(self, text: Message, *, left: float = MARGIN, right: float = RIGHT) -> None:
        self._paper.text(
            left, self._y, text, size=10, font=BOLD, colour=Colour.ACCENT, width=right - left, size_min=_SMALL
        )
        self._paper.rule(self._y + 5, start=left, end=right)
        self._y += 20

    def _line(
        self,
        name: Message,
        value: Message,
        *,
        left: float = MARGIN,
        right: float = RIGHT,
        font: str = REGULAR,
        colour: Colour = Colour.INK,
        name_end: float | None = None,
    ) -> None:
        """Write a name and, on the right, its value; the name ends before the value, or at ``name_end``."""
        end = right - width_of(str(value), font, 9.5) - 8 if name_end is None else name_end
        self._paper.text(left, self._y, name, size=9.5, font=font, colour=colour, width=end - left, size_min=_SMALL)
        self._paper.text_to_right(right, self._y, value, size=9.5, font=font, width=220, size_min=_NEVER_CUT)
        self._y += _ROW

    def _room(self, height: float) -> None:
        """Begin another page unless ``height`` more points are left on this one."""
        if self._y + height <= _FOOTER_TOP:
            return
        self._footer()
        self._paper.next_page()
        self._page += 1
        self._paper.text(MARGIN, 60, self._name, size=11, font=BOLD)
        self._paper.text_to_right(RIGHT, 60, verbatim(self._facts.hospital), size=9, colour=Colour.INK_SOFT)
        self._paper.rule(68, colour=Colour.ACCENT, thickness=1.2)
        self._y = 92.0

    def _footer(self) -> None:
        self._paper.rule(_FOOTER_TOP + 8)
        words = (
            m("Made once when the shift was closed; every further print of it says COPY.")
            if self._is_final
            else m("How the shift stands. Nothing is reset by this report; it may be made again at any time.")
        )
        y, page = _FOOTER_TOP + 22, m("Page {page}", page=self._page)
        width = RIGHT - MARGIN - 60
        self._paper.text(MARGIN, y, words, size=7.5, colour=Colour.INK_SOFT, width=width, size_min=_SMALL)
        self._paper.text_to_right(RIGHT, y, page, size=7.5, colour=Colour.INK_SOFT)

    def _money(self, amount_minor: int) -> Message:
        return verbatim(Money(amount_minor, self._facts.currency))
