"""Payments under way, here or at another desk, as the main window shows them. With the real sandbox."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cashier.books.payment import PaymentState
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.money import Money
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.orders import order_of
from tests.surroundings.sample_hospital import DUE, SampleHospital


def look_at(qtbot: QtBot, desk: DeskWindow, invoice_id: int) -> None:
    desk.page.list.choose(invoice_id)
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)


def test_an_invoice_held_by_another_desk_says_so_and_is_not_payable(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital
) -> None:
    look_at(qtbot, open_desk, hospital.invoice_ids[DUE])

    counter.begin(hospital.colleague)

    qtbot.waitUntil(lambda: "Sol Example at desk D2 is taking a payment" in open_desk.text("detail_notice_text"))
    assert not open_desk.find(QPushButton, "take_payment").isEnabled()
    assert not open_desk.find(QPushButton, "resume_payment").isVisible()
    open_desk.page.take_payment()
    assert open_desk.window.findChild(PaymentDialog) is None


def test_a_payment_that_this_desk_left_open_is_told_at_the_start(
    qtbot: QtBot, counter: Counter, hospital: SampleHospital, request: pytest.FixtureRequest
) -> None:
    counter.begin(hospital.cashier)

    desk: DeskWindow = request.getfixturevalue("open_desk")

    words = f"A payment of 120.00 € for {DUE} is not finished at this desk."
    qtbot.waitUntil(lambda: desk.text("unfinished_notice_text") == words)
    desk.find(QPushButton, "show_unfinished").click()
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)


def test_a_deposit_that_this_desk_left_open_is_told_and_can_be_taken_up(
    qtbot: QtBot, counter: Counter, hospital: SampleHospital, request: pytest.FixtureRequest
) -> None:
    order = order_of(tender=Tender.PHONE, patient_id=1, deposit=Money(5_000, "EUR"))
    answer(qtbot, counter.thread, counter.services.payments.begin(order, hospital.cashier))

    desk: DeskWindow = request.getfixturevalue("open_desk")
    words = "A payment of 50.00 € for a deposit is not finished at this desk."
    qtbot.waitUntil(lambda: desk.text("unfinished_notice_text") == words)
    desk.find(QPushButton, "show_unfinished").click()

    qtbot.waitUntil(lambda: desk.window.findChild(PaymentDialog) is not None)
    dialog = desk.find(PaymentDialog, "payment_dialog")
    qtbot.waitUntil(lambda: dialog.face is Face.PHONE, timeout=15_000)
    dialog.close()
    qtbot.waitUntil(lambda: desk.window.findChild(PaymentDialog) is None, timeout=15_000)


def test_an_unfinished_payment_of_this_desk_can_be_taken_up(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital
) -> None:
    look_at(qtbot, open_desk, hospital.invoice_ids[DUE])
    counter.begin(hospital.cashier)
    qtbot.waitUntil(open_desk.find(QPushButton, "resume_payment").isVisible)

    open_desk.find(QPushButton, "resume_payment").click()

    qtbot.waitUntil(lambda: open_desk.window.findChild(PaymentDialog) is not None)
    assert not open_desk.text("unfinished_notice_text"), "the payment on the screen is no news"
    dialog = open_desk.find(PaymentDialog, "payment_dialog")
    dialog.close()
    qtbot.waitUntil(lambda: open_desk.window.findChild(PaymentDialog) is None, timeout=15_000)


def test_an_unfinished_payment_of_this_desk_can_be_cancelled(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital
) -> None:
    look_at(qtbot, open_desk, hospital.invoice_ids[DUE])
    payment = counter.begin(hospital.cashier)
    qtbot.waitUntil(open_desk.find(QPushButton, "cancel_payment").isVisible)

    open_desk.find(QPushButton, "cancel_payment").click()

    qtbot.waitUntil(open_desk.find(QPushButton, "take_payment").isEnabled)
    assert counter.state(payment) is PaymentState.CANCELLED
    assert not open_desk.text("detail_notice_text")
