"""What was said in passing, for some seconds: the last ten can be read again, until the desk is locked or left."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from cashier.clock import now
from cashier.desk.kit.controls import Tone
from cashier.language import Message

KEPT_MOST = 10


@dataclass(frozen=True, kw_only=True)
class Saying:
    """One thing that was said, and when."""

    at: datetime
    words: Message
    tone: Tone


class LastSaid(QObject):
    """Keeps what was said in one main window and the sheets above it, in memory alone."""

    forgotten = Signal()
    """Nothing is kept any more: whoever comes next reads nothing of it."""

    def __init__(self, window: QWidget) -> None:
        """Keep nothing yet; ``of`` finds what belongs to a window."""
        super().__init__(window)
        self.setObjectName("last_said")
        self._sayings: deque[Saying] = deque(maxlen=KEPT_MOST)

    @staticmethod
    def of(widget: QWidget) -> LastSaid:
        """Return what is kept for the main window around ``widget``, also of a sheet above it."""
        window = widget
        while (around := window.parentWidget()) is not None:
            window = around
        found = window.findChild(LastSaid, "last_said", Qt.FindChildOption.FindDirectChildrenOnly)
        return found if isinstance(found, LastSaid) else LastSaid(window)

    @property
    def sayings(self) -> tuple[Saying, ...]:
        """What was said, the newest first."""
        return tuple(reversed(self._sayings))

    def keep(self, words: Message, tone: Tone) -> None:
        """Keep ``words``; the eleventh takes the place of the first. The same words again are kept once, as new."""
        if self._sayings and self._sayings[-1].words == words:
            self._sayings.pop()
        self._sayings.append(Saying(at=now(), words=words, tone=tone))

    def forget(self) -> None:
        """Keep nothing any more. Safe to repeat."""
        self._sayings.clear()
        self.forgotten.emit()
