"""The table of a patient's saved cards: those that can be charged, and below them those that were removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QHeaderView, QTableView

from cashier.cards.service import SavedCardView
from cashier.database import now
from cashier.desk.kit import words
from cashier.desk.kit.controls import INK_OF, Tone
from cashier.desk.tables.row_table import show_whole_rows
from cashier.palette import Colour

Index = QModelIndex | QPersistentModelIndex

_NOWHERE = QModelIndex()
_ROW_HEIGHT = 38


class CardColumn(IntEnum):
    """The columns, from left to right."""

    CARD = 0
    EXPIRES = 1
    SAVED = 2
    STATUS = 3


def card_status(card: SavedCardView, today: date, time_zone: str) -> tuple[str, Tone]:
    """Say how a saved card stands; nothing where there is nothing to say."""
    if card.removed_at is not None:
        return f"Removed {words.day_and_time(card.removed_at, time_zone)}", Tone.NEUTRAL
    if card.is_expired(today):
        return "Default, but expired" if card.is_default else "Expired", Tone.BAD
    return ("Default", Tone.ACCENT) if card.is_default else ("", Tone.NEUTRAL)


class SavedCardsModel(QAbstractTableModel):
    """Holds the cards of one patient."""

    def __init__(self, time_zone: str) -> None:
        """Show nothing yet; moments are written as the clocks in ``time_zone`` show them."""
        super().__init__()
        self._time_zone = time_zone
        self._cards: tuple[SavedCardView, ...] = ()

    def show_cards(self, cards: tuple[SavedCardView, ...]) -> None:
        """Show ``cards`` in their order."""
        self.beginResetModel()
        self._cards = cards
        self.endResetModel()

    def card(self, row: int) -> SavedCardView | None:
        """Return the card in a row."""
        return self._cards[row] if 0 <= row < len(self._cards) else None

    def find(self, card_id: int) -> int | None:
        """Return the row of a card."""
        return next((row for row, card in enumerate(self._cards) if card.id == card_id), None)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of cards."""
        return 0 if parent.isValid() else len(self._cards)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(CardColumn)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return text and colour."""
        card, column = self.card(index.row()), CardColumn(index.column())
        if card is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TEXTS[column](card, self._time_zone)
        if role == Qt.ItemDataRole.ForegroundRole:
            if card.removed_at is not None:
                return QBrush(QColor(Colour.INK_DISABLED))
            if column is CardColumn.STATUS:
                return QBrush(QColor(INK_OF[_status(card, self._time_zone)[1]]))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return _HEADINGS[CardColumn(section)] if role == Qt.ItemDataRole.DisplayRole else None


class SavedCardsTable(QTableView):
    """One row a card. Tells which one the cashier stands on."""

    card_chosen = Signal(object)
    """Carries the ``SavedCardView``, or None."""

    def __init__(self, model: SavedCardsModel) -> None:
        """Show ``model``."""
        super().__init__()
        self.setObjectName("saved_cards_table")
        self.setAccessibleName("Saved cards")
        self._model = model
        self.setModel(model)
        show_whole_rows(self, row_height=_ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(CardColumn.CARD, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._tell_choice)

    @property
    def chosen(self) -> SavedCardView | None:
        """The card that the cashier stands on."""
        return self._model.card(self.currentIndex().row())

    def show_cards(self, cards: tuple[SavedCardView, ...]) -> None:
        """Show ``cards``; the cashier stays on the same one."""
        before = self.chosen
        self._model.show_cards(cards)
        place = self._model.find(before.id) if before is not None else None
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(self._model.index(place or 0, 0), flags)
        self._tell_choice()

    def _tell_choice(self) -> None:
        self.card_chosen.emit(self.chosen)


def _status(card: SavedCardView, time_zone: str) -> tuple[str, Tone]:
    return card_status(card, now().astimezone().date(), time_zone)


_HEADINGS: Mapping[CardColumn, str] = {
    CardColumn.CARD: "Card",
    CardColumn.EXPIRES: "Expires",
    CardColumn.SAVED: "Saved",
    CardColumn.STATUS: "Status",
}
_TEXTS: Mapping[CardColumn, Callable[[SavedCardView, str], str]] = {
    CardColumn.CARD: lambda card, _zone: words.card(card.brand, card.last_four),
    CardColumn.EXPIRES: lambda card, _zone: f"{card.expires_month:02}/{card.expires_year}",
    CardColumn.SAVED: lambda card, zone: words.day_and_time(card.saved_at, zone),
    CardColumn.STATUS: lambda card, zone: _status(card, zone)[0],
}
