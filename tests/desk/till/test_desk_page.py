"""Working at the desk: finding, looking, paying, and what happens meanwhile. All by keyboard."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.commands.commands import Command
from cashier.desk.commands.keys_dialog import KeysDialog
from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.kit.problems import ProblemDialog, show_problem
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.tables.columns import place_of
from cashier.errors import Refused
from cashier.language import m
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import (
    CANCELLED,
    DUE,
    DUE_OF_OTHER_PATIENT,
    DUE_OF_SAME_PATIENT,
    IN_YEN,
    TINY,
    SampleHospital,
)

_PAY_PART = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
with connection:
    connection.execute(
        "UPDATE invoice SET paid_minor = 1000, balance_minor = balance_minor - 1000, status = 'part_paid' "
        "WHERE number = ?", (sys.argv[2],))
connection.close()
"""


def pay_part_in_another_process(hospital: SampleHospital, number: str) -> None:
    subprocess.run([sys.executable, "-c", _PAY_PART, str(hospital.file), number], check=True)


def scan(desk: DeskWindow, number: str) -> None:
    """Do what a barcode scanner does: type fast, then Enter."""
    desk.type(number)
    desk.press(Qt.Key.Key_Return)


def test_the_list_begins_with_what_there_is_to_pay(desk: DeskWindow) -> None:
    assert desk.numbers() == [IN_YEN, TINY, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT, DUE]
    assert desk.focused() == "search"


def test_a_scanned_number_opens_the_invoice_at_once(qtbot: QtBot, desk: DeskWindow) -> None:
    scan(desk, DUE)

    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)
    assert desk.text("detail_patient") == "Ana Núñez"
    assert desk.text("detail_balance") == "120.00 €"


def test_the_next_scan_replaces_the_one_before(qtbot: QtBot, desk: DeskWindow) -> None:
    scan(desk, DUE)
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)

    scan(desk, DUE_OF_OTHER_PATIENT)

    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE_OF_OTHER_PATIENT)
    qtbot.waitUntil(lambda: desk.bills() == ["3", IN_YEN, TINY, DUE_OF_OTHER_PATIENT])


@pytest.mark.parametrize("leaves", ["button", "Esc"])
def test_a_scan_finds_an_invoice_that_the_filter_hides_and_leaves_the_filter(
    qtbot: QtBot, desk: DeskWindow, leaves: str
) -> None:
    scan(desk, CANCELLED)

    qtbot.waitUntil(lambda: desk.text("detail_invoice") == CANCELLED)
    qtbot.waitUntil(lambda: desk.text("chosen_elsewhere").endswith("Outside of “To pay”: Cancelled."))
    assert desk.find(QPushButton, "filter_to_pay").isChecked()
    assert desk.numbers() == []
    assert not desk.find(QPushButton, "take_payment").isVisible()

    # And there is a way back to what was listed before.
    if leaves == "Esc":
        desk.press(Qt.Key.Key_Escape)
    else:
        desk.find(QPushButton, "back_to_list").click()
    qtbot.waitUntil(lambda: len(desk.numbers()) == 5)
    assert desk.text("detail_invoice") == desk.text("chosen_elsewhere") == ""
    assert desk.focused() == "search"


def test_a_scan_works_while_the_list_has_the_keyboard(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.press(Qt.Key.Key_Down)
    assert desk.focused() == "invoice_table"

    for character in DUE:
        desk.press(Qt.Key(ord(character)))
    desk.press(Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)


def test_parts_of_words_find_in_any_order_without_accents(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.type("nun an")

    qtbot.waitUntil(lambda: desk.numbers() == [DUE_OF_SAME_PATIENT, DUE])


def test_enter_goes_to_what_was_found(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.type("dvorak")
    desk.press(Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: desk.focused() == "invoice_table")
    assert desk.numbers() == [IN_YEN, TINY, DUE_OF_OTHER_PATIENT]
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == IN_YEN)


def test_nothing_found_is_said_in_words(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.type("xyz")
    qtbot.waitUntil(lambda: desk.text("list_empty_text") == "No invoice under “To pay” matches “xyz”.")

    desk.find(QPushButton, "search_everything").click()

    qtbot.waitUntil(lambda: desk.text("list_empty_text") == "No invoice matches “xyz”.")
    assert desk.focused() == "search"


def test_escape_clears_the_search(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.type("xyz")
    qtbot.waitUntil(lambda: not desk.numbers())

    desk.press(Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: len(desk.numbers()) == 5)


def test_filters_show_their_counts(qtbot: QtBot, desk: DeskWindow) -> None:
    def chips() -> list[str]:
        names = ("to_pay", "part_paid", "paid", "cancelled", "all")
        return [desk.find(QPushButton, f"filter_{name}").text() for name in names]

    qtbot.waitUntil(lambda: chips() == ["To pay  5", "Part paid  0", "Paid  0", "Cancelled  1", "All  6"])
    desk.type("ana")
    qtbot.waitUntil(lambda: chips() == ["To pay  2", "Part paid  0", "Paid  0", "Cancelled  0", "All  2"])


def test_the_counts_of_a_search_follow_a_payment_at_once(
    qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital
) -> None:
    desk.page.till._count_pause.setInterval(60_000)
    desk.type(DUE)
    part_paid = desk.find(QPushButton, "filter_part_paid")
    qtbot.waitUntil(lambda: part_paid.text() == "Part paid  0")

    pay_part_in_another_process(hospital, DUE)

    qtbot.waitUntil(lambda: part_paid.text() == "Part paid  1")


def test_enter_in_the_list_takes_a_payment(qtbot: QtBot, open_desk: DeskWindow) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down):
        open_desk.press(key)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == TINY)

    open_desk.press(Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: open_desk.window.findChild(PaymentDialog) is not None)


def test_enter_right_after_an_arrow_pays_the_invoice_under_the_cursor(qtbot: QtBot, open_desk: DeskWindow) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Down):
        open_desk.press(key)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == IN_YEN)

    open_desk.press(Qt.Key.Key_Down)
    open_desk.press(Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: open_desk.window.findChild(PaymentDialog) is not None)
    assert open_desk.text("detail_invoice") == TINY


def test_a_second_key_opens_no_second_dialog(qtbot: QtBot, open_desk: DeskWindow) -> None:
    scan(open_desk, DUE)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)

    open_desk.page.take_payment()
    open_desk.page.take_payment()

    assert len(open_desk.window.findChildren(PaymentDialog)) == 1


def test_a_list_that_gets_the_keyboard_chooses_nothing_by_itself(qtbot: QtBot, desk: DeskWindow) -> None:
    table = desk.find(InvoiceTable, "invoice_table")

    table.setFocus()

    qtbot.waitUntil(table.hasFocus)
    assert not table.currentIndex().isValid()


def test_the_search_field_has_the_keyboard_again_after_a_dialog(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.press(Qt.Key.Key_Down)
    show_problem(desk.page, Refused(m("The drawer is locked.")))
    dialog = desk.window.findChild(ProblemDialog)
    assert dialog is not None

    dialog.close()

    qtbot.waitUntil(lambda: desk.focused() == "search")


def test_a_change_in_another_process_updates_row_and_detail(
    qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital
) -> None:
    desk.unfold()
    desk.find(InvoiceTable, "invoice_table").select_row(6, scrolls=True)
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)

    pay_part_in_another_process(hospital, DUE)

    qtbot.waitUntil(lambda: desk.cell(DUE, "due") == "110.00 €")
    qtbot.waitUntil(lambda: desk.text("detail_balance") == "110.00 €")
    assert desk.cell(DUE, "status") == "Part paid"
    assert desk.find(InvoiceTable, "invoice_table").currentIndex().row() == 6


def test_an_invoice_that_leaves_the_end_of_the_list_stays_on_the_screen(
    qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital
) -> None:
    desk.unfold()
    desk.find(InvoiceTable, "invoice_table").select_row(6, scrolls=True)
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)

    hospital.execute("UPDATE invoice SET status = 'cancelled' WHERE number = :number", number=DUE)

    qtbot.waitUntil(lambda: DUE not in desk.numbers())
    qtbot.waitUntil(lambda: desk.text("detail_status") == "Cancelled")
    assert desk.text("detail_invoice") == DUE
    assert not desk.find(InvoiceTable, "invoice_table").currentIndex().isValid()


def test_every_key_is_on_the_sheet(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.press(Qt.Key.Key_F1)

    qtbot.waitUntil(lambda: desk.window.findChild(KeysDialog) is not None)
    sheet = desk.window.findChild(KeysDialog)
    assert sheet is not None
    for command in Command:
        if command.value.group is not None:
            assert str(command.key_in_words) in sheet.accessibleDescription()


def test_all_of_the_page_is_reached_by_the_keyboard(qtbot: QtBot, desk: DeskWindow) -> None:
    scan(desk, DUE)
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)
    reached = []

    while (name := desk.focused()) not in reached:
        reached.append(name)
        QTest.keyClick(desk.window.focusWidget(), Qt.Key.Key_Tab)

    assert {"search", "filter_to_pay", "invoice_table", "take_payment", "show_keys", "sign_out"} <= set(reached)


@pytest.mark.parametrize("name", ["search", "invoice_table", "take_payment", "sign_out", "filter_all"])
def test_controls_have_names_for_screen_readers(desk: DeskWindow, name: str) -> None:
    interface = QAccessible.queryAccessibleInterface(desk.find(QWidget, name))

    assert interface.text(QAccessible.Text.Name)


def test_status_says_what_is_missing_since_when_and_what_still_works(qtbot: QtBot, desk: DeskWindow) -> None:
    qtbot.waitUntil(lambda: "Companion: no answer since" in desk.text("status_companion"), timeout=10_000)
    light = desk.find(QWidget, "status_stripe_light")

    assert desk.text("status_database") == ""
    assert re.fullmatch(r"Stripe: no answer since \d\d:\d\d", desk.text("status_stripe"))
    # Under the pointer, for a screen reader, and for whoever gets there by Tab.
    assert "Cash and whatever needs no bank can still be taken." in light.toolTip()
    assert "Check the internet connection." in light.accessibleDescription()
    assert light.focusPolicy() is Qt.FocusPolicy.TabFocus
    assert desk.text("header_desk") == "D1 · Main entrance"
    assert desk.text("header_person") == "Casey Sample"


def test_in_a_narrow_window_names_stay_readable_and_the_department_gives_way(qtbot: QtBot, desk: DeskWindow) -> None:
    table = desk.find(InvoiceTable, "invoice_table")

    desk.window.resize(1920, 800)
    qtbot.waitUntil(lambda: not table.isColumnHidden(place_of(table.rows.columns, "department")))
    desk.window.resize(1280, 800)
    qtbot.waitUntil(lambda: table.isColumnHidden(place_of(table.rows.columns, "department")))

    name = table.fontMetrics().horizontalAdvance("Björn Dvořák-Fitzwarren")
    assert table.columnWidth(place_of(table.rows.columns, "patient")) >= name
    assert not table.horizontalScrollBar().isVisible()
