"""F1: all keys on one sheet, in the places where they work."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QVBoxLayout, QWidget

from cashier.desk.commands.command import Group
from cashier.desk.commands.commands import Command
from cashier.desk.kit.controls import PrimaryButton, Text, label
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question
from cashier.language import NOTHING, Message, joined, m, verbatim

Keys = tuple[tuple[Message, Message], ...]

_MARGIN = 28
_COLUMNS = ((Group.TILL, Group.DESK), (Group.PAYING, Group.PAGES))


def keys_of(group: Group) -> Keys:
    """Return the keys of a group, each with its meaning; those of a page stand beside the key that leads there."""
    return tuple(
        (command.key_in_words, joined(" ", [command.meaning, _beside(command)]))
        for command in Command
        if command.value.group is group
    )


def _beside(command: Command) -> Message:
    """Return the most used keys of the page to which ``command`` leads."""
    leads_to = command.value.leads_to
    there = [
        joined(" ", [each.key_in_words, each.value.beside])
        for each in Command
        if each.value.beside and leads_to is not None and leads_to in (each.place, each.place.within)
    ]
    return joined("", [verbatim("("), joined(", ", there), verbatim(")")]) if there else NOTHING


class KeysDialog(Question):
    """Lists the keys. Deletes itself when it closes."""

    def __init__(self, parent: QWidget) -> None:
        """Be a sheet above ``parent``."""
        super().__init__(parent)
        self.setObjectName("keys_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Keys")))
        columns = self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        columns.setSpacing(44)
        for groups in _COLUMNS:
            columns.addLayout(_column(groups))
        close = PrimaryButton(Command.DIALOG_GO_ON.on_button(m("Close")), name="keys_close")
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 20, _MARGIN, 18)
        layout.setSpacing(14)
        scrolled_column(layout).addLayout(columns)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        told = (f"{key}: {meaning}" for group in Group for key, meaning in keys_of(group))
        self.setAccessibleDescription(". ".join(told))
        close.setFocus()

    def wanted_size(self, room: QSize) -> QSize:
        """Have the columns side by side, or one below the other where they have no room."""
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight)
        if room.width() < self._columns.minimumSize().width() + 3 * _MARGIN:
            self._columns.setDirection(QBoxLayout.Direction.TopToBottom)
        return super().wanted_size(room)


def _column(groups: tuple[Group, ...]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for group in groups:
        column.addWidget(label(group.words, Text.TITLE))
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for place, (key, meaning) in enumerate(keys_of(group)):
            grid.addWidget(label(key, Text.BODY, name="key"), place, 0)
            grid.addWidget(label(meaning, Text.CAPTION), place, 1)
        column.addLayout(grid)
        column.addSpacing(8)
    column.addStretch(1)
    return column
