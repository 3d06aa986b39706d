"""Garbage is looked for on Qt's thread alone.

Python looks for it on whichever thread makes the next object. What belongs to Qt, let go of on another thread, may
wait there for Python while it holds a lock of Qt's, and Qt's thread for that lock while it holds Python: for ever.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 1000


class GarbageOnQtsThread(QObject):
    """Looks every second, as deep as Python itself would by then."""

    def __init__(self, parent: QObject) -> None:
        """Switch Python's own looking off, for as long as ``parent`` lives."""
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self, interval=_EVERY_MS)
        timer.timeout.connect(self.look)
        timer.start()
        parent.destroyed.connect(gc.enable)

    def look(self) -> None:
        """Take away what nobody can reach any more."""
        over = [count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if any(over):
            gc.collect(max(generation for generation, is_over in enumerate(over) if is_over))
