"""Rows as Qt's views see them, by the columns of their table; where the rows come from is left to the models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QFont

from cashier.desk.kit.controls import INK_OF
from cashier.desk.kit.look import shade
from cashier.desk.tables.columns import Column, place_of
from cashier.desk.tables.page_window import RowT
from cashier.language import m

Index = QModelIndex | QPersistentModelIndex
RowRole = Qt.ItemDataRole.UserRole
"""The row itself; None while it is being fetched."""
NOWHERE = QModelIndex()

_OF_THE_ROW = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.AccessibleTextRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.ForegroundRole,
        Qt.ItemDataRole.FontRole,
        RowRole,
    }
)


class ColumnModel(QAbstractTableModel, Generic[RowT]):
    """Tells what stands in each column; ``row_at`` and ``find`` are up to the model of the rows."""

    query_shown = Signal()
    """The rows that were asked for last are there, from the first one on."""
    rows_moved = Signal()
    """Rows were replaced; a row may stand elsewhere now."""
    rows_leaving = Signal(int)
    """Rows from this one on are about to go."""

    def __init__(self, columns: Sequence[Column[RowT]], parent: QObject | None = None) -> None:
        """Show rows in ``columns``, from left to right."""
        super().__init__(parent)
        self.columns = tuple(columns)

    def row_at(self, row: int) -> RowT | None:
        """Return what is in ``row``; None where nothing is, or not yet."""
        raise NotImplementedError

    def find(self, row_id: object) -> int | None:
        """Return where a row is if it is among those in memory."""
        raise NotImplementedError

    def text(self, row: int, name: str) -> str:
        """Return what stands in the column called ``name``; nothing while the row is being fetched."""
        return str(self.index(row, place_of(self.columns, name)).data() or "")

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text, alignment, weight, colour, tip, or the row itself; nothing while it is being fetched."""
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return column.side.alignment
        if role not in _OF_THE_ROW:
            return None
        row = self.row_at(index.row())
        if row is None:
            return str(m("Loading")) if role == Qt.ItemDataRole.AccessibleTextRole else None
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return str(column.text(row))
            case Qt.ItemDataRole.ForegroundRole:
                tone = column.tone(row)
                return None if tone is None else QBrush(shade(INK_OF[tone]))
            case Qt.ItemDataRole.FontRole:
                return _bold() if column.is_bold(row) else None
            case Qt.ItemDataRole.ToolTipRole:
                return str(column.tip(row)) or None
        return row

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.columns[section].side.alignment
        return str(self.columns[section].heading) if role == Qt.ItemDataRole.DisplayRole else None


def _bold() -> QFont:
    font = QFont()
    font.setBold(True)
    return font
