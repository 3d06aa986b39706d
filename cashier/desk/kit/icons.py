"""Icons in any colour of the palette, sharp at any size."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from cashier.palette import Colour
from cashier.resources import RESOURCES

_SIZES = (16, 20, 24, 32, 40, 48, 64, 96)


@cache
def icon(name: str, colour: Colour = Colour.INK, disabled: Colour = Colour.INK_DISABLED) -> QIcon:
    """Return the icon ``resources/icons/<name>.svg`` in ``colour``; it must exist. Needs a running QApplication."""
    drawing = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    for mode, ink in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        renderer = QSvgRenderer(QByteArray(drawing.replace(Colour.INK, ink).encode()))
        for size in _SIZES:
            made.addPixmap(_painted(renderer, size), mode)
    return made


@cache
def logo() -> QIcon:
    """Return the mark of Cashier."""
    made = QIcon()
    renderer = QSvgRenderer(str(RESOURCES / "logo.svg"))
    for size in _SIZES:
        made.addPixmap(_painted(renderer, size))
    return made


def _painted(renderer: QSvgRenderer, size: int) -> QPixmap:
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture
