"""What is paid is said once, its receipt is printed where that is set, and Enter goes on to the next patient."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from cashier.desk.paying.payment_faces import Face
from cashier.settings import Settings
from tests.desk.surroundings.paying import Till


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A desk that prints receipts by itself, on a printer that is not there."""
    desk = msgspec.structs.replace(settings.desk, printer="Nowhere", prints_receipts=True)
    return msgspec.structs.replace(settings, desk=desk)


def test_the_receipt_is_printed_unasked_and_what_hinders_it_is_said_beside_what_was_paid(till: Till) -> None:
    till.open()
    till.choose("tender_cash")
    till.type_into("tendered_field", "150")

    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PAID)
    till.qtbot.waitUntil(lambda: "Nowhere" in till.says("payment_notice_text"))
    shown = [each.text() for each in till.dialog.findChildren(QLabel) if each.isVisible()]
    assert [text for text in shown if "Paid" in text] == ["Paid"]
    assert [text for text in shown if "120.00" in text] == ["120.00 €"]
    assert till.says("payment_change") == "Change 30.00 €"
    assert till.says("payment_unprinted") == "Not printed yet"
    assert "Next patient" in till.child(QPushButton, "payment_leave").text()
    till.press(Qt.Key.Key_Return)
    till.wait_for_close()
    assert till.states() == ["paid"]
