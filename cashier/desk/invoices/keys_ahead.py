"""Keys that are faster than the list: held until it has answered, and then done one after the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

DOWNWARDS = frozenset({Qt.Key.Key_Down, Qt.Key.Key_PageDown})
WALKING = DOWNWARDS | {Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Right, Qt.Key.Key_Left}
ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})

_PATIENCE_MS = 5000
"""Nobody expects a key any more to do something after so long."""


class KeysAhead(QObject):
    """What was wanted of an answer that is still on its way. What is not done in time is never done."""

    def __init__(self, parent: QObject) -> None:
        """Hold nothing."""
        super().__init__(parent)
        self._deeds: list[Callable[[], object]] = []
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._patience.timeout.connect(self.drop)

    @property
    def is_holding(self) -> bool:
        """Tell whether something waits."""
        return bool(self._deeds)

    def hold(self, deed: Callable[[], object]) -> None:
        """Do ``deed`` after what is held already."""
        self._deeds.append(deed)
        self._patience.start()

    def drop(self) -> None:
        """Do nothing of what is held: it was meant for something else."""
        self._patience.stop()
        self._deeds = []

    def do(self) -> None:
        """Do what is held, in its order; what cannot be done yet may be held again."""
        deeds, self._deeds = self._deeds, []
        self._patience.stop()
        for each in deeds:
            each()


def press_in(key: Qt.Key, place: QWidget, otherwise: QWidget) -> None:
    """Press ``key`` in ``place`` if the keyboard is there by now, ``otherwise`` where it was."""
    if place.window().focusWidget() is not place:
        place = otherwise
    QApplication.sendEvent(place, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))
