"""The rooms of a desk: the till, those that are always there, and those that few people visit."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from cashier.desk.context import DeskContext


class Visited(QWidget):
    """A room that is made when it is opened and gone when it is left."""

    left = Signal()
    """Esc, or the button: back to the invoices."""

    def __init__(self, context: DeskContext) -> None:
        """Belong to the desk of ``context``."""
        super().__init__()
        self.context = context

    def begin(self) -> None:
        """It is shown now: fetch what belongs in it, and take the keyboard."""
        self.setFocus()


class Rooms(QStackedWidget):
    """Shows one room at a time; the till first."""

    till_entered = Signal()

    def __init__(self, till: QWidget) -> None:
        """Begin in the ``till``."""
        super().__init__()
        self.setObjectName("rooms")
        self._till = till
        self.addWidget(till)

    def go_to_till(self) -> None:
        """Show the till; a visited room is gone then."""
        room = self.currentWidget()
        self.setCurrentWidget(self._till)
        if isinstance(room, Visited):
            self.removeWidget(room)
            room.deleteLater()
        self.till_entered.emit()

    def visit(self, kind: type[Visited], context: DeskContext) -> None:
        """Open a room of this ``kind``; the second time, go back to the till."""
        is_there = isinstance(self.currentWidget(), kind)
        self.go_to_till()
        if not is_there:
            room = kind(context)
            room.left.connect(self.go_to_till)
            self.addWidget(room)
            self.setCurrentWidget(room)
            room.begin()
