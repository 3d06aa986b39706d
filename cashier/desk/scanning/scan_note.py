"""Says what became of a scan, at the foot of the window in which it came, for some seconds."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QDialog, QWidget

from cashier.desk.kit.controls import Notice, Tone
from cashier.desk.kit.look import scaled
from cashier.desk.scanning.last_said import LastSaid
from cashier.language import Message

_SHOWN_MS = 8_000
_MARGIN = 24
_ABOVE_STATUS_BAR = 46
_WIDTH_MAX = 620


class ScanNote(Notice):
    """Below all else in a dialog, which gets room for it; above the foot of a window, and of no button."""

    def __init__(self, window: QWidget) -> None:
        """Say nothing yet in ``window``."""
        super().__init__(name="scan_note")
        self.setParent(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._window = window
        self._is_in_dialog = isinstance(window, QDialog)
        self._room = 0
        self._end = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._end.timeout.connect(self.fall_silent)
        window.installEventFilter(self)

    def tell(self, words: Message, tone: Tone) -> None:
        """Say ``words`` for some seconds."""
        self.say(words, tone)
        self._make_room()
        self._place()
        self.raise_()
        self._end.start()

    def fall_silent(self) -> None:
        """Hide, and give back the room."""
        super().fall_silent()
        self._make_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the foot of the window."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _size(self) -> QSize:
        layout, width = self.layout(), min(scaled(_WIDTH_MAX), self._window.width() - 2 * _MARGIN)
        if layout is None:
            return self.sizeHint()
        # What is said now, not what was said before.
        layout.invalidate()
        layout.activate()
        return QSize(width, layout.totalHeightForWidth(width))

    def _place(self) -> None:
        around, size = self._window.rect(), self._size()
        foot = _MARGIN if self._is_in_dialog else _ABOVE_STATUS_BAR
        left = (around.width() - size.width()) // 2 if self._is_in_dialog else _MARGIN + _MARGIN // 2
        self.setGeometry(left, around.height() - size.height() - foot, size.width(), size.height())

    def _make_room(self) -> None:
        """Have as many pixels free below what is in a dialog as this needs; none while it is hidden."""
        layout = self._window.layout()
        if not self._is_in_dialog or layout is None:
            return
        room = 0 if self.isHidden() else self._size().height() + _MARGIN
        more, self._room = room - self._room, room
        around = layout.contentsMargins()
        around.setBottom(around.bottom() + more)
        layout.setContentsMargins(around)
        if self._window.isWindow():
            within = self._window.screen().availableGeometry().height()
            self._window.resize(self._window.width(), min(self._window.height() + more, within))


def say_of_scan(window: QWidget, words: Message, tone: Tone = Tone.ACCENT) -> None:
    """Show ``words`` in ``window``, in the place of what was said of the scan before.

    What is done and harmless can be read again; what has to be mended is mended now, or scanned again.
    """
    if tone not in (Tone.CAUTION, Tone.BAD):
        LastSaid.of(window).keep(words, tone)
    found = window.findChild(ScanNote, "scan_note", Qt.FindChildOption.FindDirectChildrenOnly)
    note = found if isinstance(found, ScanNote) else ScanNote(window)
    note.tell(words, tone)


def say_nothing_of_scans(window: QWidget) -> None:
    """Take away what was said in ``window``, and what is kept of it: somebody else may read it now."""
    LastSaid.of(window).forget()
    hush(window)


def hush(window: QWidget) -> None:
    """Take away what is said in ``window`` now: something else is true."""
    found = window.findChild(ScanNote, "scan_note", Qt.FindChildOption.FindDirectChildrenOnly)
    if isinstance(found, ScanNote):
        found.fall_silent()
