"""The till lists people: a row a patient, bills folded in below, and what is chosen is what is shown and paid."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.invoices.intake import take_in
from tests.desk.invoices.test_ticked_bills import click_box
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.invoices.arriving import an_invoice
from tests.surroundings.sample_hospital import (
    DUE,
    DUE_OF_OTHER_PATIENT,
    DUE_OF_SAME_PATIENT,
    IN_YEN,
    TINY,
    SampleHospital,
)

DOWN, RIGHT, LEFT = Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Left
BJORNS = [IN_YEN, TINY, DUE_OF_OTHER_PATIENT]


def table_of(desk: DeskWindow) -> InvoiceTable:
    return desk.find(InvoiceTable, "invoice_table")


def click_arrow(desk: DeskWindow, row: int, *, times: int = 1) -> None:
    table = table_of(desk)
    place = QPoint(10, table.visualRect(table.rows.index(row, 0)).center().y())
    for press in (QTest.mouseClick, QTest.mouseDClick)[:times]:
        press(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def texts(desk: DeskWindow, row: int, *names: str) -> list[str]:
    return [desk.page.list.model.text(row, name) for name in names]


def test_each_patient_is_one_row_and_keys_unfold_the_bills(qtbot: QtBot, desk: DeskWindow) -> None:
    assert desk.bills() == ["3", "2"]
    assert texts(desk, 0, "patient", "count", "due") == ["Björn Dvořák", "3", "80.30 € + 12,000 ¥"]
    assert texts(desk, 1, "patient", "count", "due") == ["Ana Núñez", "2", "165.00 €"]

    # Right unfolds, and goes to the first bill; Left goes to the patient, and folds.
    for key in (DOWN, DOWN, RIGHT):
        desk.press(key)
    assert desk.bills() == ["3", "2", DUE_OF_SAME_PATIENT, DUE]
    assert texts(desk, 2, "patient", "due") == [f"{DUE_OF_SAME_PATIENT} · Radiology", "45.00 €"]
    desk.press(RIGHT)
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "45.00 €")
    desk.press(DOWN)
    desk.press(LEFT)
    assert table_of(desk).currentIndex().row() == 1
    desk.press(LEFT)
    assert desk.bills() == ["3", "2"]
    # What is chosen does not change by folding.
    assert table_of(desk).currentIndex().row() == 1
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "165.00 €")


def test_the_arrow_unfolds_by_the_mouse_and_neither_chooses_nor_pays(qtbot: QtBot, open_desk: DeskWindow) -> None:
    click_arrow(open_desk, 0)
    assert open_desk.bills() == ["3", *BJORNS, "2"]
    assert table_of(open_desk).chosen is None

    # Two clicks fold and unfold: no payment is wanted by them.
    click_arrow(open_desk, 0, times=2)
    assert open_desk.bills() == ["3", *BJORNS, "2"]
    assert open_desk.window.findChild(PaymentDialog) is None


def test_enter_on_a_patient_takes_all_bills_as_a_whole(qtbot: QtBot, open_desk: DeskWindow) -> None:
    open_desk.type("ana")
    open_desk.press(DOWN)
    qtbot.waitUntil(lambda: open_desk.text("detail_balance") == "165.00 €")
    assert open_desk.text("detail_balance_name") == "To pay, 2 invoices"
    assert open_desk.text("detail_taken") == f"{DUE_OF_SAME_PATIENT} · {DUE}"

    open_desk.press(Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: open_desk.window.findChild(PaymentDialog) is not None)
    dialog = open_desk.find(PaymentDialog, "payment_dialog")
    qtbot.waitUntil(lambda: len([b for b in dialog.findChildren(QCheckBox) if "bill_line" in b.objectName()]) == 2)
    boxes = [each for each in dialog.findChildren(QCheckBox) if "bill_line" in each.objectName()]
    assert all(each.isChecked() for each in boxes)
    assert open_desk.find(QLineEdit, "amount_field").text() == "165.00"


def test_a_number_unfolds_its_patient_and_chooses_that_bill_alone(qtbot: QtBot, open_desk: DeskWindow) -> None:
    for ends in (Qt.Key.Key_Return, DOWN):
        open_desk.find(QLineEdit, "search").selectAll()
        open_desk.type(DUE)
        open_desk.press(ends)

        qtbot.waitUntil(lambda: open_desk.bills() == ["2", DUE_OF_SAME_PATIENT, DUE])
        qtbot.waitUntil(lambda: table_of(open_desk).currentIndex().row() == 2)
        qtbot.waitUntil(lambda: open_desk.text("detail_balance") == "120.00 €")
        open_desk.press(Qt.Key.Key_Escape)
        open_desk.find(QLineEdit, "search").setFocus()
        open_desk.press(Qt.Key.Key_Escape)


def test_a_bill_that_comes_meanwhile_takes_no_part_in_what_was_chosen(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter
) -> None:
    comes = [an_invoice("F-1", record_number="R-1", patient_name="Only One")]
    answer(qtbot, counter.thread, take_in(counter.services.database, comes))
    qtbot.waitUntil(lambda: open_desk.bills() == ["F-1", "3", "2"], timeout=10_000)
    open_desk.press(DOWN)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == "F-1")

    # The only bill becomes one of two: it is unfolded, and stays what is chosen and paid.
    comes = [an_invoice("F-2", record_number="R-1", patient_name="Only One")]
    answer(qtbot, counter.thread, take_in(counter.services.database, comes))

    qtbot.waitUntil(lambda: open_desk.bills() == ["2", "F-2", "F-1", "3", "2"], timeout=10_000)
    assert table_of(open_desk).currentIndex().row() == 2
    assert open_desk.text("detail_invoice") == "F-1"
    assert "·" not in open_desk.text("detail_taken")


def test_unfolded_patients_stay_so_where_they_move_to(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital
) -> None:
    for key in (DOWN, DOWN, RIGHT, RIGHT, DOWN):
        open_desk.press(key)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)

    answer(qtbot, counter.thread, take_in(counter.services.database, [an_invoice("F-1", record_number="R-1")]))
    qtbot.waitUntil(lambda: open_desk.bills() == ["F-1", "3", "2", DUE_OF_SAME_PATIENT, DUE], timeout=10_000)
    assert table_of(open_desk).currentIndex().row() == 4

    # Of two bills one is paid elsewhere: the other needs no folding, and whole rows follow.
    hospital.execute("UPDATE invoice SET status = 'cancelled' WHERE number = :number", number=DUE_OF_SAME_PATIENT)
    qtbot.waitUntil(lambda: open_desk.bills() == ["F-1", "3", DUE], timeout=10_000)
    assert open_desk.text("detail_invoice") == DUE
    assert table_of(open_desk).currentIndex().row() == 2


@pytest.mark.parametrize("left_out", [DUE, DUE_OF_SAME_PATIENT])
def test_a_box_leaves_one_bill_out_of_a_patient_who_is_chosen(
    qtbot: QtBot, open_desk: DeskWindow, left_out: str
) -> None:
    open_desk.type("ana")
    for key in (DOWN, RIGHT):
        open_desk.press(key)
    qtbot.waitUntil(lambda: open_desk.text("detail_balance") == "165.00 €")

    click_box(open_desk, left_out)

    rest = {DUE: ("45.00 €", DUE_OF_SAME_PATIENT), DUE_OF_SAME_PATIENT: ("120.00 €", DUE)}[left_out]
    qtbot.waitUntil(lambda: (open_desk.text("detail_balance"), open_desk.text("detail_invoice")) == rest)
    assert "·" not in open_desk.text("detail_taken")


def test_bills_that_are_not_told_at_once_are_read_when_they_are_unfolded(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    hospital.execute("UPDATE invoice SET status = 'cancelled' WHERE number <> :number", number=DUE)
    open_desk.find(QPushButton, "filter_all").click()
    qtbot.waitUntil(lambda: open_desk.bills() == ["4", "2"])
    assert texts(open_desk, 0, "due") == ["–"]

    click_arrow(open_desk, 0)

    qtbot.waitUntil(lambda: len(open_desk.bills()) == 6)
    assert {DUE_OF_OTHER_PATIENT, TINY, IN_YEN} < set(open_desk.bills()[1:5])
