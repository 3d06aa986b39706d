"""The lists of the desk on the screen: whole rows are chosen, one at a time, and nothing is edited in place."""

from __future__ import annotations

from typing import Generic

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from cashier.desk.kit.look import for_hands, scaled, shade
from cashier.desk.tables.column_model import ColumnModel, Index
from cashier.desk.tables.columns import Column, Width
from cashier.desk.tables.page_window import RowT
from cashier.language import Message
from cashier.palette import Colour

_ROW_HEIGHT = 38
_ROW_HEIGHT_TOUCHED = 52
_RING = 2
"""Width (pixels) of the ring around the chosen row."""
_ROWS_WANTED = 6
_HEADING_PADDING = 9
_PADDING = 26
"""Pixels beside a text, both sides together."""


class RowTable(QTableView, Generic[RowT]):
    """One row below the other, as wide as its columns say. It chooses nothing by itself."""

    rest_width_min = 0
    """How wide (pixels) the column has to be that takes the rest, before others give way to it."""

    def __init__(
        self,
        model: ColumnModel[RowT],
        *,
        name: str,
        title: Message,
        row_height: int = _ROW_HEIGHT,
        parent: QWidget | None = None,
    ) -> None:
        """Show ``model``; ``title`` is what a screen reader calls the list. Heights are pixels."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(str(title))
        self.setModel(model)
        self.rows: ColumnModel[RowT] = model
        self._row_height = for_hands(row_height, touched=_ROW_HEIGHT_TOUCHED)
        self._widths: dict[int, int] = {}
        self.setItemDelegate(_KeepsTone(self))
        self._show_whole_rows()
        self.ensurePolished()
        self._set_widths()

    @property
    def chosen(self) -> RowT | None:
        """The row under the cursor; None where there is none, or while it is being fetched."""
        index = self.currentIndex()
        return self.rows.row_at(index.row()) if index.isValid() else None

    def sizeHint(self) -> QSize:
        """Want room for some rows, and leave the rest to the window."""
        return QSize(600, _ROWS_WANTED * self._row_height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave columns out before anything has to be scrolled to, or a name is cut."""
        self.leave_columns_out()
        super().resizeEvent(event)

    def rest_width_wanted(self) -> int:
        """Return how wide (pixels) the column has to be that takes the rest, before others give way to it."""
        return scaled(self.rest_width_min)

    def rest_width_least(self) -> int:
        """Return the same for columns that only give way where names had no room over several lines."""
        return self.rest_width_wanted()

    def leave_columns_out(self) -> None:
        """Show the columns that there is room for."""
        width = self.viewport().width()
        columns = self.rows.columns
        hidden = {place for place, column in enumerate(columns) if width < scaled(column.hidden_below)}
        left = width - sum(each for place, each in self._widths.items() if place not in hidden)
        giving_way = (place for place, column in enumerate(columns) if column.gives_way and place not in hidden)
        for place in sorted(giving_way, key=lambda place: columns[place].gives_way):
            if left < (self.rest_width_least() if columns[place].lets_names_break else self.rest_width_wanted()):
                hidden.add(place)
                left += self._widths.get(place, 0)
        for place in range(len(columns)):
            if self.isColumnHidden(place) != (place in hidden):
                self.setColumnHidden(place, place in hidden)
        # Where the column that takes the rest is left out, the last one takes it.
        rest = {place for place, column in enumerate(columns) if column.width is Width.REST}
        self.horizontalHeader().setStretchLastSection(bool(rest & hidden))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ring the chosen row while the table has the keyboard: a frame around the whole list would shout."""
        super().paintEvent(event)
        index = self.currentIndex()
        if not self.hasFocus() or not index.isValid():
            return
        cell = self.visualRect(index)
        row = QRect(0, cell.top(), min(self.viewport().width(), self.horizontalHeader().length()), cell.height())
        half = _RING // 2
        painter = QPainter(self.viewport())
        painter.setPen(QPen(shade(Colour.FOCUS), _RING))
        painter.drawRect(row.adjusted(half, half, -half, -half))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the whole ring, not what Qt thinks has changed."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the whole ring away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Take the ring along."""
        super().currentChanged(current, previous)
        self.viewport().update()

    def go_to(self, row: int) -> None:
        """Choose ``row``."""
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self.rows.index(row, 0), flags)

    def width_of(self, text: str, column: Column[RowT]) -> int:
        """Return how wide (pixels) ``column`` has to be for ``text``."""
        bold = QFont(self.font())
        bold.setBold(True)
        return QFontMetrics(bold).horizontalAdvance(text) + _PADDING

    def _set_widths(self) -> None:
        header = self.horizontalHeader()
        for place, column in enumerate(self.rows.columns):
            match column.width:
                case Width.REST:
                    header.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
                case Width.CONTENTS:
                    header.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
                case int():
                    self._widths[place] = scaled(column.width)
                case expected:
                    # Headings are longer in some languages than what stands below them.
                    needed = header.fontMetrics().horizontalAdvance(str(column.heading)) + 2 * _HEADING_PADDING
                    texts = expected if isinstance(expected, tuple) else (expected,)
                    self._widths[place] = max(needed, *(self.width_of(str(text), column) for text in texts))
        for place, width in self._widths.items():
            header.resizeSection(place, width)

    def _show_whole_rows(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self._row_height)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)


class _KeepsTone(QStyledItemDelegate):
    """Paints what a cell says in its tone, on the selected row too: Qt would take the ink of selections."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        ink = index.data(Qt.ItemDataRole.ForegroundRole)
        if ink is not None:
            option.palette.setBrush(QPalette.ColorRole.HighlightedText, ink)


class ChosenRowTable(RowTable[RowT]):
    """One row is chosen as long as there is one, wherever it moves; which one it is, is told."""

    row_chosen = Signal(object)
    """Carries the row under the cursor when it is another one or says something else; None where there is none."""

    def __init__(
        self,
        model: ColumnModel[RowT],
        *,
        name: str,
        title: Message,
        row_height: int = _ROW_HEIGHT,
        parent: QWidget | None = None,
    ) -> None:
        """Show ``model``; ``title`` is what a screen reader calls the list. Heights are pixels."""
        super().__init__(model, name=name, title=title, row_height=row_height, parent=parent)
        self._told: RowT | None = None
        self._wanted_id: object = None
        model.query_shown.connect(self._start)
        model.rows_moved.connect(self._follow)
        model.rows_leaving.connect(self._leave_rows)
        self.selectionModel().currentRowChanged.connect(self._tell_choice)

    def want(self, row_id: object) -> None:
        """Choose this row as soon as rows are shown anew, instead of the one that is chosen now."""
        self._wanted_id = row_id

    def _start(self) -> None:
        """Stay on the row that was chosen, where it is among the new ones; otherwise go to the first."""
        wanted_id, self._wanted_id = self._wanted_id, None
        place = self._place_of_told() if wanted_id is None else self.rows.find(wanted_id)
        if self.rows.rowCount():
            self.go_to(place or 0)
            self.scrollTo(self.currentIndex()) if place else self.scrollToTop()
        self._tell_choice(self.currentIndex(), self.currentIndex())

    def _follow(self) -> None:
        """Follow the chosen row to where it stands now; new ones come in above it."""
        place = self._place_of_told()
        if place is not None and place != self.currentIndex().row():
            self.setAutoScroll(False)
            self.go_to(place)
            self.setAutoScroll(True)
        self._tell_choice(self.currentIndex(), self.currentIndex())

    def _leave_rows(self, first: int) -> None:
        """Go before the row goes: Qt would choose its neighbour, which is another record."""
        if self.currentIndex().row() >= first:
            self.selectionModel().clear()

    def _place_of_told(self) -> int | None:
        return None if self._told is None else self.rows.find(self._told.id)

    def _tell_choice(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = self.rows.row_at(current.row()) if current.isValid() else None
        is_awaited = row is None and current.isValid()
        if not is_awaited and row != self._told:
            self._told = row
            self.row_chosen.emit(row)
