"""The ten jobs of a day by a mouse, and by fingers: no key is pressed but digits, and by fingers none at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import msgspec
import pytest
from PySide6.QtCore import QPoint, QSize
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.kit.look import Density, Look, is_touched
from cashier.desk.kit.style import wear
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.desk.tables.columns import place_of
from cashier.money import Money
from cashier.settings import Settings
from cashier.shifts.views import Opening
from cashier.tenders.tender import OFFERED_UNASKED
from tests.desk.surroundings import hands
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.pointer import Finger
from tests.surroundings.card_reader import place_reader
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import CASHIER_PIN, DUE, DUE_OF_OTHER_PATIENT

MOUSE, FINGER = (Density.KEYBOARD, QSize(1366, 768)), (Density.TOUCH, QSize(1024, 600))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A desk with a drawer, whose printer is missing, and says so if asked."""
    desk = msgspec.structs.replace(settings.desk, shifts=True, printer="Nowhere", tenders=OFFERED_UNASKED)
    return msgspec.structs.replace(settings, desk=desk)


class Day:
    """What one pointer does at a desk, and what is seen after it."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow) -> None:
        self.qtbot, self.desk, self.finger = qtbot, desk, Finger(qtbot, desk.window)

    def type(self, digits: str) -> None:
        """Type digits: on the keypad where there is one."""
        if is_touched():
            self.finger.type(digits)
        else:
            with hands.keys_of_hands():
                QTest.keyClicks(QApplication.focusWidget() or self.desk.window, digits)

    def find(self, number: str) -> None:
        """Choose a bill of the list; where it is folded in, by its patient's arrow."""
        table = self.desk.find(InvoiceTable, "invoice_table")
        self.qtbot.waitUntil(lambda: number in self.desk.numbers(), timeout=15_000)
        place = place_of(table.rows.columns, "patient")
        if number not in self.desk.bills():
            rows = (self.desk.page.list.model.row_at(row) for row in range(table.rows.rowCount()))
            holds = [row is not None and number in [bill.number for bill in row.patient.bills] for row in rows]
            # A wheel or a finger scrolls there.
            table.scrollTo(table.rows.index(holds.index(True), place))
            patient = table.visualRect(table.rows.index(holds.index(True), place))
            self.finger.tap_at(table.viewport(), QPoint(patient.left() + 12, patient.center().y()))
        index = table.rows.index(self.desk.bills().index(number), place)
        table.scrollTo(index)
        self.finger.tap_at(table.viewport(), table.visualRect(index).center())

    def take(self, way: str, *, typed: str = "") -> PaymentDialog:
        """Begin a payment of what is chosen; ``typed`` is the amount where it is not all."""
        self.finger.tap("take_payment")
        return self.go_on(way, typed=typed)

    def go_on(self, way: str, *, typed: str = "") -> PaymentDialog:
        """Choose a way in the sheet that asks for one."""
        if typed:
            self.finger.tap("amount_field")
            self.desk.find(PaymentDialog, "payment_dialog")
            if not is_touched():
                field = QApplication.focusWidget()
                assert field is not None
                field.selectAll()  # type: ignore[attr-defined]  # as by a double click
            self.type(typed)
        self.finger.tap(way, begins=True)
        self.finger.tap("amount_continue")
        return self.desk.find(PaymentDialog, "payment_dialog")

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(is_so, timeout=20_000)

    def wait_for_words(self, name: str, words: str) -> None:
        def said() -> bool:
            labels = [each.text() for each in self.desk.window.findChildren(QLabel, name) if each.isVisible()]
            return any(words in text for text in labels)

        self.wait_for(said)

    def wait_for_no_sheet(self) -> None:
        self.wait_for(lambda: self.desk.window.findChild(PaymentDialog, "payment_dialog") is None)


@pytest.fixture(params=[MOUSE, FINGER], ids=["mouse", "fingers"])
def day(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[Day]:
    """A desk whose cashier has signed in."""
    density, size = request.param
    application = cast("QApplication", request.getfixturevalue("qapp"))
    wear(application, Look(density=density))
    desk: DeskWindow = request.getfixturevalue("open_desk")
    desk.window.resize(size)
    with qtbot.waitActive(desk.window):
        desk.window.activateWindow()
    yield Day(qtbot, desk)
    wear(application, Look())


def test_ten_jobs_are_done_by_a_pointer_alone(day: Day, counter: Counter, sandbox: RunningSandbox) -> None:
    reader = answer(day.qtbot, counter.thread, place_reader(counter.services, counter.hospital, sandbox))
    opening = Opening(number=1, float=Money(50_000, "EUR"))
    answer(day.qtbot, counter.thread, counter.services.shifts.open(opening, counter.hospital.cashier))
    finger = day.finger

    # Sign in: the name of who was here last is there.
    finger.tap("sign_out")
    day.wait_for(lambda: day.desk.text("sign_in_desk") != "")
    finger.tap("sign_in_pin")
    day.type(CASHIER_PIN)
    finger.tap("sign_in")
    day.desk.wait_for_list()

    # Find somebody; a part in cash, with change; print; the rest at the reader.
    day.find(DUE_OF_OTHER_PATIENT)
    sheet = day.take("tender_cash", typed="30")
    day.wait_for(lambda: sheet.face is Face.PART_PAID)
    finger.tap("payment_print")
    day.wait_for_words("payment_notice_text", "Nowhere")
    finger.tap("payment_take_rest")
    day.wait_for(lambda: sheet.face is Face.AMOUNT)
    day.go_on("tender_reader_")
    day.wait_for(lambda: sheet.face is Face.READER)
    reader.present()
    day.wait_for(lambda: sheet.face is Face.PAID)
    finger.tap("payment_leave", kind=QPushButton)
    day.wait_for_no_sheet()

    # The code for a phone, and Stripe's page; each is taken back. Cash with change then.
    for way, face in (("tender_phone", Face.PHONE), ("tender_checkout", Face.PAGE)):
        day.find(DUE)
        sheet = day.take(way)
        day.wait_for(lambda sheet=sheet, face=face: sheet.face is face)  # type: ignore[misc]
        finger.tap("payment_cancel")
        day.wait_for_no_sheet()
    day.find(DUE)
    finger.tap("take_payment")
    finger.tap("tender_cash")
    finger.tap("cash_sum_0")
    finger.tap("amount_continue")
    day.wait_for_words("payment_change", "Change")
    finger.tap("payment_leave", kind=QPushButton)
    day.wait_for_no_sheet()

    # Count the drawer, and close the shift: 500, and what was taken in cash.
    finger.choose_under("show_more", "hift")
    finger.tap("close_shift")
    for value, pieces in ((50_000, "1"), (10_000, "1"), (5_000, "1")):
        finger.scroll_to(f"count_{value}")
        finger.tap(f"count_{value}")
        day.type(pieces)
    finger.tap("count_done")
    finger.tap("close_for_good")
    day.wait_for_words("shift_notice_text", "is closed")
    finger.tap("report_close")
    finger.tap("leave_shift")

    # Ask for a refund of 10.
    finger.tap("show_history")
    finger.scroll_to("history_refund")
    finger.tap("history_refund")
    finger.scroll_to("refund_total")
    finger.tap("refund_total")
    day.type("10")
    finger.scroll_to("refund_reason")
    finger.choose_in("refund_reason", 1)
    finger.scroll_to("refund_ask")
    finger.tap("refund_ask")
    day.wait_for_words("refund_sum", "10.00 €")
    finger.scroll_to("refund_close")
    finger.tap("refund_close")
