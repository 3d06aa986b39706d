"""Scans while something else is going on: keys right after them, answers on their way, a payment, a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.search_field import SearchField
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.invoices.intake import take_in
from tests.desk.scanning.test_scans import UNKNOWN, said
from tests.desk.surroundings import hands
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.paying import Till
from tests.invoices.arriving import a_line, an_invoice
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

COUNT_ENTER = """(() => {
  window.enters = 0;
  addEventListener('keydown', event => { if (event.key === 'Enter') window.enters += 1; }, true);
  return true;
})()"""
OTHER_PATIENT = "Björn Dvořák"


def payment_dialogs(desk: DeskWindow) -> list[PaymentDialog]:
    return [each for each in desk.window.findChildren(PaymentDialog) if each.isVisible()]


def pay_next(qtbot: QtBot, desk: DeskWindow) -> PaymentDialog:
    """Press F2 at once, and return the dialog that comes of it."""
    desk.press(Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: bool(payment_dialogs(desk)), timeout=10_000)
    (dialog,) = payment_dialogs(desk)
    return dialog


@pytest.mark.parametrize("typed", [DUE_OF_OTHER_PATIENT, DUE_OF_OTHER_PATIENT.lower()])
def test_f2_right_after_a_scan_pays_what_was_scanned(qtbot: QtBot, open_desk: DeskWindow, typed: str) -> None:
    hands.scan(open_desk.find(SearchField, "search"), DUE)
    hands.scan(QApplication.focusWidget(), typed)

    dialog = pay_next(qtbot, open_desk)

    assert DUE_OF_OTHER_PATIENT in dialog.windowTitle()
    dialog.reject()


@pytest.mark.parametrize("code", [UNKNOWN, DUE[:-1], "MRN-9999999"])
def test_f2_right_after_a_scan_that_nobody_knows_pays_nothing(qtbot: QtBot, open_desk: DeskWindow, code: str) -> None:
    hands.scan(open_desk.find(SearchField, "search"), DUE)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)

    hands.scan(QApplication.focusWidget(), code)
    QTest.keyClick(open_desk.window.focusWidget(), Qt.Key.Key_F2)

    qtbot.waitUntil(lambda: open_desk.text("nothing_chosen_text") == "Choose an invoice first.", timeout=10_000)
    assert not payment_dialogs(open_desk)
    assert open_desk.page.list.table.chosen is None


def test_a_wristband_of_somebody_with_one_invoice_needs_no_choice_but_a_longer_number_does(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter
) -> None:
    longer = an_invoice("W-1", record_number="WB-10001", patient_name="Longer Number")
    answer(qtbot, counter.thread, take_in(counter.services.database, [longer]))

    # Somebody is known by the shorter number, but owes nothing.
    given = an_invoice("W-2", record_number="WB-1000", patient_name="Shorter Number", lines=(a_line(0),))
    answer(qtbot, counter.thread, take_in(counter.services.database, [given]))
    hands.scan(open_desk.find(SearchField, "search"), "WB-1000")
    QTest.keyClick(open_desk.window.focusWidget(), Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: open_desk.text("nothing_chosen_text") == "Choose an invoice first.", timeout=10_000)

    hands.scan(open_desk.find(SearchField, "search"), "WB-10001")
    dialog = pay_next(qtbot, open_desk)
    assert "W-1" in dialog.windowTitle()
    dialog.reject()


def test_of_two_scans_in_a_row_the_second_counts(qtbot: QtBot, open_desk: DeskWindow) -> None:
    for first, second in ((DUE, DUE_OF_OTHER_PATIENT), (UNKNOWN, DUE), (DUE, UNKNOWN)):
        hands.scan(open_desk.find(SearchField, "search"), first)
        hands.scan(QApplication.focusWidget(), second)

        qtbot.waitUntil(lambda second=second: second in said(open_desk.window))  # type: ignore[misc]
        qtbot.wait(300)
        assert open_desk.find(SearchField, "search").text() == second
        chosen = open_desk.page.list.table.chosen
        assert (chosen.bill.number if chosen is not None else UNKNOWN) == second


def test_what_is_typed_after_a_scan_is_looked_for_instead(qtbot: QtBot, open_desk: DeskWindow) -> None:
    hands.scan(open_desk.find(SearchField, "search"), DUE)

    QTest.keyClicks(open_desk.window.focusWidget(), "Dvorak")

    qtbot.waitUntil(lambda: DUE_OF_OTHER_PATIENT in open_desk.numbers() and DUE not in open_desk.numbers())
    qtbot.wait(300)
    assert open_desk.find(SearchField, "search").text() == "Dvorak"


def test_a_code_that_two_keyboards_read_as_two_invoices_chooses_neither(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter
) -> None:
    pair = [an_invoice(f"{letter}20260001", record_number=f"R-{letter}", patient_name=letter * 5) for letter in "YZ"]
    answer(qtbot, counter.thread, take_in(counter.services.database, pair))

    hands.scan(open_desk.find(SearchField, "search"), "Z20260001")

    qtbot.waitUntil(lambda: "may be several" in said(open_desk.window))
    QTest.keyClick(open_desk.window.focusWidget(), Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: open_desk.text("nothing_chosen_text") == "Choose an invoice first.", timeout=10_000)
    assert open_desk.page.list.table.chosen is None


def test_an_open_menu_is_no_place_for_a_scan(qtbot: QtBot, open_desk: DeskWindow) -> None:
    open_desk.find(QPushButton, "show_more").click()
    menu = open_desk.find(QMenu, "more_menu")
    qtbot.waitUntil(menu.isVisible)
    QTest.keyClick(menu, Qt.Key.Key_Down)

    hands.scan(menu, DUE)

    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)
    assert not menu.isVisible()
    assert DUE in said(open_desk.window)


def pay_in_cash(qtbot: QtBot, desk: DeskWindow, dialog: PaymentDialog, amount: str) -> None:
    """Pay ``amount`` of what is due by cash, as keys do."""
    qtbot.waitUntil(lambda: dialog.findChild(QRadioButton, "tender_cash") is not None)
    desk.find(QRadioButton, "tender_cash").click()
    field = desk.find(QLineEdit, "amount_field")
    field.selectAll()
    QTest.keyClicks(field, amount)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.face in (Face.PAID, Face.PART_PAID), timeout=10_000)


def test_after_all_is_paid_the_next_invoice_closes_the_dialog(qtbot: QtBot, open_desk: DeskWindow) -> None:
    hands.scan(open_desk.find(SearchField, "search"), DUE)
    dialog = pay_next(qtbot, open_desk)
    pay_in_cash(qtbot, open_desk, dialog, "120.00")

    hands.scan(dialog.focusWidget(), DUE_OF_OTHER_PATIENT)

    qtbot.waitUntil(lambda: open_desk.text("detail_patient") == OTHER_PATIENT)
    assert not payment_dialogs(open_desk)
    assert DUE_OF_OTHER_PATIENT in said(open_desk.window)
    following = pay_next(qtbot, open_desk)
    assert DUE_OF_OTHER_PATIENT in following.windowTitle()
    following.reject()


def test_while_something_is_left_to_pay_no_scan_closes_the_dialog(qtbot: QtBot, open_desk: DeskWindow) -> None:
    hands.scan(open_desk.find(SearchField, "search"), DUE)
    dialog = pay_next(qtbot, open_desk)
    pay_in_cash(qtbot, open_desk, dialog, "20.00")
    assert dialog.face is Face.PART_PAID

    for code in (DUE_OF_OTHER_PATIENT, UNKNOWN):
        hands.scan(dialog.focusWidget(), code)
        qtbot.waitUntil(lambda code=code: code in said(dialog))  # type: ignore[misc]

    assert payment_dialogs(open_desk) == [dialog]
    assert dialog.face is Face.PART_PAID
    dialog.reject()


def test_a_scan_into_stripes_page_sends_nothing_and_is_said(till: Till) -> None:
    till.open_page()
    view = till.page._find_view()
    target: QWidget | None = view.focusProxy()
    assert target is not None
    till.qtbot.waitUntil(lambda: QApplication.focusWidget() is target, timeout=10_000)
    has_keyboard = till.page.holds("document.activeElement.id === 'cardNumber' && document.hasFocus()")
    till.qtbot.waitUntil(has_keyboard, timeout=10_000)
    till.qtbot.waitUntil(till.page.holds(COUNT_ENTER), timeout=10_000)
    is_there: Callable[[], bool] = till.page.holds("document.getElementById('cardNumber').value.includes('4006')")

    for key, text in (*((Qt.Key(ord(digit)), digit) for digit in UNKNOWN), (Qt.Key.Key_Return, "\r")):
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
            event.setTimestamp(1_000_000)
            QApplication.sendEvent(till.dialog.windowHandle(), event)

    till.qtbot.waitUntil(lambda: "typed into the page" in said(till.dialog))
    assert UNKNOWN not in said(till.dialog)
    till.qtbot.waitUntil(is_there, timeout=10_000)
    till.qtbot.waitUntil(till.page.holds("window.enters === 0"), timeout=10_000)
    assert till.dialog.face is Face.PAGE
    till.press(Qt.Key.Key_Escape)
