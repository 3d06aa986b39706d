"""Says what became of a scan, at the foot of the window in which it came, for some seconds."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from cashier.desk.kit.controls import Notice, Tone
from cashier.language import Message

_SHOWN_MS = 8_000
_MARGIN = 16
_WIDTH_MAX = 620


class _ScanNote(Notice):
    """Lies above the window's foot and takes no clicks or keys away."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(name="scan_note")
        self.setParent(window)
        self._window = window
        self._end = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._end.timeout.connect(self.fall_silent)

    def tell(self, words: Message, tone: Tone) -> None:
        self.say(words, tone)
        around = self._window.rect()
        width = min(_WIDTH_MAX, around.width() - 2 * _MARGIN)
        height = max(self.sizeHint().height(), self.heightForWidth(width))
        self.setGeometry((around.width() - width) // 2, around.height() - height - _MARGIN, width, height)
        self.raise_()
        self._end.start()


def say_of_scan(window: QWidget, words: Message, tone: Tone = Tone.ACCENT) -> None:
    """Show ``words`` in ``window``, in the place of what was said of the scan before."""
    found = window.findChild(_ScanNote, "scan_note")
    note = found if isinstance(found, _ScanNote) else _ScanNote(window)
    note.tell(words, tone)
