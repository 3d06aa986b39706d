"""How many keys the jobs of a day take, from the page for signing in or from the till."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from pytestqt.qtbot import QtBot

from cashier.money import Money
from cashier.settings import Settings
from cashier.shifts.views import Opening
from cashier.tenders.tender import Tender
from tests.desk.surroundings import hands
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import CASHIER_PIN, DUE

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
BADGE = "B-4711"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A desk as a new installation has it: no cash without a shift."""
    return msgspec.structs.replace(settings, desk=msgspec.structs.replace(settings.desk, shifts=True))


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


@pytest.fixture
def counted(qtbot: QtBot, open_desk: DeskWindow) -> Counted:
    with qtbot.waitActive(open_desk.window):
        open_desk.window.activateWindow()
    return Counted(qtbot, open_desk)


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
