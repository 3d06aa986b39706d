"""The row of buttons below every step of a payment: what Esc does at the left, what Enter does at the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QFont, QFontMetrics, QIcon, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from cashier.desk.kit.controls import PlainButton, PrimaryButton
from cashier.desk.kit.look import current_look, for_hands, scaled
from cashier.desk.paying.payment_actions import ACTIONS, Action
from cashier.language import Message

_HEIGHT, _HEIGHT_TOUCHED = 48, 60
_BESIDE_ICON = 4
"""Pixels that Qt leaves between an icon and the words."""


class _Room(Enum):
    """How much of it there is for the buttons of a row."""

    ENOUGH = "enough"
    """For icons, and for places that stay what they are."""
    SOME = "some"
    LITTLE = "little"


_POINTS: Mapping[_Room, int] = {_Room.ENOUGH: 12, _Room.SOME: 12, _Room.LITTLE: 10}
_PADDING: Mapping[_Room, int] = {_Room.ENOUGH: 10, _Room.SOME: 10, _Room.LITTLE: 6}
"""As in ``resources/style.qss``, for text of 100 percent."""
_BUTTON_EDGE = 2


class FootButton(PlainButton):
    """Anything that can be done. The second press of a double click is meant for what stood there before."""

    def __init__(self, text: Message, icon_name: str = "", *, name: str, quiet: bool = False) -> None:
        """Show ``text`` and an icon, in little room: there may be four in the row."""
        super().__init__(text, icon_name, name=name, quiet=quiet)
        self.setProperty("room", "foot")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Do nothing."""
        event.accept()


class FootPrimary(PrimaryButton):
    """What Enter does. The second press of a double click is meant for what stood there before."""

    def __init__(self, text: Message, icon_name: str = "", *, name: str) -> None:
        """Show ``text`` and an icon, in little room: there may be four in the row."""
        super().__init__(text, icon_name, name=name)
        self.setProperty("room", "foot")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Do nothing."""
        event.accept()


class Foot(QWidget):
    """Three places that do not move: Esc at the left, Enter at the right, and the others after that of Esc."""

    def __init__(self) -> None:
        """Make it empty; ``hold`` fills it."""
        super().__init__()
        self.setObjectName("payment_foot")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)
        # As high with a field in it as without.
        self.setMinimumHeight(for_hands(_HEIGHT, touched=_HEIGHT_TOUCHED))
        self._esc_width = width_of(ACTIONS[Action.CANCEL].on_button)
        self._widths: dict[QWidget, int] = {}
        """How wide each is at least, so that places stay what they are from face to face."""
        self._icons: dict[QPushButton, QIcon] = {}
        self._room = _Room.ENOUGH

    def hold_field(self, esc: QPushButton, field: QWidget, enter: QPushButton) -> None:
        """Hold, between the two buttons, a field that takes all the room there is."""
        self.hold(esc, [field], enter)
        self._row.setStretch(self._row.indexOf(field), 1)
        self._row.setStretch(self._row.indexOf(field) + 1, 0)

    def hold(self, esc: QPushButton | None, others: Sequence[QWidget], enter: QWidget | None) -> None:
        """Hold these from now on; what was held before is gone, with whatever was in its places."""
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if esc is None:
            self._row.addSpacing(self._esc_width + self._row.spacing())
        else:
            esc.setMinimumWidth(self._esc_width)
            self._row.addWidget(esc)
        for each in others:
            self._row.addWidget(each)
        self._row.addStretch(1)
        if enter is not None:
            self._row.addWidget(enter)
        self._widths = {each: each.minimumWidth() for each in (esc, *others, enter) if each is not None}
        self._icons = {each: each.icon() for each in self._widths if isinstance(each, QPushButton)}
        self._room = _Room.ENOUGH
        for each in self._widths:
            # A layout would show it a turn later, and what is not shown yet hears no Enter and takes no keyboard.
            each.show()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find out anew what there is room for."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Need room for the words alone."""
        return QSize(self._width_at(_Room.LITTLE), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Find it out anew when buttons say something else."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return done

    def _fit(self) -> None:
        """Leave the icons out, then write smaller, before words are cut: large text in a small window."""
        room = next((each for each in _Room if self._width_at(each) <= self.width()), _Room.LITTLE)
        if room is self._room:
            return
        self._room = room
        for each, width in self._widths.items():
            each.setMinimumWidth(width if room is _Room.ENOUGH else 0)
        for button, icon in self._icons.items():
            button.setIcon(icon if room is _Room.ENOUGH else QIcon())
            button.setProperty("narrow", room is _Room.LITTLE)
            button.style().unpolish(button)
            button.style().polish(button)

    def _width_at(self, room: _Room) -> int:
        widths = (self._width_of(each, least, room) for each, least in self._widths.items())
        return sum(widths) + self._row.spacing() * len(self._widths)

    def _width_of(self, widget: QWidget, least: int, room: _Room) -> int:
        if isinstance(widget, QPushButton):
            font = QFont(widget.font())
            font.setPointSizeF(_POINTS[room] * current_look().text_percent / 100)
            needed = QFontMetrics(font).horizontalAdvance(widget.text()) + 2 * (scaled(_PADDING[room]) + _BUTTON_EDGE)
            if room is _Room.ENOUGH and not self._icons[widget].isNull():
                needed += widget.iconSize().width() + _BESIDE_ICON
        else:
            needed = widget.minimumSizeHint().width()
        return max(least, needed) if room is _Room.ENOUGH else needed


def width_of(words: Message) -> int:
    """Return how wide a button with these words is."""
    button = FootButton(words, "close", name="")
    button.ensurePolished()
    hint: QSize = button.sizeHint()
    button.deleteLater()
    return hint.width()
