"""Tells when nobody has touched the desk for a while, and hears the keys that lock it, also above a dialog.

It looks at what the window system sends to the windows that had the keyboard, not at every event of every widget.
The patient's display takes no keyboard: a patient who touches it does not keep the desk open.
"""

from __future__ import annotations

import functools

from PySide6.QtCore import QEvent, QKeyCombination, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

_TOUCHES = frozenset(
    {
        # A key that is a shortcut is seen in this guise alone.
        QEvent.Type.ShortcutOverride,
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
    }
)


@functools.cache
def _keys() -> tuple[QKeyCombination, QKeyCombination]:
    """Return the keys that lock and that switch; the table of commands is not needed for the first paint."""
    from cashier.desk.commands.commands import Command  # noqa: PLC0415
    from cashier.desk.commands.shortcuts import combination  # noqa: PLC0415

    return combination(Command.LOCK), combination(Command.SWITCH_CASHIER)


class IdleWatch(QObject):
    """Watches the windows of this program from the moment each has the keyboard."""

    idle = Signal()
    """Nobody has touched anything for as long as is allowed."""
    lock_wanted = Signal()
    switch_wanted = Signal()

    def __init__(self, minutes: int, parent: QObject) -> None:
        """Tell about ``minutes`` without a touch; 0: never."""
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=minutes * 60_000)
        self._timer.timeout.connect(self.idle)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._watch)
        self.begin()

    def begin(self) -> None:
        """Count from now on."""
        if self._timer.interval():
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count from the last touch; keep the keys that lock from whoever has the keyboard."""
        if event.type() not in _TOUCHES:
            return False
        self.begin()
        if isinstance(event, QKeyEvent) and not event.isAutoRepeat():
            pressed, (lock, switch) = event.keyCombination(), _keys()
            if pressed == lock:
                self.lock_wanted.emit()
                return True
            if pressed == switch:
                self.switch_wanted.emit()
                return True
        return False

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)
