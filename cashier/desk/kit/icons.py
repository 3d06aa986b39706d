"""Icons in any colour of the palette: drawn as lines for the very pixels they stand on, in the theme that is worn."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QWidget

from cashier.desk.kit.look import scaled, shade
from cashier.palette import Colour
from cashier.resources import RESOURCES

_DRAWN_IN = Colour.INK.printed
"""The colour in the files, which every other takes the place of."""
_LOGO_SIZES = (16, 20, 24, 32, 40, 48, 64, 96, 128, 256)


class _Drawing(QIconEngine):
    """One icon of ours; asks for its colour when it is painted."""

    def __init__(self, name: str, colour: Colour, disabled: Colour) -> None:
        super().__init__()
        self._name, self._colour, self._disabled = name, colour, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        colour = self._disabled if mode is QIcon.Mode.Disabled else self._colour
        _renderer(self._name, shade(colour).name()).render(painter, QRectF(rect))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        picture = QPixmap(size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return picture

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        # In logical pixels: https://doc.qt.io/qt-6/qiconengine.html#scaledPixmap
        return self.pixmap(size * scale, mode, state)

    def clone(self) -> QIconEngine:
        return _Drawing(self._name, self._colour, self._disabled)


@cache
def icon(name: str, colour: Colour = Colour.INK, disabled: Colour = Colour.INK_DISABLED) -> QIcon:
    """Return the icon ``resources/icons/<name>.svg`` in ``colour``; it must exist. Needs a running QApplication."""
    _drawn(name)
    return QIcon(_Drawing(name, colour, disabled))


class Picture(QLabel):
    """An icon that stands by itself, ``side`` pixels wide and high at text of 100 percent."""

    def __init__(self, name: str = "", colour: Colour = Colour.INK, *, side: int) -> None:
        """Show the icon, if one is named."""
        super().__init__()
        self._side = side
        self._icon: QIcon | None = None
        if name:
            self.show_icon(name, colour)

    def show_icon(self, name: str, colour: Colour) -> None:
        """Show another icon, or the same in another colour."""
        self._icon = icon(name, colour)
        self.setFixedSize(scaled(self._side), scaled(self._side))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the icon as the theme has it now."""
        if self._icon is not None:
            painter = QPainter(self)
            mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
            self._icon.paint(painter, self.rect(), Qt.AlignmentFlag.AlignCenter, mode)


class LogoPicture(QWidget):
    """The mark of Cashier on a page, ``side`` pixels wide and high."""

    def __init__(self, *, side: int) -> None:
        """Make it."""
        super().__init__()
        self.setFixedSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it for the very pixels it stands on."""
        painter = QPainter(self)
        _logo().render(painter, QRectF(self.rect()))
        painter.end()


@cache
def logo() -> QIcon:
    """Return the mark of Cashier for the system's own uses, which want pictures: title bars, lists of windows."""
    made = QIcon()
    renderer = _logo()
    for side in _LOGO_SIZES:
        picture = QPixmap(side, side)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter, QRectF(0, 0, side, side))
        painter.end()
        made.addPixmap(picture)
    return made


@cache
def _logo() -> QSvgRenderer:
    return QSvgRenderer(str(RESOURCES / "logo.svg"))


@cache
def _drawn(name: str) -> str:
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_drawn(name).replace(_DRAWN_IN, colour).encode()))
