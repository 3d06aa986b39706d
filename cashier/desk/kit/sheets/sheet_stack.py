"""The sheets above a page: only the uppermost can be used, and the page and the others are shaded."""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QDialog, QMainWindow, QWidget

EDGE = 8
"""What is seen of the page around a sheet at least, in pixels."""
_SHADE = QColor(18, 24, 30, 120)


class SheetStack(QObject):
    """One for each main window, made when its first sheet opens."""

    opened = Signal()
    """A sheet lies on top that did not before."""
    emptied = Signal()
    """The page can be used again."""

    def __init__(self, window: QMainWindow) -> None:
        """Lay sheets above what is in ``window``."""
        super().__init__(window)
        self.setObjectName("sheet_stack")
        self._window = window
        self._shades: list[_Shade] = []
        window.installEventFilter(self)

    @staticmethod
    def of(window: QWidget) -> SheetStack:
        """Return the stack of a main window."""
        found = window.findChild(SheetStack, "sheet_stack", Qt.FindChildOption.FindDirectChildrenOnly)
        if isinstance(found, SheetStack):
            return found
        if not isinstance(window, QMainWindow):
            raise TypeError("sheets lie in main windows alone")
        return SheetStack(window)

    @property
    def top(self) -> QDialog | None:
        """The sheet that can be used; None where it is the page."""
        return self._shades[-1].sheet if self._shades else None

    def put_on_top(self, sheet: QDialog, size_in: Callable[[QSize], QSize]) -> None:
        """Show ``sheet`` above all others, with the keyboard where it was in it last.

        ``size_in`` tells how large it is in a window of a size.
        """
        if any(each.sheet is sheet for each in self._shades):
            return
        first: QWidget | None = sheet.focusWidget()
        around = sheet.parentWidget()
        if not isinstance(around, _Shade):
            around = _Shade(self._window, sheet, size_in)
        around.before = self._window.focusWidget()
        self._shades.append(around)
        around.setGeometry(self._window.rect())
        self.place(sheet)
        around.raise_()
        around.show()
        sheet.show()
        if first is not None and first.isVisible():
            first.setFocus()
        else:
            sheet.setFocus()
        self._settle()
        if sheet.focusWidget() in (None, sheet):
            around.focus_first()
        self.opened.emit()

    def take_away(self, sheet: QDialog) -> None:
        """Forget ``sheet``, which is hidden, and give the keyboard back to what had it before."""
        gone = next((each for each in self._shades if each.sheet is sheet), None)
        if gone is None:
            return
        place = self._shades.index(gone)
        self._shades.remove(gone)
        before, gone.before = gone.before, None
        if place < len(self._shades):
            # What lies above was opened from it, or meanwhile.
            self._shades[place].before = before
        gone.hide()
        self._settle()
        if place == len(self._shades) and before is not None and shiboken6.isValid(before) and before.isVisible():
            before.setFocus()
        if not self._shades:
            self.emptied.emit()

    def place(self, sheet: QDialog) -> None:
        """Put ``sheet`` into the middle; one that grows does so downwards as long as there is room."""
        for each in self._shades:
            if each.sheet is sheet:
                each.place_sheet()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the whole window, whatever its size."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            for each in self._shades:
                each.setGeometry(self._window.rect())
        return False

    def _settle(self) -> None:
        for each in self._shades:
            is_top = each is self._shades[-1]
            each.is_seen = is_top
            each.setEnabled(is_top)
            each.update()
        page = self._window.centralWidget()
        if page is not None:
            page.setEnabled(not self._shades)


class _Shade(QWidget):
    """Covers the window, holds one sheet, and lets nothing through to the page."""

    def __init__(self, window: QMainWindow, sheet: QDialog, size_in: Callable[[QSize], QSize]) -> None:
        super().__init__(window)
        self.sheet = sheet
        self.before: QWidget | None = None
        """What had the keyboard when the sheet opened."""
        self.is_seen = True
        self._size_in = size_in
        self._top: int | None = None
        sheet.setParent(self, Qt.WindowType.Widget)
        sheet.destroyed.connect(self.deleteLater)

    def place_sheet(self) -> None:
        """Put the sheet into the middle; while it is seen it grows downwards, as long as there is room."""
        size = self._size_in(self.size())
        top = (self.height() - size.height()) // 2
        if self._top is not None and self.sheet.isVisible():
            top = min(self._top, self.height() - EDGE - size.height())
        place = QRect(QPoint((self.width() - size.width()) // 2, top), size)
        self._top = place.top()
        if place != self.sheet.geometry():
            self.sheet.setGeometry(place)

    def focus_first(self) -> None:
        """Give the keyboard to the first thing in the sheet that takes it."""
        self.focusNextChild()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the sheet in the middle."""
        super().resizeEvent(event)
        self._top = None
        self.place_sheet()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Shade what lies below, once."""
        if self.is_seen:
            QPainter(self).fillRect(event.rect(), _SHADE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep what the sheet does not know: it is not meant for the window."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep what is pressed beside the sheet."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Keep what is turned beside the sheet."""
