"""The QR code: what cameras need of it, read from the pixels of the screen."""

from __future__ import annotations

import pytest
import segno
from PySide6.QtGui import QImage

from cashier.desk.kit.qr_code import QrCode
from cashier.language import m
from cashier.palette import Colour

ADDRESS = "https://checkout.stripe.com/c/pay/cs_test_" + "a1B2c3D4" * 7 + "#fid" + "kdXx0YGho" * 30


def picture_of(qtbot, address, side):
    code = QrCode(name="code", says=m("QR code of the payment page"))
    qtbot.addWidget(code)
    code.setStyleSheet("background: black")  # as in a dark theme
    code.show_address(address)
    code.resize(side, side)
    return code.grab().toImage()


def colours_in(picture: QImage) -> set[str]:
    return {picture.pixelColor(x, y).name().upper() for x in range(picture.width()) for y in range(picture.height())}


@pytest.mark.parametrize("address", ["https://pay.example/1", ADDRESS])
@pytest.mark.parametrize("side", [333, 500])
def test_every_module_on_the_screen_is_the_codes(qtbot, address, side):
    matrix = segno.make_qr(address, error="l").matrix

    picture = picture_of(qtbot, address, side)

    modules = len(matrix) + 8
    pixels = picture.width() // modules
    edge = (picture.width() - pixels * modules) // 2
    assert pixels >= 3
    for y in range(modules):
        for x in range(modules):
            seen = {
                picture.pixelColor(edge + x * pixels + dx, edge + y * pixels + dy).name().upper()
                for dx in (0, pixels - 1)
                for dy in (0, pixels - 1)
            }
            is_inside = 4 <= x < modules - 4 and 4 <= y < modules - 4
            is_dark = is_inside and bool(matrix[y - 4][x - 4])
            assert seen == {(Colour.INK if is_dark else Colour.PAPER).printed}


def test_there_is_nothing_to_see_without_an_address(qtbot):
    assert colours_in(picture_of(qtbot, None, 240)) == {"#000000"}


def test_it_is_never_too_small_for_a_camera(qtbot):
    code = QrCode(name="code", says=m("QR code of the payment page"))
    qtbot.addWidget(code)

    code.show_address("https://pay.example/1")
    short = code.minimumWidth()
    code.show_address(ADDRESS)

    assert short == 160
    assert code.minimumWidth() >= 3 * len(segno.make_qr(ADDRESS, error="l").matrix)


def test_a_screen_reader_hears_what_it_is_for(qtbot):
    code = QrCode(name="code", says=m("QR code of the payment page"))
    qtbot.addWidget(code)

    assert code.accessibleName() == "QR code of the payment page"
