"""Icons are drawn for the very pixels they stand on, also where the system scales by a broken number."""

import pytest
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap, QRegion
from PySide6.QtSvg import QSvgRenderer

from cashier.desk.kit.icons import LogoPicture, icon
from cashier.desk.kit.look import shade
from cashier.palette import Colour
from cashier.resources import RESOURCES

SIDE = 20
FORMAT = QImage.Format.Format_ARGB32_Premultiplied


def drawn(svg: bytes, side: int) -> QImage:
    """Draw an icon directly into so many pixels: nothing can be sharper."""
    picture = QImage(side, side, FORMAT)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(svg).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return picture


def icon_file(name: str) -> bytes:
    text = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    return text.replace(Colour.INK.printed, shade(Colour.BAD).name()).encode()


def screen_of(ratio: float, side: int = SIDE) -> QPixmap:
    """Make a part of a screen with so many pixels for each logical one."""
    screen = QPixmap(QSize(side, side) * ratio)
    screen.setDevicePixelRatio(ratio)
    screen.fill(Qt.GlobalColor.transparent)
    return screen


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0])
@pytest.mark.parametrize("name", ["card", "cash", "warning"])
def test_an_icon_has_every_pixel_of_the_screen_for_itself(qapp, name, ratio):
    pixels = round(SIDE * ratio)
    wanted = drawn(icon_file(name), pixels)

    # As what is painted by hand has it.
    screen = screen_of(ratio)
    painter = QPainter(screen)
    icon(name, Colour.BAD).paint(painter, QRect(QPoint(0, 0), QSize(SIDE, SIDE)))
    painter.end()
    assert screen.toImage().convertToFormat(FORMAT) == wanted

    # As Qt's own buttons ask for it.
    given = icon(name, Colour.BAD).pixmap(QSize(SIDE, SIDE), ratio)
    assert (given.size(), given.devicePixelRatio()) == (QSize(pixels, pixels), ratio)
    given.setDevicePixelRatio(1)
    assert given.toImage().convertToFormat(FORMAT) == wanted


@pytest.mark.parametrize("ratio", [1.25, 1.5])
def test_the_mark_is_as_sharp(qtbot, ratio):
    picture = LogoPicture(side=48)
    qtbot.addWidget(picture)
    screen = screen_of(ratio, 48)

    picture.render(screen, QPoint(), QRegion(), LogoPicture.RenderFlag.DrawChildren)

    wanted = drawn((RESOURCES / "logo.svg").read_bytes(), round(48 * ratio))
    assert screen.toImage().convertToFormat(FORMAT) == wanted
