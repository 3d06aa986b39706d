"""The journal, for auditors and administrators: who did what, and whether it is as it was written."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cashier import clock
from cashier.audit.journal_views import ChainVerdict, JournalChoices, JournalQuery, JournalRow
from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.documents.csv_export import CsvExport
from cashier.desk.kit.controls import Card, Notice, PlainButton, Text, Tone, label, separator
from cashier.desk.kit.copy_line import CopyLine
from cashier.desk.office.audit_columns import audit_columns, facts_of
from cashier.desk.office.audit_filters import AuditFilters
from cashier.desk.office.audit_words import deed_of, has_long_key, record_in_short, record_of
from cashier.desk.page import Page
from cashier.desk.tables.list_page import fill, heading, in_card, list_or_words, sheet_scroll, side_by_side
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.desk.tables.paged_model import PagedModel
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.errors import CashierError
from cashier.language import Message, m, mn, number, verbatim
from cashier.language.number_style import Count

_ROW_HEIGHT = 34
_WORD_LENGTH_MAX = 36
"""What is longer and has no blanks, such as a hash, has no room in one line."""


class AuditPage(Page):
    """Filters above, entries on the left, everything about the chosen one on the right."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing before ``enter``."""
        super().__init__(context)
        self.setObjectName("audit_page")
        self._log, self._actor = context.services.journal, context.actor
        self._filters = AuditFilters(context.station.time_zone)
        self._filters.setEnabled(False)
        log, actor = self._log, self._actor
        # Not counted: the list grows as it is read.
        self._model: PagedModel[JournalQuery, JournalRow, int] = PagedModel(
            audit_columns(context.station.time_zone),
            context.thread,
            JournalQuery(),
            lambda query, after, skip: log.page(query, actor, after=after, skip=skip, limit=PAGE_ROWS),
            parent=self,
        )
        self.table = ChosenRowTable(self._model, name="audit_table", title=m("Journal"), row_height=_ROW_HEIGHT)
        self._notice = Notice(name="audit_notice")
        self._nothing = label(m("One moment …"), Text.TITLE, name="audit_empty", wraps=True)
        self._check = PlainButton(Command.CHECK_CHAIN.on_button(), "check", name="audit_check")
        self._export = PlainButton(Command.EXPORT_JOURNAL.on_button(), "save", name="audit_export")
        self._file = CsvExport(
            self,
            self._export,
            self._notice,
            title=m("Export the journal"),
            meanwhile=m("The entries are being written …"),
            saved=lambda written, name: mn(
                "{count} entry saved as {file}.", "{count} entries saved as {file}.", count=Count(written), file=name
            ),
        )
        self._scroll = sheet_scroll()
        self._lay_out()
        self._connect()

    def enter(self, patient_id: int | None) -> None:
        """Open the journal, which is an entry of its own."""
        self.setFocus()
        self.context.thread.ask(self, self._log.open(self._actor), then=self._start, failed=self._show_trouble)

    def _lay_out(self) -> None:
        back = command_button(Command.LEAVE_JOURNAL, "leave_audit")
        back.clicked.connect(self.left)
        list_card = Card(name="audit_card")
        self._stack = list_or_words(list_card, self.table, self._nothing)
        fill(
            self,
            heading(m("Journal"), m("Who did what to which record"), buttons=[self._check, self._export, back]),
            self._filters,
            self._notice,
            side_by_side(list_card, in_card("audit_sheet_card", self._scroll), widths=(940, 380)),
        )

    def _connect(self) -> None:
        self._filters.query_changed.connect(self._look)
        self._filters.left_downwards.connect(self.table.setFocus)
        self._model.query_shown.connect(self._show_rows)
        self._model.loading_failed.connect(self._show_trouble)
        self.table.row_chosen.connect(self._show)
        self._check.clicked.connect(self._check_chain)
        self._export.clicked.connect(self._choose_file)
        listen(
            self,
            {
                Command.CHECK_CHAIN: self._check.click,
                Command.EXPORT_JOURNAL: self._export.click,
                Command.FILTER_JOURNAL: self._filters.action.setFocus,
                Command.LEAVE_JOURNAL: self.left.emit,
            },
        )

    def _start(self, choices: JournalChoices) -> None:
        self._filters.setEnabled(True)
        self._filters.start(choices)
        self.table.setFocus()

    def _look(self) -> None:
        self._notice.fall_silent()
        self._model.show(self._filters.query)

    def _show_rows(self) -> None:
        has_rows = bool(self._model.rowCount())
        self._export.setEnabled(has_rows)
        self._nothing.setText(str(m("No entry matches these filters.")))
        self._stack.setCurrentWidget(self.table if has_rows else self._nothing)

    def _show(self, row: JournalRow | None) -> None:
        self._scroll.setWidget(QWidget() if row is None else _Sheet(row, self.context.station.time_zone))

    def _check_chain(self) -> None:
        self._check.setEnabled(False)
        self._notice.say(m("Every entry is being read, from the first one on …"), Tone.NEUTRAL)
        self.context.thread.ask(
            self, self._log.check_chain(self._actor), then=self._show_verdict, failed=self._show_trouble
        )

    def _show_verdict(self, verdict: ChainVerdict) -> None:
        self._check.setEnabled(True)
        if verdict.broken:
            self._notice.say(
                m("The chain is broken: {place}. What follows proves nothing.", place=verdict.broken), Tone.BAD
            )
        else:
            whole = m("All {count} entries are as they were written; none is missing.", count=number(verdict.entries))
            self._notice.say(whole, Tone.GOOD)

    def _choose_file(self) -> None:
        today = clock.today(self.context.station.time_zone)
        log, query, actor = self._log, self._filters.query, self._actor
        self._file.ask(
            f"journal-{today.isoformat()}.csv",
            lambda path, replaces: log.export(query, path, actor, replaces=replaces),
        )

    def _show_trouble(self, error: CashierError) -> None:
        self._check.setEnabled(True)
        self._notice.say(error.words, Tone.BAD)


class _Sheet(QWidget):
    """A picture of one entry."""

    def __init__(self, row: JournalRow, time_zone: str) -> None:
        super().__init__()
        self.setObjectName("audit_sheet")
        at = clock.on_the_clock(row.at, time_zone).isoformat(sep=" ", timespec="milliseconds")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(8)
        column.addWidget(label(m("Entry {number}", number=number(row.id)), Text.CAPTION))
        column.addWidget(label(deed_of(row), Text.HEADLINE, name="audit_sheet_action", wraps=True))
        for title, value in (
            (m("When"), verbatim(at)),
            (m("Who"), verbatim(row.who) or m("The program itself, or nobody who was signed in")),
            (m("At desk"), verbatim(row.desk or "–")),
            (m("To what"), record_in_short(row)),
        ):
            column.addLayout(_pair(title, value))
        facts = facts_of(row)
        if facts:
            column.addWidget(separator())
            for name, fact in facts:
                column.addLayout(_pair(verbatim(name), verbatim(fact)))
        column.addWidget(separator())
        if has_long_key(row):
            column.addLayout(_pair(m("Its key"), verbatim(row.subject_id)))
        if row.account:
            column.addLayout(_pair(m("Account of the database"), verbatim(row.account)))
        column.addLayout(_pair(m("Hash"), verbatim(row.hash)))
        column.addLayout(_pair(m("Hash of the entry before"), verbatim(row.previous_hash)))
        column.addStretch(1)
        entry = m("Entry {number}", number=row.id)
        self.setAccessibleName(f"{entry}: {deed_of(row)}, {record_of(row)}, {at}, {row.who}")


def _pair(title: Message, words: Message) -> QVBoxLayout:
    value = str(words)
    made = QVBoxLayout()
    made.setSpacing(0)
    made.addWidget(label(title, Text.CAPTION))
    if " " not in value and len(value) > _WORD_LENGTH_MAX:
        made.addWidget(CopyLine(value))
        return made
    shown = label(words, wraps=True)
    shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made.addWidget(shown)
    return made
