"""Scans at a real desk, key by key: what they choose, where they never land, and what is said."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.search_field import SearchField
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.tenders.tender import Tender
from tests.desk.surroundings import hands
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.paying import Till
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import CASHIER_PIN, DUE, DUE_OF_OTHER_PATIENT, SampleHospital

BADGE = "BADGE-000777"
UNKNOWN = "4006381333931"


def said(window: QWidget) -> str:
    """What stands at the foot of ``window``, or above its list."""
    notes = (window.findChild(QWidget, name) for name in ("scan_note", "nothing_chosen"))
    return "".join(note.accessibleName() for note in notes if note is not None and note.isVisible())


def give_badge(qtbot: QtBot, counter: Counter) -> None:
    hospital = counter.hospital
    given = counter.services.administration.give_badge(hospital.cashier_id, BADGE, hospital.administrator)
    answer(qtbot, counter.thread, given)


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab])
@pytest.mark.parametrize("place", ["search", "invoice_table"])
def test_a_scan_chooses_its_invoice(qtbot: QtBot, open_desk: DeskWindow, place: str, end: Qt.Key) -> None:
    def is_chosen(number: str) -> bool:
        return open_desk.text("detail_invoice") == number and number in said(open_desk.window)

    for number in (DUE, DUE_OF_OTHER_PATIENT, DUE):
        open_desk.find(QWidget, place).setFocus()
        hands.scan(QApplication.focusWidget(), number, end=end)

        qtbot.waitUntil(partial(is_chosen, number))
        assert open_desk.find(SearchField, "search").text() == number


@pytest.mark.parametrize("typed", [DUE.lower(), DUE.replace("-", "ß"), DUE.swapcase().replace("-", "'")])
def test_caps_lock_and_other_keyboards_choose_it_too(qtbot: QtBot, open_desk: DeskWindow, typed: str) -> None:
    hands.scan(open_desk.find(SearchField, "search"), typed)

    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)
    assert open_desk.find(SearchField, "search").text() == DUE


def test_a_receipts_number_chooses_its_invoice(qtbot: QtBot, open_desk: DeskWindow, counter: Counter) -> None:
    order = order_for(counter.hospital, DUE, 3_000, tender=Tender.CASH)
    paid = answer(qtbot, counter.thread, counter.services.payments.begin(order, counter.hospital.cashier))
    assert paid.receipt_number is not None

    hands.scan(open_desk.find(SearchField, "search"), paid.receipt_number)

    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)


def test_a_wristband_searches_and_chooses_nothing(qtbot: QtBot, open_desk: DeskWindow) -> None:
    record_number = open_desk.page.list.model.text(1, "record_number")

    hands.scan(open_desk.find(SearchField, "search"), record_number)

    qtbot.waitUntil(lambda: record_number in said(open_desk.window))
    qtbot.waitUntil(lambda: DUE in open_desk.numbers() and DUE_OF_OTHER_PATIENT not in open_desk.numbers())
    assert open_desk.page.list.table.chosen is None


def test_what_nobody_knows_is_said(qtbot: QtBot, open_desk: DeskWindow) -> None:
    hands.scan(open_desk.find(SearchField, "search"), UNKNOWN)

    qtbot.waitUntil(lambda: "no number or badge known here" in said(open_desk.window))
    qtbot.waitUntil(lambda: not open_desk.numbers())


@pytest.mark.parametrize("code", ["2026004711", DUE, "120.00"])
@pytest.mark.parametrize(("tender", "name"), [("tender_cash", "tendered_field"), ("tender_cash", "amount_field")])
def test_a_scan_is_no_amount(till: Till, tender: str, name: str, code: str) -> None:
    till.open()
    till.choose(tender)
    field = till.child(QLineEdit, name)
    field.setFocus()
    field.setText("50")
    field.setCursorPosition(1)

    hands.scan(field, code)

    till.qtbot.wait(300)
    assert (field.text(), field.cursorPosition()) == ("50", 1)
    assert till.states() == []
    assert said(till.dialog) == f"Scan “{code}” is not wanted here. Nothing was entered."


def test_an_amount_that_is_typed_as_fast_as_hands_can_is_an_amount(till: Till) -> None:
    till.open()
    till.choose("tender_cash")
    field = till.child(QLineEdit, "tendered_field")
    field.setFocus()

    with hands.keys_as_they_come():
        QTest.keyClicks(field, "150.00", Qt.KeyboardModifier.NoModifier, 36)
        QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, 65)

    till.qtbot.waitUntil(lambda: till.states() == ["paid"])


def test_a_cheques_code_fills_the_reference_and_decides_nothing(till: Till) -> None:
    till.open()
    till.choose("tender_cheque")
    field = till.child(QLineEdit, "reference_field")
    field.setFocus()

    hands.scan(field, "0012345678")

    till.qtbot.wait(300)
    assert field.text() == "0012345678"
    assert till.states() == []
    assert said(till.dialog) == "Scan “0012345678” was entered."


def test_a_reference_is_filled_from_another_field(qtbot: QtBot, open_desk: DeskWindow) -> None:
    hands.scan(open_desk.find(SearchField, "search"), DUE)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)
    open_desk.press(Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: open_desk.window.findChild(PaymentDialog) is not None)
    dialog = open_desk.find(PaymentDialog, "payment_dialog")
    qtbot.waitUntil(lambda: dialog.findChild(QRadioButton, "tender_cheque") is not None)
    open_desk.find(QRadioButton, "tender_cheque").click()
    amount = open_desk.find(QLineEdit, "amount_field")
    before = amount.text()

    hands.scan(amount, DUE_OF_OTHER_PATIENT)
    qtbot.waitUntil(lambda: DUE_OF_OTHER_PATIENT in said(dialog))
    hands.scan(amount, "0012345678")

    reference = open_desk.find(QLineEdit, "reference_field")
    qtbot.waitUntil(lambda: reference.text() == "0012345678")
    assert amount.text() == before
    assert open_desk.text("detail_invoice") == DUE
    dialog.reject()


def test_scans_at_the_locked_desk_are_no_wrong_pins(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital
) -> None:
    give_badge(qtbot, counter)
    open_desk.window.lock()
    pin = open_desk.find(QLineEdit, "sign_in_pin")
    QTest.keyClicks(pin, CASHIER_PIN[:2])

    for code in (BADGE, DUE, UNKNOWN):
        hands.scan(pin, code)
        assert open_desk.text("sign_in_notice_text") == "A scan is no PIN, and nothing was entered. Type the PIN."
        assert pin.text() == CASHIER_PIN[:2]

    QTest.keyClicks(pin, CASHIER_PIN[2:])
    QTest.keyClick(pin, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not open_desk.window.is_locked)
    (row,) = hospital.execute("SELECT failed_attempts FROM staff_secret WHERE staff_id = 1")
    assert row == {"failed_attempts": 0}


@pytest.mark.parametrize("place", ["sign_in_name", "sign_in_pin"])
def test_a_badge_is_the_name_and_the_pin_comes_next(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, place: str
) -> None:
    give_badge(qtbot, counter)
    open_desk.window.sign_out()
    pin = open_desk.find(QLineEdit, "sign_in_pin")
    open_desk.find(QLineEdit, place).setFocus()

    hands.scan(open_desk.find(QLineEdit, place), BADGE)

    assert open_desk.find(QLineEdit, "sign_in_name").text() == BADGE
    assert (open_desk.focused(), pin.text()) == ("sign_in_pin", "")
    QTest.keyClicks(pin, CASHIER_PIN)
    QTest.keyClick(pin, Qt.Key.Key_Return)
    open_desk.wait_for_list()


def test_a_second_enter_of_the_scanner_is_part_of_the_scan(till: Till) -> None:
    till.open()
    till.choose("tender_cash")
    field = till.child(QLineEdit, "tendered_field")
    field.setFocus()

    hands.scan(field, "2026004711", ends=2)

    till.qtbot.wait(300)
    assert till.states() == []


@pytest.mark.parametrize(
    "track", ["%B4242424242424242^DOE/JANE^30122011000000000000?", ";4242424242424242=30122011000000000?"]
)
def test_a_card_that_is_swiped_is_nowhere(qtbot: QtBot, open_desk: DeskWindow, track: str) -> None:
    hands.scan(open_desk.find(SearchField, "search"), DUE)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)

    hands.scan(open_desk.find(SearchField, "search"), track)

    assert said(open_desk.window).startswith("A card was swiped. Nothing of it is shown or kept")
    qtbot.wait(300)
    labels = [each.text() for each in open_desk.window.findChildren(QLabel)]
    fields = [each.text() for each in open_desk.window.findChildren(QLineEdit)]
    assert not [text for text in (*labels, *fields) if "424242" in text]
    assert open_desk.page.list.model.query.text == DUE


def test_control_characters_of_a_scanner_are_no_orders(qtbot: QtBot, open_desk: DeskWindow) -> None:
    search = open_desk.find(SearchField, "search")
    control = Qt.KeyboardModifier.ControlModifier

    with hands.at_once():
        QTest.keyClicks(search, f"]C1{DUE}")
        # The end of what a scanner sends is Ctrl and D, which is the patient's display at the desk.
        for key in (Qt.Key.Key_BracketRight, Qt.Key.Key_D):
            QTest.keyClick(search, key, control)
        QTest.keyClick(search, Qt.Key.Key_Return)
        QTest.keyClick(search, Qt.Key.Key_J, control)

    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)
    assert search.text() == DUE
    assert not open_desk.page.context.patient_display.isVisible()


def test_an_order_right_after_typing_is_an_order(qtbot: QtBot, open_desk: DeskWindow) -> None:
    search = open_desk.find(SearchField, "search")
    QTest.keyClicks(search, "a word")

    QTest.keyClick(search, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)

    qtbot.waitUntil(open_desk.page.context.patient_display.isVisible)
    QTest.keyClick(search, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
