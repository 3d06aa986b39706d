"""A sheet: what a page asks or shows above itself, in the same window, with the page shaded and deaf below it.

Its size follows from the window alone, so nothing that it shows moves or resizes it. A question is as large as its
words. Without a main window around it, a sheet is a window of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QDialog, QMainWindow, QWidget

from cashier.desk.kit.look import current_look, scaled, shade
from cashier.desk.kit.sheets.breakpoint import Breakpoint, breakpoint_of
from cashier.desk.kit.sheets.sheet_stack import EDGE, SheetStack
from cashier.palette import Colour

_SIZES: Mapping[Breakpoint, QSize] = {
    Breakpoint.S: QSize(1164, 664),
    Breakpoint.M: QSize(1080, 688),
    Breakpoint.L: QSize(1200, 800),
    Breakpoint.XL: QSize(1360, 900),
}
"""How large a sheet is for text of 100 percent. It grows with the text, and ends at the window's edge."""
_CORNER = 12


class Sheet(QDialog):
    """Open it with ``open()``: the page, or the sheet below, gets the keyboard back where it was when this closes.

    What opens above another sheet closes with it.
    """

    def __init__(self, parent: QWidget | None) -> None:
        """Belong to the sheet or the window around ``parent``."""
        above = None if parent is None else surface_of(parent)
        super().__init__(above)
        self.setProperty("sheet", True)
        self._has_been_open = False
        if isinstance(above, Sheet):
            above.finished.connect(self.close)
            above.destroyed.connect(self.deleteLater)

    def open(self) -> None:
        """Show it above everything in its window. Safe to repeat: what was hidden is shown again, on top."""
        parent = self.parentWidget()
        window = None if parent is None else parent.window()
        if not isinstance(window, QMainWindow):
            if not self._has_been_open:
                self._has_been_open = True
                self.resize(self.wanted_size(self.screen().availableGeometry().size()))
            super().open()
            return
        self.setResult(0)
        SheetStack.of(window).put_on_top(self, self.wanted_size)

    def wanted_size(self, room: QSize) -> QSize:
        """Return how large it is where there is ``room``; it never takes more than that."""
        size = _SIZES[breakpoint_of(room)]
        least = self.minimumSizeHint()
        wanted = QSize(scaled(size.width()), scaled(size.height())).expandedTo(least)
        return wanted.boundedTo(_within(room))

    def hideEvent(self, event: QHideEvent) -> None:
        """Give the keyboard back, unless the whole window is hidden."""
        super().hideEvent(event)
        parent = self.parentWidget()
        if self.isHidden() and not self.isWindow() and parent is not None:
            SheetStack.of(parent.window()).take_away(self)

    def event(self, event: QEvent) -> bool:
        """Follow what it has to say, where its size does."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible() and not self.isWindow():
            SheetStack.of(self.window()).place(self)
        return done

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, with round corners where it lies in a window."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isWindow():
            painter.fillRect(event.rect(), shade(Colour.GROUND))
            return
        theme = current_look().theme
        painter.setBrush(shade(Colour.GROUND))
        painter.setPen(QPen(shade(Colour.INK if theme.is_high_contrast else Colour.HAIRLINE), 2))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), _CORNER, _CORNER)


class Question(Sheet):
    """A sheet as large as its words and fields: it asks one thing, or says one."""

    def wanted_size(self, room: QSize) -> QSize:
        """Return the size of its words, within ``room``."""
        within = _within(room)
        layout = self.layout()
        width = min(max(self.sizeHint().width(), self.minimumWidth()), self.maximumWidth(), within.width())
        height = self.sizeHint().height()
        if layout is not None and layout.hasHeightForWidth():
            height = layout.totalHeightForWidth(width)
        return QSize(width, min(height, within.height()))


def _within(room: QSize) -> QSize:
    return QRect(0, 0, room.width(), room.height()).adjusted(EDGE, EDGE, -EDGE, -EDGE).size()


def surface_of(widget: QWidget) -> QWidget:
    """Return the sheet around ``widget``, or the window where it lies in none."""
    around: QWidget | None = widget
    while around is not None and not around.isWindow():
        if isinstance(around, Sheet):
            return around
        around = around.parentWidget()
    return widget.window()
