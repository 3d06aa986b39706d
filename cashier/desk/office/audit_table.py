"""The entries of the journal as a list of which a few pages are in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QResizeEvent
from PySide6.QtWidgets import QTableView

from cashier.audit.journal_views import JournalQuery, JournalRow
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import INK_OF, Tone
from cashier.desk.kit.words import day_and_time
from cashier.desk.tables.page_window import PAGE_ROWS
from cashier.desk.tables.paged_model import Index, PagedModel
from cashier.desk.tables.row_table import show_whole_rows

_NOWHERE = QModelIndex()
_ROW_HEIGHT = 34


class AuditColumn(IntEnum):
    """The columns, from left to right."""

    NUMBER = 0
    AT = 1
    WHO = 2
    DESK = 3
    ACTION = 4
    SUBJECT = 5


HEADINGS = ("No.", "When", "Who", "Desk", "What was done", "To what")
_WIDTHS = {
    AuditColumn.NUMBER: 80, AuditColumn.AT: 160, AuditColumn.WHO: 160, AuditColumn.DESK: 60, AuditColumn.ACTION: 210,
}  # fmt: skip

_LEFT_OUT_BELOW = {AuditColumn.NUMBER: 720, AuditColumn.DESK: 720, AuditColumn.SUBJECT: 720}
"""Columns that a narrow table does without, for the sheet beside it tells the same."""


class AuditModel(PagedModel[JournalQuery, JournalRow, int]):
    """The entries of one query at a time, newest first. They are not counted: the list grows as it is read."""

    def __init__(self, context: DeskContext, parent: QObject | None = None) -> None:
        """Show nothing yet."""
        log, actor = context.services.journal, context.actor
        super().__init__(
            context.thread,
            JournalQuery(),
            lambda query, after, skip: log.page(query, actor, after=after, skip=skip, limit=PAGE_ROWS),
            parent,
        )
        self._time_zone = context.station.time_zone

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(AuditColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment, weight or colour; nothing while the row is being fetched."""
        column = AuditColumn(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column)
        if role == Qt.ItemDataRole.FontRole and column is AuditColumn.ACTION:
            font = QFont()
            font.setBold(True)
            return font
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
            Qt.ItemDataRole.ForegroundRole,
        ):
            return None
        row = self.row_at(index.row())
        if row is None:
            return "Loading" if role == Qt.ItemDataRole.AccessibleTextRole else None
        if role == Qt.ItemDataRole.ForegroundRole:
            is_refusal = column is AuditColumn.ACTION and "refused" in row.action
            return QBrush(QColor(INK_OF[Tone.BAD])) if is_refusal else None
        return _TEXTS[column](row, self._time_zone)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(AuditColumn(section))
        return HEADINGS[section] if role == Qt.ItemDataRole.DisplayRole else None


class AuditTable(QTableView):
    """One row an entry; whichever is under the cursor is told."""

    entry_chosen = Signal(object)
    """Carries the ``JournalRow``, or None."""

    def __init__(self, model: AuditModel) -> None:
        """Show ``model``."""
        super().__init__()
        self.setObjectName("audit_table")
        self.setAccessibleName("Journal")
        self._model = model
        self.setModel(model)
        show_whole_rows(self, row_height=_ROW_HEIGHT)
        header = self.horizontalHeader()
        for column, width in _WIDTHS.items():
            header.resizeSection(column, width)
        header.setStretchLastSection(True)
        model.query_shown.connect(self._start_at_top)
        model.rows_moved.connect(self._tell_choice)
        self.selectionModel().currentRowChanged.connect(self._tell_choice)

    @property
    def chosen(self) -> JournalRow | None:
        """The entry under the cursor; None where there is none, or while it is being fetched."""
        index = self.currentIndex()
        return self._model.row_at(index.row()) if index.isValid() else None

    def sizeHint(self) -> QSize:
        """Want room for some rows, and leave the rest to the window."""
        return QSize(600, 6 * _ROW_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what the sheet beside the list tells as well, before anything has to be scrolled to."""
        for column, width_min in _LEFT_OUT_BELOW.items():
            self.setColumnHidden(column, self.viewport().width() < width_min)
        super().resizeEvent(event)

    def _start_at_top(self) -> None:
        if self._model.rowCount():
            self.selectRow(0)
            self.scrollToTop()
        self._tell_choice()

    def _tell_choice(self) -> None:
        self.entry_chosen.emit(self.chosen)


def facts_of(row: JournalRow) -> tuple[tuple[str, str], ...]:
    """Return the facts of an entry as pairs of words, as they stand in it."""
    facts = json.loads(row.facts)
    return tuple((name.replace("_", " ").capitalize(), _written(value)) for name, value in facts.items())


def _written(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _side(column: AuditColumn) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column is AuditColumn.NUMBER else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


_TEXTS: Mapping[AuditColumn, Callable[[JournalRow, str], str]] = {
    AuditColumn.NUMBER: lambda row, _zone: f"{row.id:,}",
    AuditColumn.AT: lambda row, zone: day_and_time(row.at, zone),
    AuditColumn.WHO: lambda row, _zone: row.who or "–",
    AuditColumn.DESK: lambda row, _zone: row.desk or "–",
    AuditColumn.ACTION: lambda row, _zone: row.action,
    AuditColumn.SUBJECT: lambda row, _zone: f"{row.subject} {row.subject_id}",
}
