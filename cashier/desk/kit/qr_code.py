"""An address as a QR code on the screen: sharp, dark on white, with the quiet edge that cameras need."""

from __future__ import annotations

import segno
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cashier.language import Message
from cashier.palette import Colour

_QUIET_MODULES = 4
"""How wide the empty edge has to be: ISO/IEC 18004, 6.3.8."""
_SIDE_MIN = 160
_MODULE_PIXELS_MIN = 3
"""A phone reads three pixels a module at arm's length; Stripe's addresses are long and need many modules."""


class QrCode(QWidget):
    """Shows one address at a time, or nothing."""

    def __init__(self, *, name: str, says: Message) -> None:
        """Show nothing yet. ``says`` tells a screen reader what the code is for."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(str(says))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(_SIDE_MIN, _SIDE_MIN)
        self._address: str | None = None
        self._picture: QImage | None = None

    @property
    def address(self) -> str | None:
        """What a camera reads."""
        return self._address

    def show_address(self, address: str | None) -> None:
        """Show ``address``; nothing where there is none."""
        if address == self._address:
            return
        self._address = address
        self._picture = _picture_of(address) if address is not None else None
        modules = self._picture.width() if self._picture is not None else 0
        side = max(_SIDE_MIN, modules * _MODULE_PIXELS_MIN)
        self.setMinimumSize(side, side)
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for somewhat more than the least."""
        return self.minimumSize() * 1.25

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint each module as the same whole number of the screen's pixels, in the middle."""
        if self._picture is None:
            return
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        modules = self._picture.width()
        side = modules * max(1, min(width, height) // modules)
        painter = QPainter(self)
        # From here on one unit is one pixel of the screen, also where Windows scales by 125 %.
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(QRect(QPoint((width - side) // 2, (height - side) // 2), QSize(side, side)), self._picture)
        painter.end()


def _picture_of(address: str) -> QImage:
    """Draw one pixel a module, with the quiet edge. Nothing on a screen gets dirty: the least correction will do."""
    matrix = segno.make_qr(address, error="l").matrix
    side = len(matrix) + 2 * _QUIET_MODULES
    picture = QImage(side, side, QImage.Format.Format_RGB32)
    picture.fill(QColor(Colour.PAPER.printed))
    ink = QColor(Colour.INK.printed)
    for y, row in enumerate(matrix, _QUIET_MODULES):
        for x, is_dark in enumerate(row, _QUIET_MODULES):
            if is_dark:
                picture.setPixelColor(x, y, ink)
    return picture
