"""Makes keys work: nothing else in the program makes a shortcut, so that none is missing in the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from cashier.desk.commands.command import Heard
from cashier.desk.commands.commands import Command
from cashier.desk.kit.icons import icon
from cashier.palette import Colour

COMMAND_PROPERTY = "command"
"""What a shortcut or an action is there for: the name of a ``Command``."""


def listen(owner: QWidget, slots: Mapping[Command, Callable[[], object]]) -> None:
    """Carry out commands by their keys while ``owner`` is shown and its window has the keyboard.

    A command of a list is heard while the list, ``owner``, has the keyboard itself; one key press orders it once.
    """
    for command, slot in slots.items():
        for key in command.keys:
            _shortcut(command, key, owner).activated.connect(slot)


def listen_to_digits(owner: QWidget, command: Command, slot: Callable[[int], object]) -> None:
    """Carry out a command that takes a digit."""
    for digit, key in zip(command.value.digits, command.keys, strict=True):
        _shortcut(command, key, owner).activated.connect(lambda digit=int(digit): slot(digit))


def press_by_key(button: QAbstractButton, command: Command) -> None:
    """Let the key of ``command`` press ``button``, which is seen; it is done a tenth of a second later."""
    button.setShortcut(QKeySequence(command.key))
    button.setProperty(COMMAND_PROPERTY, command.name)


def offer_in_menu(menu: QMenu, owner: QWidget, command: Command, slot: Callable[[], object]) -> None:
    """Offer a command in ``menu``, and by its key wherever ``owner`` is shown: a menu hears keys only while open."""
    action = QAction(icon(command.icon, Colour.INK_SOFT), str(command.words), owner)
    action.setShortcut(QKeySequence(command.key))
    action.setShortcutVisibleInContextMenu(True)
    action.setProperty(COMMAND_PROPERTY, command.name)
    action.triggered.connect(slot)
    menu.addAction(action)
    owner.addAction(action)


def combination(command: Command) -> QKeyCombination:
    """Return the key of ``command`` as it arrives in an event."""
    pressed: QKeyCombination = QKeySequence(command.key)[0]  # type: ignore[index]  # the stubs miss it
    return pressed


def _shortcut(command: Command, key: str, owner: QWidget) -> QShortcut:
    made = QShortcut(QKeySequence(key), owner)
    made.setProperty(COMMAND_PROPERTY, command.name)
    if command.value.heard is Heard.IN_LIST:
        made.setContext(Qt.ShortcutContext.WidgetShortcut)
        made.setAutoRepeat(False)
    return made
