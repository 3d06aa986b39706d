"""How many keys the jobs of a day take, from the page for signing in or from the till."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QRadioButton
from pytestqt.qtbot import QtBot

from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.desk.tour.page import Page
from cashier.desk.tour.script import Wait
from cashier.money import Money
from cashier.settings import Settings
from cashier.shifts.views import Opening
from cashier.tenders.tender import OFFERED_UNASKED, Tender
from tests.desk.surroundings import hands
from tests.desk.surroundings.acting import answer, wait_for
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.card_reader import DeskReader, place_reader
from tests.surroundings.orders import order_for
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import CASHIER_PIN, DUE, DUE_OF_OTHER_PATIENT

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
BADGE = "B-4711"
IN_FIRST_FIELD = "document.hasFocus() && document.activeElement.id === 'cardNumber'"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A desk as a new installation has it, no cash without a shift; its printer is missing, and says so if asked."""
    desk = msgspec.structs.replace(
        settings.desk, shifts=True, printer="Nowhere", prints_receipts=True, tenders=OFFERED_UNASKED
    )
    return msgspec.structs.replace(settings, desk=desk)


class Counted:
    """Hands on a keyboard: a chord is one key, a scan is none."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow) -> None:
        self.qtbot, self.desk, self.keys = qtbot, desk, 0

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """Press one key wherever the keyboard is."""
        self.keys += 1
        focus = QApplication.focusWidget() or self.desk.window.focusWidget()
        with hands.keys_of_hands():
            QTest.keyClick(focus, key, modifiers)

    def type(self, text: str) -> None:
        """Type ``text``, a key for each letter."""
        for letter in text:
            self.keys += 1
            with hands.keys_of_hands():
                QTest.keyClicks(QApplication.focusWidget() or self.desk.window.focusWidget(), letter)

    def wait_for(self, name: str, words: str) -> None:
        """Wait until a label on the screen says ``words``."""

        def assert_said() -> None:
            said = [each.text() for each in self.desk.window.findChildren(QLabel, name) if each.isVisible()]
            assert any(words in text for text in said), said

        self.qtbot.waitUntil(assert_said, timeout=15_000)

    def wait_for_focus(self, name: str) -> None:
        """Wait until the widget called ``name`` has the keyboard."""
        self.qtbot.waitUntil(
            lambda: (focus := QApplication.focusWidget()) is not None and focus.objectName() == name, timeout=15_000
        )


class Paying(Counted):
    """Hands on the keyboard of a desk where an invoice is chosen: each payment counts its keys from there."""

    @property
    def sheet(self) -> PaymentDialog:
        """The payment sheet that is open."""
        return self.desk.find(PaymentDialog, "payment_dialog")

    def open_sheet(self) -> None:
        """Begin to count, and press F2; hands wait until the ways to pay are there."""
        self.keys = 0
        self.press(Qt.Key.Key_F2)
        self.qtbot.waitUntil(lambda: self.desk.window.findChild(PaymentDialog, "payment_dialog") is not None)
        self.wait_for_ways()

    def wait_for_ways(self) -> None:
        """Wait until the sheet asks how much and how."""

        def asks() -> bool:
            ways = self.sheet.findChildren(QRadioButton)
            return self.sheet.face is Face.AMOUNT and any(each.isVisible() for each in ways)

        self.qtbot.waitUntil(asks, timeout=15_000)

    def wait_for_face(self, face: Face) -> None:
        """Wait until the sheet shows ``face``."""

        def assert_shown() -> None:
            assert self.sheet.face is face

        self.qtbot.waitUntil(assert_shown, timeout=15_000)

    def leave(self) -> None:
        """Press Esc, and wait until the sheet is gone."""
        self.press(Qt.Key.Key_Escape)
        self.qtbot.waitUntil(
            lambda: self.desk.window.findChild(PaymentDialog, "payment_dialog") is None, timeout=15_000
        )


@pytest.fixture
def counted(qtbot: QtBot, open_desk: DeskWindow) -> Counted:
    with qtbot.waitActive(open_desk.window):
        open_desk.window.activateWindow()
    return Counted(qtbot, open_desk)


@pytest.fixture
def reader(counter: Counter, sandbox: RunningSandbox) -> DeskReader:
    """A card reader at the desk."""
    placed = place_reader(counter.services, counter.hospital, sandbox)
    return answer(counter.qtbot, counter.thread, placed)


@pytest.fixture
def paying(counted: Counted, counter: Counter) -> Paying:
    """The hands of a cashier with an open shift, who has chosen 80.00 EUR of Björn Dvořák."""
    opening = Opening(number=1, float=Money(50_000, "EUR"))
    answer(counter.qtbot, counter.thread, counter.services.shifts.open(opening, counter.hospital.cashier))
    counted.type(DUE_OF_OTHER_PATIENT[-4:])
    counted.press(Qt.Key.Key_Return)
    counted.wait_for("detail_patient", "Björn Dvořák")
    return Paying(counted.qtbot, counted.desk)


def test_signing_in_takes_a_badge_and_seven_keys(counted: Counted, counter: Counter) -> None:
    hospital = counter.hospital
    given = counter.services.administration.give_badge(hospital.cashier_id, BADGE, hospital.administrator)
    answer(counted.qtbot, counter.thread, given)
    counted.desk.window.sign_out()
    hands.scan(counted.desk.window.focusWidget(), BADGE)

    counted.type(CASHIER_PIN)
    counted.press(Qt.Key.Key_Return)

    counted.desk.wait_for_list()
    assert counted.keys <= 7


def test_finding_somebody_by_name_takes_eight_keys(counted: Counted) -> None:
    counted.type("dvorak")
    counted.press(Qt.Key.Key_Return)

    counted.wait_for("detail_patient", "Björn Dvořák")
    assert counted.keys <= 8


def test_asking_for_a_refund_takes_ten_keys(counted: Counted, counter: Counter) -> None:
    order = order_for(counter.hospital, DUE, 12_000, tender=Tender.CHEQUE, reference="CH-1")
    answer(counted.qtbot, counter.thread, counter.services.payments.begin(order, counter.hospital.cashier))

    counted.press(Qt.Key.Key_F10)
    counted.wait_for("payment_amount", "120.00 €")
    counted.press(Qt.Key.Key_R, CTRL)
    counted.wait_for_focus("refund_total")
    counted.type("50")
    counted.press(Qt.Key.Key_Tab)
    counted.press(Qt.Key.Key_Down)
    counted.press(Qt.Key.Key_Return)

    counted.wait_for("refund_sum", "50.00 €")
    assert counted.keys <= 10
    counted.desk.find(QDialog, "refund_dialog").reject()


def test_closing_the_shift_takes_three_keys_and_the_count(counted: Counted, counter: Counter) -> None:
    opening = Opening(number=1, float=Money(50_000, "EUR"))
    answer(counted.qtbot, counter.thread, counter.services.shifts.open(opening, counter.hospital.cashier))
    count = "1"

    counted.press(Qt.Key.Key_T, CTRL | SHIFT)
    counted.wait_for_focus("count_50000")
    counted.type(count)
    counted.press(Qt.Key.Key_Return, CTRL)
    counted.wait_for("shift_heading", "The drawer is right")
    counted.press(Qt.Key.Key_F2)

    counted.wait_for("shift_notice_text", "is closed")
    assert counted.keys - len(count) <= 3
    counted.desk.find(QDialog, "report_dialog").close()


def test_a_phone_has_its_code_after_three_keys(paying: Paying) -> None:
    paying.open_sheet()
    paying.press(Qt.Key.Key_2, ALT)
    paying.press(Qt.Key.Key_Return)

    paying.wait_for_face(Face.PHONE)
    assert paying.keys <= 3
    paying.leave()


def test_the_card_page_has_the_keyboard_in_its_first_field_after_three_keys(paying: Paying) -> None:
    paying.open_sheet()
    paying.press(Qt.Key.Key_3, ALT)
    paying.press(Qt.Key.Key_Return)

    paying.wait_for_face(Face.PAGE)
    page = paying.sheet.page
    assert page is not None
    on_page = Page(lambda: page.page_view)
    wait_for(paying.qtbot, Wait("the keyboard in the first field", on_page.holds(IN_FIRST_FIELD)))
    assert paying.keys <= 3
    paying.leave()


def test_the_reader_asks_for_a_card_after_two_keys(reader: DeskReader, paying: Paying) -> None:
    paying.open_sheet()
    paying.press(Qt.Key.Key_Return)

    paying.wait_for_face(Face.READER)
    assert paying.keys <= 2
    reader.present()
    paying.wait_for_face(Face.PAID)
    paying.leave()


def test_cash_with_change_takes_five_keys_and_its_receipt_none(paying: Paying) -> None:
    paying.open_sheet()
    paying.press(Qt.Key.Key_5, ALT)
    paying.press(Qt.Key.Key_Down)
    assert paying.desk.find(QLineEdit, "tendered_field").text() == "100.00"
    paying.press(Qt.Key.Key_Return)

    paying.wait_for_face(Face.PAID)
    paying.wait_for("payment_change", "Change 20.00 €")
    paying.wait_for("payment_notice_text", "Nowhere")
    assert paying.keys <= 5
    paying.leave()


def test_a_part_takes_six_keys_until_the_rest_is_asked_for_and_the_rest_one(
    reader: DeskReader, paying: Paying
) -> None:
    paying.open_sheet()
    paying.type("30")
    paying.press(Qt.Key.Key_5, ALT)
    paying.press(Qt.Key.Key_Return)
    paying.wait_for_face(Face.PART_PAID)
    paying.press(Qt.Key.Key_Return)
    paying.wait_for_ways()
    assert paying.desk.find(QLineEdit, "amount_field").text() == "50.00"
    assert paying.keys <= 6

    paying.press(Qt.Key.Key_Return)
    paying.wait_for_face(Face.READER)
    assert paying.keys <= 6 + 1
    reader.present()
    paying.wait_for_face(Face.PAID)
    paying.leave()
