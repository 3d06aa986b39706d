"""The row of buttons below every step of a payment: what Esc does at the left, what Enter does at the right."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from cashier.desk.kit.controls import PlainButton, PrimaryButton
from cashier.desk.kit.look import for_hands
from cashier.desk.paying.payment_actions import ACTIONS, Action
from cashier.language import Message

_HEIGHT, _HEIGHT_TOUCHED = 48, 60


class FootButton(PlainButton):
    """Anything that can be done. The second press of a double click is meant for what stood there before."""

    def __init__(self, text: Message, icon_name: str = "", *, name: str) -> None:
        """Show ``text`` and an icon, in little room: there may be four in the row."""
        super().__init__(text, icon_name, name=name)
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
        for button in (esc, *others, enter):
            if button is not None:
                # A layout would show it a turn later, and what is not shown yet hears no Enter and takes no keyboard.
                button.show()


def width_of(words: Message) -> int:
    """Return how wide a button with these words is."""
    button = FootButton(words, "close", name="")
    button.ensurePolished()
    hint: QSize = button.sizeHint()
    button.deleteLater()
    return hint.width()
