"""A list that is in memory as a whole, or as far as it was read on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt

from cashier.desk.tables.column_model import NOWHERE, ColumnModel, Index
from cashier.desk.tables.columns import Column
from cashier.desk.tables.page_window import RowT


class RowsModel(ColumnModel[RowT]):
    """Shows the rows that it was given."""

    def __init__(self, columns: Sequence[Column[RowT]], parent: QObject | None = None) -> None:
        """Show nothing yet."""
        super().__init__(columns, parent)
        self._rows: tuple[RowT, ...] = ()

    def show_rows(self, rows: tuple[RowT, ...], *, columns: Sequence[Column[RowT]] | None = None) -> None:
        """Show ``rows`` in their order; other ``columns`` have the same places and widths, and say something else."""
        wanted = self.columns if columns is None else tuple(columns)
        if rows != self._rows or wanted != self.columns:
            self.beginResetModel()
            self._rows, self.columns = rows, wanted
            self.endResetModel()
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.query_shown.emit()

    def append(self, rows: tuple[RowT, ...]) -> None:
        """Show further ``rows`` below."""
        if rows:
            self.beginInsertRows(NOWHERE, len(self._rows), len(self._rows) + len(rows) - 1)
            self._rows += rows
            self.endInsertRows()

    def row_at(self, row: int) -> RowT | None:
        """Return what is in ``row``."""
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def find(self, row_id: object) -> int | None:
        """Return where a row is."""
        return next((place for place, row in enumerate(self._rows) if row.id == row_id), None)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._rows)
