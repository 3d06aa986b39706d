"""The choice of a way to pay: a tile for each, in the order of the digits, in one place at every desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen_to_digits
from cashier.desk.kit.look import is_touched
from cashier.desk.paying.choosing.tender_offers import TenderOffer
from cashier.desk.paying.choosing.tender_tile import TenderTile, tile_height
from cashier.desk.paying.choosing.way_field import WayField
from cashier.language import Message, joined, mc, mn
from cashier.readers.service import ReaderCondition

_PLACES = 10
_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1}
_READER_WORDS: Mapping[ReaderCondition, Message] = {
    ReaderCondition.READY: mc("a card reader", "ready"),
    ReaderCondition.BUSY: mc("a card reader", "busy"),
    ReaderCondition.OFFLINE: mc("a card reader", "not connected"),
    ReaderCondition.GONE: mc("a card reader", "not registered"),
}


class TenderPicker(QWidget):
    """Tiles, each with its key (Alt and a digit); ``field`` asks for what the chosen one needs."""

    changed = Signal()
    """Another way to pay was chosen, or something was typed for it."""

    def __init__(self, field: WayField) -> None:
        """Make it empty."""
        super().__init__()
        self.setObjectName("tender_picker")
        self._field = field
        self._tiles: dict[int, TenderTile] = {}
        self._offers: Sequence[TenderOffer] = ()
        """In the order of the desk's settings: the first is preset."""
        self._alike: dict[int, list[TenderOffer]] = {}
        """What each digit means: mostly one, but of readers and saved cards there may be several."""
        self._meant: dict[int, TenderOffer] = {}
        """Of several alike, the one that is meant just now."""
        self._conditions: dict[int, ReaderCondition] = {}
        self._group = QButtonGroup(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(6)
        self._columns = 3 if is_touched() else 2
        rows = -(-_PLACES // self._columns)
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 1)
        for row in range(rows):
            self._grid.setRowStretch(row, 1)
        for place in range(_PLACES):
            # What the desk lacks leaves a gap as high as a tile; a row with nothing in it would have no spacing.
            gap = QWidget()
            gap.setMinimumHeight(tile_height())
            self._grid.addWidget(gap, *divmod(place, self._columns))
        self._group.buttonToggled.connect(self._take_choice)
        field.changed.connect(self.changed)
        field.chosen.connect(self._take_alike)
        listen_to_digits(self, Command.CHOOSE_TENDER, self.choose)

    @property
    def chosen(self) -> TenderOffer | None:
        """The way to pay that is chosen; None while nothing can be offered."""
        digit = self._chosen_digit
        return None if digit is None else self._meant[digit]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was offered yet."""
        return not self._tiles

    @property
    def fields(self) -> list[QWidget]:
        """What takes the keyboard, in the order in which one reads."""
        return [*self._tiles.values()]

    @property
    def card_ids(self) -> set[int]:
        """Keys of the saved cards that are offered."""
        return {each.saved_card_id for each in self._offers if each.saved_card_id is not None}

    def offer(self, offers: Sequence[TenderOffer], *, keeps_places: bool = False) -> None:
        """Offer these; what was chosen stays chosen where it is still among them.

        Where it ``keeps_places``, each key goes on meaning the same of several alike, and the keyboard stays.
        """
        before = self.chosen
        focused = next((digit for digit, tile in self._tiles.items() if tile.hasFocus()), None)
        meant = {each.name for each in self._meant.values()} if keeps_places else set()
        for tile in self._tiles.values():
            self._group.removeButton(tile)
            tile.hide()
            tile.deleteLater()
        self._offers = offers
        self._tiles, self._alike, self._meant = {}, {}, {}
        for each in offers:
            self._alike.setdefault(each.digit, []).append(each)
        # Zero stands where the keyboard has it: behind the nine.
        for digit in sorted(self._alike, key=lambda digit: digit or _PLACES):
            self._meant[digit] = min(
                self._alike[digit], key=lambda each: (each.name not in meant, bool(each.why_not))
            )
            self._tiles[digit] = self._tile(digit)
        kept = [each for each in offers if before is not None and each.name == before.name]
        if kept:
            self._meant[kept[0].digit] = kept[0]
            self._tiles[kept[0].digit].setChecked(True)
        else:
            self.preset()
        for digit in self._tiles:
            self._show_words(digit)
        self._show_field()
        if keeps_places and focused in self._tiles:
            self._tiles[focused].setFocus()

    def choose(self, digit: int) -> None:
        """Choose what ``digit`` means and go to what has to be typed for it, or to the choice among several alike.

        Of several saved cards, all are shown at once. What the desk does not offer leaves a gap: another digit never
        takes its place.
        """
        tile = self._tiles.get(digit)
        if tile is not None:
            tile.setChecked(True)
            self._field.take_keyboard()
            self._field.show_cards()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows go on in the order in which one reads: Qt's own go to whatever stands nearest."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and isinstance(watched, TenderTile):
            step = _STEPS.get(Qt.Key(event.key()))
            if step is not None:
                ways = list(self._tiles.values())
                tile = ways[(ways.index(watched) + step) % len(ways)]
                tile.setChecked(True)
                tile.setFocus()
                return True
        return super().eventFilter(watched, event)

    def note_reader(self, reader_id: int, condition: ReaderCondition) -> None:
        """Say on its tile how a reader is; one that is not ready can be chosen all the same and tells why."""
        self._conditions[reader_id] = condition
        for digit in self._tiles:
            self._show_words(digit)

    def preset(self) -> None:
        """Choose what the desk offers first: a card that was declined is not tried again by Enter."""
        first = next((each for each in self._offers if each.is_preset and self._meant[each.digit] is each), None)
        if first is not None:
            self._tiles[first.digit].setChecked(True)

    def begin_anew(self) -> None:
        """Empty the fields and preset the first way to pay."""
        self._field.begin_anew()
        self.preset()

    @property
    def _chosen_digit(self) -> int | None:
        return next((digit for digit, tile in self._tiles.items() if tile.isChecked()), None)

    def _tile(self, digit: int) -> TenderTile:
        alike = self._alike[digit]
        name = alike[0].name if len(alike) == 1 else f"tender_{digit}"
        tile = TenderTile(digit, name=name, drawing=alike[0].icon)
        tile.installEventFilter(self)
        # As by its key: what is typed next is meant for the way that was pressed.
        tile.clicked.connect(self._field.take_keyboard)
        self._group.addButton(tile)
        self._grid.addWidget(tile, *divmod((digit - 1) % _PLACES, self._columns))
        # A layout would show it a turn later: Tab would pass it by until then.
        tile.show()
        return tile

    def _show_words(self, digit: int) -> None:
        meant, count = self._meant[digit], len(self._alike[digit])
        condition = None if meant.why_not or meant.reader_id is None else self._conditions.get(meant.reader_id)
        is_ready = not meant.why_not and condition in (None, ReaderCondition.READY)
        beside = meant.beside if condition is None else joined(" · ", [_READER_WORDS[condition], meant.beside])
        if count > 1:
            beside = joined(" · ", [mn("{count} to choose from", "{count} to choose from", count=count), beside])
        self._tiles[digit].show_words(meant.text, beside, is_ready=is_ready)

    def _take_choice(self, _button: TenderTile, is_checked: bool) -> None:
        # Tab reaches what is chosen, arrows the others; where nothing is chosen, Tab reaches all.
        for tile in self._tiles.values():
            is_reached = tile.isChecked() or self.chosen is None
            tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus if is_reached else Qt.FocusPolicy.ClickFocus)
        if is_checked:
            self._show_field()
            self.changed.emit()

    def _take_alike(self, offer: TenderOffer) -> None:
        self._meant[offer.digit] = offer
        self._show_words(offer.digit)

    def _show_field(self) -> None:
        digit = self._chosen_digit
        self._field.show_for(self.chosen, () if digit is None else self._alike[digit])
