"""Taking over what another desk has under way, in the dialog and beside the invoice. With the real sandbox."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton
from pytestqt.qtbot import QtBot

from cashier.books.payment import PaymentState
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.payments.views import PaymentView
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.paying import VISA, Till
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, SampleHospital


def begin_elsewhere(till: Till) -> PaymentView:
    order = till.order(DUE, 12_000)
    begun = till.context.services.payments.begin(order, till.hospital.colleague)
    return answer(till.qtbot, till.context.thread, begun)


def meet_the_holder(till: Till) -> None:
    till.open()
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.HELD)


def test_the_dialog_takes_over_and_goes_on_to_its_own_page(till: Till) -> None:
    begin_elsewhere(till)
    meet_the_holder(till)

    till.click("payment_take_over")

    till.wait_for_face(Face.PAGE)
    assert till.states() == ["open", "cancelled"]
    assert [session["status"] for session in till.sessions()] == ["open", "expired"]


def test_a_payment_that_got_through_at_the_other_desk_is_shown_as_paid(till: Till) -> None:
    begin_elsewhere(till)
    meet_the_holder(till)
    till.pay_on_another_screen(VISA)

    till.click("payment_take_over")

    till.wait_for_face(Face.PAID)
    assert "T-D2-000001" in till.says("payment_detail")
    assert till.states() == ["paid"]


def test_what_cannot_be_closed_at_stripe_stays_with_the_other_desk(till: Till) -> None:
    begin_elsewhere(till)
    meet_the_holder(till)
    till.sandbox.order("troubles", path="/v1/checkout/sessions", drop=True, times=20)

    till.click("payment_take_over")

    till.wait_for_face(Face.TAKING_OVER)
    till.wait_for_face(Face.HELD)
    assert "Sol Example at desk D2" in till.says("payment_detail")
    assert "It is not known whether it was taken over: Stripe does not answer." in till.says("payment_detail")
    assert till.states() == ["open"]


def test_the_other_desk_sees_at_once_who_took_its_payment_over(till: Till) -> None:
    till.open_page()
    (payment,) = till.detail().payments

    services = till.context.services
    taking = services.payments.take_over(payment.payment_id, till.hospital.colleague)
    answer(till.qtbot, till.context.thread, taking)

    till.wait_for_face(Face.TAKEN_OVER)
    assert till.says("payment_detail") == "Sol Example at desk D2 took this payment over."
    assert till.dialog.page is None


def hold(qtbot: QtBot, desk: DeskWindow, counter: Counter, hospital: SampleHospital) -> PaymentView:
    """Have desk D2 begin a payment of the invoice on the screen."""
    desk.page.list.choose(hospital.invoice_ids[DUE])
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)
    payment = counter.begin(hospital.colleague)
    qtbot.waitUntil(desk.find(QPushButton, "take_over_payment").isVisible)
    return payment


def confirm(desk: DeskWindow) -> None:
    desk.press(Qt.Key.Key_F7)
    question = desk.find(QDialog, "take_over_dialog")
    assert "Sol Example at desk D2" in question.accessibleDescription()
    QTest.keyClick(question, Qt.Key.Key_Return)


def test_the_pane_takes_over_and_opens_the_dialog(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital
) -> None:
    payment = hold(qtbot, open_desk, counter, hospital)

    confirm(open_desk)

    qtbot.waitUntil(lambda: open_desk.window.findChild(PaymentDialog) is not None, timeout=10_000)
    assert counter.state(payment) is PaymentState.CANCELLED
    open_desk.find(PaymentDialog, "payment_dialog").close()


def test_the_pane_says_when_the_other_desks_payment_got_through(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital, sandbox: RunningSandbox
) -> None:
    payment = hold(qtbot, open_desk, counter, hospital)
    assert payment.page_url is not None
    sandbox.pay_on_page(payment.page_url)

    confirm(open_desk)

    qtbot.waitUntil(lambda: open_desk.text("problem_message").startswith("This payment had got through"))
    assert open_desk.window.findChild(PaymentDialog) is None
    open_desk.find(QPushButton, "problem_ok").click()


def test_leaving_it_there_changes_nothing(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital
) -> None:
    payment = hold(qtbot, open_desk, counter, hospital)

    open_desk.press(Qt.Key.Key_F7)
    QTest.keyClick(open_desk.find(QDialog, "take_over_dialog"), Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: open_desk.window.findChild(QDialog, "take_over_dialog") is None)
    assert counter.state(payment) is PaymentState.OPEN


@pytest.mark.parametrize("key", [Qt.Key.Key_F7, Qt.Key.Key_F9])
def test_keys_for_unfinished_payments_do_nothing_where_there_is_none(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital, key: Qt.Key
) -> None:
    open_desk.page.list.choose(hospital.invoice_ids[DUE])
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE)

    open_desk.press(key)

    assert open_desk.window.findChild(QDialog) is None
    assert not open_desk.text("detail_notice_text")
