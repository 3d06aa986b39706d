"""Pictures of everything the payment dialog can say, for the README: ``make pictures``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QPushButton

from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.language import verbatim
from cashier.palette import Colour
from tests.desk.surroundings.paying import Till

_FOLDER = Path(os.environ.get("PICTURES", "docs/pictures"))
_GAP = 16
_COLUMNS = 2
_SMALLEST = QSize(944, 524)
"""What a sheet has of a window of 960 by 540."""

# What is told in each situation that has no picture of its own in the README.
_SITUATIONS = {
    Face.TO_CHARGE: "120.00 € · Visa •••• 4242   until 12/34",
    Face.DOUBTED: "700.00 € are handed over, and 580.00 € would go back. That is 5 times what is due.",
    Face.OPENING: "",
    Face.CONFIRMING: "",
    Face.PENDING: "120.00 € by SEPA Direct Debit ending in 3000 is pending at the bank since 26 Nov 2026.",
    Face.DECLINED: "The bank says that the card's limit or balance does not cover this amount.",
    Face.CANCELLED: "",
    Face.UNKNOWN: "Stripe does not answer. Check the internet connection.",
    Face.CHARGING: "",
    Face.ASKING: "",
    Face.PAGE_UNSEEN: "The database does not answer.",
    Face.UNWRITTEN: "Stripe says that nothing was charged so far. The database does not answer.",
    Face.PAID_UNWRITTEN: "Stripe says that it is paid. The database does not answer.",
    Face.NOT_CLOSED: "The database does not answer. Check the network and the database server, then try again.",
    Face.CLOSING: "",
    Face.STILL_OPEN: "Stripe does not answer. Check the internet connection.",
    Face.REFUSED: "Invoice INV-2026-000001 is paid already. Look at its payments and receipts.",
    Face.HELD: "Sol Example at desk D2 is taking a payment for this invoice. It began today at 10:42.",
    Face.TAKEN_OVER: "Sol Example at desk D2 took this payment over.",
    Face.NOT_SAVED: "The database does not answer. Check the network; nothing was lost.",
    Face.KEYING: "Counter 1",
    Face.DECLINED_AT_READER: "The card reader is not connected. Check its power and its network, or pay another way.",
    Face.DECLINED_ON_PHONE: "The bank did not approve this card. Ask for another card.",
    Face.FROM_ACCOUNT: "",
    Face.PART_FROM_ACCOUNT: "",
    Face.CONTRADICTION: "Stripe says cancelled, but this payment is already paid.",
}


@pytest.mark.filterwarnings("default")
def test_every_situation_has_its_picture(till: Till) -> None:
    pictures = []
    for face, told in _SITUATIONS.items():
        dialog = till.open()
        dialog.resize(_SMALLEST)
        dialog._summary.show_amount(till.detail().row.balance)
        dialog._show_face(face, verbatim(told))
        pictures.append(_grab(till, dialog))
        dialog._face = Face.AMOUNT
        dialog.reject()
        till.wait_for_close()
    _FOLDER.mkdir(parents=True, exist_ok=True)
    assert _sheet(pictures).save(str(_FOLDER / "situations.png"))


def _grab(till: Till, dialog: PaymentDialog) -> QImage:
    till.qtbot.waitUntil(lambda: any(button.isVisible() and button.height() > 20 for button in _buttons(dialog)))
    till.qtbot.wait(150)  # the dialog takes its size in a later turn of the event loop
    return dialog.grab().toImage()


def _buttons(dialog: PaymentDialog) -> list[QPushButton]:
    return dialog.findChildren(QPushButton)


def _sheet(pictures: list[QImage]) -> QImage:
    """Lay the pictures out side by side."""
    cell = QSize(max(each.width() for each in pictures), max(each.height() for each in pictures))
    rows = -(-len(pictures) // _COLUMNS)
    sheet = QImage(
        _COLUMNS * (cell.width() + _GAP) + _GAP, rows * (cell.height() + _GAP) + _GAP, QImage.Format.Format_RGB32
    )
    sheet.fill(QColor(Colour.INK_SOFT.printed))
    painter = QPainter(sheet)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, _COLUMNS)
        place = QPoint(_GAP + column * (cell.width() + _GAP), _GAP + row * (cell.height() + _GAP))
        painter.drawImage(place, picture)
    painter.end()
    return sheet
