"""Several bills of a patient are ticked where they stand, and paid together; never those of somebody else."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.invoice_painter import box_in
from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.tables.columns import place_of
from cashier.desk.tables.row_painter import PADDING
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import (
    DUE,
    DUE_OF_OTHER_PATIENT,
    DUE_OF_SAME_PATIENT,
    IN_YEN,
    TINY,
    SampleHospital,
)

CTRL = Qt.KeyboardModifier.ControlModifier


def search(desk: DeskWindow, words: str) -> None:
    desk.find(QLineEdit, "search").setFocus()
    desk.find(QLineEdit, "search").selectAll()
    desk.type(words)


def taken(desk: DeskWindow) -> list[str]:
    """Return the numbers of what the window says is paid together."""
    return sorted(desk.text("detail_taken").split(" · ")) if "·" in desk.text("detail_taken") else []


def click_box(desk: DeskWindow, number: str) -> None:
    table = desk.find(InvoiceTable, "invoice_table")
    index = table.rows.index(desk.bills().index(number), place_of(table.rows.columns, "due"))
    box = box_in(table.visualRect(index).adjusted(PADDING, 0, -PADDING, -1))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())


def test_what_is_ticked_is_paid_together_with_what_is_chosen(qtbot: QtBot, open_desk: DeskWindow) -> None:
    desk = open_desk
    search(desk, "ana")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down):
        desk.press(key)
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "45.00 €")
    assert "Owes 165.00 € in all" in desk.text("detail_taken")

    # By the space bar: ticked there, and chosen below it.
    desk.press(Qt.Key.Key_Space)
    desk.press(Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "165.00 €")
    assert desk.text("detail_balance_name") == "To pay, 2 invoices"
    assert taken(desk) == [DUE, DUE_OF_SAME_PATIENT]

    # By the mouse: the same box takes it away, and ticks again.
    desk.press(Qt.Key.Key_Up)
    click_box(desk, DUE_OF_SAME_PATIENT)
    desk.press(Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "120.00 €")
    click_box(desk, DUE_OF_SAME_PATIENT)
    desk.press(Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: taken(desk) == [DUE, DUE_OF_SAME_PATIENT])

    # The dialog begins with both.
    desk.press(Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: desk.window.findChild(PaymentDialog) is not None)
    dialog = desk.find(PaymentDialog, "payment_dialog")
    qtbot.waitUntil(lambda: len([b for b in dialog.findChildren(QCheckBox) if "bill_line" in b.objectName()]) == 2)
    boxes = [each for each in dialog.findChildren(QCheckBox) if "bill_line" in each.objectName()]
    assert all(each.isChecked() for each in boxes)
    assert desk.find(QLineEdit, "amount_field").text() == "165.00"


def test_ticks_are_of_one_patient_and_one_currency_and_of_what_is_still_owed(
    qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital
) -> None:
    assert desk.numbers() == [IN_YEN, TINY, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT, DUE]
    desk.unfold()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down):
        desk.press(key)
    desk.press(Qt.Key.Key_A, CTRL)
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "12,000 ¥")
    assert taken(desk) == []

    # Euros are not added to yen: of the others, those in euros are paid together.
    desk.press(Qt.Key.Key_Down)
    desk.press(Qt.Key.Key_A, CTRL)
    qtbot.waitUntil(lambda: taken(desk) == [DUE_OF_OTHER_PATIENT, TINY])
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "80.30 €")

    # Somebody else is chosen: what was ticked before is ticked no more, here and when one comes back.
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down):
        desk.press(key)
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "45.00 €")
    assert taken(desk) == []
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up):
        desk.press(key)
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "80.00 €")
    assert taken(desk) == []

    # What is no longer owed leaves what is paid together, without a key.
    desk.press(Qt.Key.Key_A, CTRL)
    qtbot.waitUntil(lambda: taken(desk) == [DUE_OF_OTHER_PATIENT, TINY])
    hospital.execute("UPDATE invoice SET status = 'cancelled' WHERE number = :number", number=TINY)
    qtbot.waitUntil(lambda: taken(desk) == [])
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "80.00 €")
