"""Closed shifts of every desk: found again, added up, with each Z report."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier import clock
from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.documents.csv_export import CsvExport
from cashier.desk.kit.controls import Card, Notice, PlainButton, Text, Tone, label, separator
from cashier.desk.kit.words import day_and_time
from cashier.desk.page import Page
from cashier.desk.shift.past_shift_columns import difference, past_shift_columns
from cashier.desk.shift.past_shift_filters import PastShiftFilters
from cashier.desk.shift.report_dialog import ReportDialog
from cashier.desk.tables.list_page import fill, heading, in_card, list_or_words, sheet_scroll, side_by_side
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.desk.tables.paged_model import Counting, PagedModel
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.errors import CashierError
from cashier.language import NOTHING, Message, joined, m, mn, verbatim
from cashier.language.number_style import Count
from cashier.shifts.past import OffBy, PastShift, PastShiftChoices, PastShiftQuery, PastShiftTotals


class PastShiftsPage(Page):
    """Filters above, shifts and what they come to on the left, the chosen one on the right."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing before ``enter``."""
        super().__init__(context)
        self.setObjectName("past_shifts_page")
        self._shifts, self._actor = context.services.past_shifts, context.actor
        self._filters = PastShiftFilters(context.station.time_zone)
        self._filters.setEnabled(False)
        self._model = self._rows()
        self.table = ChosenRowTable(self._model, name="past_shifts_table", title=m("Closed shifts"))
        self._notice = Notice(name="past_shifts_notice")
        self._nothing = label(m("One moment …"), Text.TITLE, name="past_shifts_empty", wraps=True)
        self._count = label(NOTHING, Text.CAPTION, name="past_shifts_count")
        self._off = label(NOTHING, Text.TITLE, name="past_shifts_off", wraps=True)
        self._report = PlainButton(Command.PAST_REPORT.on_button(), "receipt", name="past_shifts_report")
        self._export = PlainButton(Command.EXPORT_SHIFTS.on_button(), "save", name="past_shifts_export")
        self._file = CsvExport(
            self,
            self._export,
            self._notice,
            title=m("Export closed shifts"),
            meanwhile=m("The shifts are being written …"),
            saved=lambda written, name: mn(
                "{count} shift saved as {file}.", "{count} shifts saved as {file}.", count=Count(written), file=name
            ),
        )
        self._scroll = sheet_scroll()
        self._lay_out()
        self._connect()

    def enter(self, patient_id: int | None) -> None:
        """Begin with this month's, of every desk."""
        self.setFocus()
        self.context.thread.ask(self, self._shifts.choices(self._actor), then=self._start, failed=self._show_trouble)

    def _rows(self) -> PagedModel[PastShiftQuery, PastShift, int]:
        shifts, actor = self._shifts, self._actor
        return PagedModel(
            past_shift_columns(self.context.station.time_zone),
            self.context.thread,
            PastShiftQuery(),
            lambda query, after, skip: shifts.page(query, actor, after=after, skip=skip, limit=PAGE_ROWS),
            counting=Counting(
                ask=lambda query: shifts.totals(query, actor), rows=lambda totals, _query: totals.shifts
            ),
            parent=self,
        )

    def _lay_out(self) -> None:
        back = command_button(Command.LEAVE_PAST_SHIFTS, "leave_past_shifts")
        back.clicked.connect(self.left)
        fill(
            self,
            heading(
                m("Closed shifts"),
                m("What each drawer should have held, and what was counted"),
                buttons=[self._report, self._export, back],
            ),
            self._filters,
            self._notice,
            side_by_side(self._list_card(), in_card("past_shift_card", self._scroll), widths=(930, 390)),
        )

    def _list_card(self) -> Card:
        made = Card(name="past_shifts_card")
        rows = QWidget()
        self._stack = list_or_words(rows, self.table, self._nothing)
        foot = QHBoxLayout()
        foot.setContentsMargins(14, 0, 14, 10)
        foot.addWidget(self._off, 1)
        foot.addWidget(self._count, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(made)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(8)
        column.addWidget(rows, 1)
        column.addWidget(separator())
        column.addLayout(foot)
        return made

    def _connect(self) -> None:
        self._filters.query_changed.connect(self._look)
        self._model.query_shown.connect(self._show_rows)
        self._model.counted.connect(self._show_totals)
        self._model.loading_failed.connect(self._show_trouble)
        self.table.row_chosen.connect(self._show)
        self._report.clicked.connect(self._show_report)
        self._export.clicked.connect(self._choose_file)
        listen(
            self,
            {
                Command.PAST_REPORT: self._report.click,
                Command.EXPORT_SHIFTS: self._export.click,
                Command.FILTER_SHIFTS: self._filters.days.choice.setFocus,
                Command.LEAVE_PAST_SHIFTS: self.left.emit,
            },
        )

    def _start(self, choices: PastShiftChoices) -> None:
        self._filters.setEnabled(True)
        self._filters.start(choices)
        self.table.setFocus()

    def _look(self) -> None:
        self._notice.fall_silent()
        self._model.show(self._filters.query)

    def _show_rows(self) -> None:
        has_rows = bool(self._model.rowCount())
        self._export.setEnabled(has_rows)
        self._nothing.setText(str(m("No closed shift matches these filters.")))
        self._stack.setCurrentWidget(self.table if has_rows else self._nothing)
        if not has_rows:
            self._show(None)

    def _show_totals(self, totals: PastShiftTotals) -> None:
        self._count.setText(str(mn("{count} shift", "{count} shifts", count=Count(totals.shifts))))
        self._off.setText(str(joined("\n", map(_off_words, totals.off))))

    def _show(self, row: PastShift | None) -> None:
        self._report.setEnabled(row is not None)
        self._scroll.setWidget(QWidget() if row is None else _Sheet(row, self.context.station.time_zone))

    def _show_report(self) -> None:
        chosen = self.table.chosen
        if chosen is not None:
            ReportDialog(self.context, chosen.id, self, is_final=True).open()

    def _choose_file(self) -> None:
        today = clock.today(self.context.station.time_zone)
        shifts, query, actor = self._shifts, self._filters.query, self._actor
        self._file.ask(
            f"shifts-{today.isoformat()}.csv",
            lambda path, replaces: shifts.export(query, path, actor, replaces=replaces),
        )

    def _show_trouble(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)


class _Sheet(QWidget):
    """A picture of one closed shift."""

    def __init__(self, row: PastShift, time_zone: str) -> None:
        super().__init__()
        self.setObjectName("past_shift_sheet")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        column.addWidget(label(m("Shift {shift}", shift=row.name), Text.CAPTION))
        column.addWidget(label(difference(row), Text.HEADLINE, name="past_shift_difference"))
        for title, value in (
            (m("Should have been there"), verbatim(row.expected)),
            (m("Counted"), verbatim(row.counted)),
            (m("Float at the beginning"), verbatim(row.float)),
            (m("Reason"), verbatim(row.reason)),
            (m("Accepted by"), verbatim(row.approved_by)),
            (m("Opened"), _who_and_when(row.opened_by, day_and_time(row.opened_at, time_zone))),
            (m("Closed"), _who_and_when(row.closed_by, day_and_time(row.closed_at, time_zone))),
            (m("Its Z report"), _times(row.printed_times)),
        ):
            if value:
                pair = QVBoxLayout()
                pair.setSpacing(0)
                pair.addWidget(label(title, Text.CAPTION))
                pair.addWidget(label(value, wraps=True))
                column.addLayout(pair)
        column.addStretch(1)
        self.setAccessibleName(str(joined(", ", (m("Shift {shift}", shift=row.name), difference(row)))))


def _who_and_when(who: str, when: Message) -> Message:
    return joined(" · ", (verbatim(who), when))


def _times(printed: int) -> Message:
    if not printed:
        return m("was never printed or saved")
    return mn("left the program once", "left the program {count} times", count=Count(printed))


def _off_words(off: OffBy) -> Message:
    """Say over and short apart: one drawer's surplus pays for no other's shortage."""
    if not off.times_over and not off.times_short:
        return m("Every drawer was exact ({currency})", currency=off.over.currency)
    over, short = Count(off.times_over), Count(off.times_short)
    said = (
        mn("{amount} over, once", "{amount} over, {count} times", amount=off.over, count=over),
        mn("{amount} short, once", "{amount} short, {count} times", amount=-off.short, count=short),
    )
    times = (off.times_over, off.times_short)
    return joined(" · ", [words for words, happened in zip(said, times, strict=True) if happened])
