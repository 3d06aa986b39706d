"""Refunds at the desk: asked for by a cashier, decided by somebody else, seen to their end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
)
from pytestqt.qtbot import QtBot

from cashier.books.refund import RefundReason, RefundState
from cashier.desk.refunding.refund_dialog import RefundDialog
from cashier.desk.refunding.words import STATE_WORDS, STRIPE_REASON_WORDS, WAY_IN_A_SENTENCE
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.refund_screen import ALT, CTRL, DISPUTED_LATER, Screen
from tests.surroundings.orders import refund_of
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import (
    CASHIER_NAME,
    CASHIER_PIN,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
    SampleHospital,
)


@pytest.fixture
def role() -> str:
    """Whose window it is."""
    return "cashier"


@pytest.fixture
def screen(
    qtbot: QtBot, hospital: SampleHospital, role: str, request: pytest.FixtureRequest, sandbox: RunningSandbox
) -> Screen:
    """The window of somebody in ``role``, who is not the cashier that refunds are asked for by."""
    hospital.execute("UPDATE staff SET role = :role WHERE id = 1", role=role)
    return Screen(qtbot, request.getfixturevalue("open_desk"), request.getfixturevalue("counter"), sandbox)


@pytest.fixture
def open_shift(hospital: SampleHospital) -> Callable[[], None]:
    """Open the shift of desk D1, so that there is a drawer, of training as everything here."""

    def open_it() -> None:
        hospital.execute(
            "INSERT INTO shift (id, desk_id, number, currency, float_minor, opened_at, opened_by, difference_reason) "
            "VALUES (1, 1, -1, 'EUR', 20000, '2026-11-02 07:00:00', 1, '')"
        )

    return open_it


def test_every_state_way_and_reason_has_words() -> None:
    assert set(STATE_WORDS) == set(RefundState)
    assert set(WAY_IN_A_SENTENCE) == set(RefundWay)
    assert set(STRIPE_REASON_WORDS) == set(RefundReason)


def test_a_refund_is_asked_for_and_approved_by_pin_without_signing_the_cashier_out(screen: Screen) -> None:
    screen.pay()
    screen.desk.window.resize(960, 540)
    screen.open_dialog()
    ask = screen.child(QPushButton, "refund_ask")
    screen.desk.wait_until_shown_whole(ask)
    screen.type("refund_total", "50")
    screen.choose_reason()
    assert screen.child(QPushButton, "refund_ask").text().strip().startswith("Ask to give back 50.00 €")
    screen.click("refund_ask")

    screen.approve_by_pin()

    screen.wait_for_text("refund_story", "on its way to the card")
    assert screen.refunds_at_stripe() == 1
    assert screen.desk.page.staff_id == screen.counter.hospital.cashier_id
    screen.leave()
    screen.wait_for_text("detail_status", "Part paid")


def test_enter_never_approves(screen: Screen) -> None:
    screen.pay()
    screen.open_dialog()
    screen.ask_for_all()
    screen.type("approver_name", SUPERVISOR_NAME)
    screen.type("approver_pin", SUPERVISOR_PIN)

    for name in ("approver_name", "approver_pin"):
        QTest.keyClick(screen.child(QLineEdit, name), Qt.Key.Key_Return)
    QTest.keyClick(screen.desk.find(RefundDialog, "refund_dialog"), Qt.Key.Key_Return)
    screen.qtbot.wait(300)

    assert screen.child(QPushButton, "approve_refund").isEnabled()
    assert screen.refunds_at_stripe() == 0
    screen.leave()


def test_a_wrong_pin_is_refused_and_one_s_own_is_no_help(screen: Screen) -> None:
    screen.pay()
    screen.open_dialog()
    screen.ask_for_all()

    screen.approve_by_pin(pin="99999999")
    screen.wait_for_text("decision_notice_text", "wrong")

    screen.approve_by_pin(name=CASHIER_NAME, pin=CASHIER_PIN)
    screen.wait_for_text("decision_notice_text", "of their own")
    assert screen.refunds_at_stripe() == 0
    screen.leave()


def test_what_is_wrong_is_said_after_a_try_where_it_is(screen: Screen) -> None:
    def faults() -> dict[str, str]:
        found = screen.desk.find(RefundDialog, "refund_dialog").findChildren(QLabel)
        return {
            each.objectName(): each.text()
            for each in found
            if each.objectName().endswith("_wrong") and each.isVisible()
        }

    def focused() -> str:
        return str(screen.desk.find(RefundDialog, "refund_dialog").focusWidget().objectName())

    screen.pay()
    screen.open_dialog()
    assert screen.child(QLineEdit, "refund_total").text() == ""
    assert faults() == {}

    screen.click("refund_ask")
    assert set(faults()) == {"refund_total_wrong", "refund_reason_wrong"}
    assert focused() == "refund_total"
    screen.type("refund_total", "120.01")
    assert "Only 120.00 € can go back." in faults()["refund_total_wrong"]
    screen.type("refund_total", "1.005")
    assert "two ways" in faults()["refund_total_wrong"]
    screen.type("refund_total", "12")
    assert set(faults()) == {"refund_reason_wrong"}
    screen.choose_reason("Another reason")
    screen.click("refund_ask")
    assert faults() == {"refund_note_wrong": "Say in the note why it goes back."}
    assert focused() == "refund_note"
    screen.type("refund_note", "Agreed with the ward.")
    assert faults() == {}

    screen.click("refund_ask")
    screen.wait_for_text("refund_sum", "12.00 €")
    screen.leave()


def test_a_refund_of_two_payments_comes_off_the_newest_first_and_can_be_shared_out_otherwise(
    screen: Screen,
) -> None:
    screen.take_by(Tender.CHEQUE, 7_000, reference="CH-1")
    screen.take_by(Tender.BANK_TRANSFER, 5_000, reference="TR-1")
    screen.open_dialog()

    screen.type("refund_total", "60")
    shares = {name: screen.child(QLineEdit, f"refund_share_{name}").text() for name in ("T-D1-000001", "T-D1-000002")}
    assert shares == {"T-D1-000002": "50.00", "T-D1-000001": "10.00"}

    screen.type("refund_share_T-D1-000001", "20")
    assert screen.child(QLineEdit, "refund_total").text() == "70.00"
    screen.choose_reason()
    screen.click("refund_ask")
    screen.wait_for_text("refund_sum", "70.00 €")
    screen.leave()


def test_cash_is_handed_out_once_somebody_else_has_approved_it(
    screen: Screen, open_shift: Callable[[], None]
) -> None:
    screen.take_by(Tender.CASH, 12_000)
    open_shift()
    screen.open_dialog()
    screen.click("refund_all")
    screen.choose_reason()
    screen.child(QRadioButton, "refund_returned").click()
    screen.click("refund_ask")

    screen.approve_by_pin()

    screen.wait_for_text("refund_story", "Give the patient 120.00 € from the drawer.")
    screen.leave()
    screen.wait_for_text("detail_status", "Returned 120.00 €")


def test_what_the_bank_sends_is_settled_with_its_reference(screen: Screen) -> None:
    screen.take_by(Tender.CHEQUE, 12_000, reference="CH-1")
    screen.open_dialog()
    screen.ask_for_all()
    screen.approve_by_pin()

    screen.type("transfer_reference", "SEPA-77")
    screen.click("transfer_done")

    screen.wait_for_text("refund_story", "SEPA-77")
    screen.click("refund_receipt")
    screen.wait_for_text("receipt_heading", "Receipt T-D1-000002")
    screen.desk.find(QDialog, "receipt_dialog").reject()


@pytest.mark.parametrize("role", ["supervisor"])
def test_a_request_from_another_desk_appears_at_a_supervisor_s_at_once(
    screen: Screen, hospital: SampleHospital
) -> None:
    payment = screen.pay()
    hospital.execute("UPDATE staff SET role = 'cashier' WHERE id = 2")
    request = refund_of(payment.id, 3_000, reason=RefundReason.DUPLICATE)
    asked = screen.counter.services.refunds.request(request, hospital.colleague)
    refund = answer(screen.qtbot, screen.counter.thread, asked)
    screen.wait_for_text("refunds_count", "1 to decide")

    screen.desk.press(Qt.Key.Key_R, CTRL | Qt.KeyboardModifier.ShiftModifier)
    screen.wait_for_text("refund_amount", "30.00 €")
    screen.wait_for_text("decision_limit", "Approved today: 0.00 €.")
    screen.wait_for_text("refund_story", "To decide")
    screen.child(QRadioButton, "decide_returned").click()
    QTest.keyClick(screen.child(ChosenRowTable, "refund_table"), Qt.Key.Key_Return)
    assert screen.refunds_at_stripe() == 0
    screen.desk.press(Qt.Key.Key_A, ALT)

    screen.wait_for_text("refunds_empty", "Nothing waits for a decision.")
    screen.wait_for_text("refunds_notice_text", "Nothing is left to decide.")
    screen.qtbot.waitUntil(lambda: screen.refund(refund).state is RefundState.SUCCEEDED, timeout=15_000)
    assert not screen.refund(refund).reopens
    screen.qtbot.waitUntil(lambda: not screen.desk.text("refunds_count"), timeout=15_000)
    screen.click("refunds_settled")
    screen.wait_for_text("refund_story", "on its way to the card")


@pytest.mark.parametrize("role", ["supervisor"])
def test_a_rejection_says_why(screen: Screen, hospital: SampleHospital) -> None:
    payment = screen.pay()
    refund = screen.request(payment, by=hospital.colleague)
    screen.wait_for_text("refunds_count", "1 to decide")
    screen.desk.press(Qt.Key.Key_R, CTRL | Qt.KeyboardModifier.ShiftModifier)
    screen.click("turn_refund_down")
    field = screen.child(QPlainTextEdit, "words_field")

    QTest.keyClick(field, Qt.Key.Key_Return)
    screen.wait_for_text("words_notice_text", "Say why.")
    QTest.keyClicks(field, "The service was given.")
    QTest.keyClick(field, Qt.Key.Key_Return)

    screen.wait_for_text("refunds_empty", "Nothing waits for a decision.")
    decided = screen.refund(refund)
    assert (decided.state, str(decided.turned_down)) == (RefundState.REJECTED, "The service was given.")


@pytest.mark.parametrize("role", ["supervisor"])
def test_after_a_decision_the_next_one_is_chosen_and_what_was_decided_is_said(
    screen: Screen, hospital: SampleHospital
) -> None:
    payment = screen.pay()
    for amount_minor in (3_000, 2_000):
        screen.request(payment, amount_minor, by=hospital.colleague)
    screen.wait_for_text("refunds_count", "2 to decide")
    screen.desk.press(Qt.Key.Key_R, CTRL | Qt.KeyboardModifier.ShiftModifier)
    screen.wait_for_text("refund_amount", "30.00 €")

    screen.desk.press(Qt.Key.Key_A, ALT)

    screen.wait_for_text("refund_amount", "20.00 €")
    screen.wait_for_text("refunds_notice_text", "30.00 € to Ana Núñez. 1 left to decide.")


@pytest.mark.parametrize("role", ["supervisor"])
def test_a_supervisor_s_own_request_needs_another_one(screen: Screen) -> None:
    screen.request(screen.pay())

    screen.desk.press(Qt.Key.Key_R, CTRL | Qt.KeyboardModifier.ShiftModifier)

    screen.wait_for_text("refund_story", "Somebody else has to approve it")
    assert not screen.child(QPushButton, "approve_refund").isEnabled()
    assert screen.child(QLineEdit, "approver_pin").isVisible()
    assert not screen.desk.text("refunds_count")
    screen.click("turn_refund_down")
    screen.wait_for_text("refunds_empty", "Nothing waits for a decision.")


@pytest.mark.parametrize("role", ["auditor"])
def test_an_auditor_sees_refunds_and_decides_nothing(screen: Screen, hospital: SampleHospital) -> None:
    hospital.execute("UPDATE staff SET role = 'cashier' WHERE id = 1")
    screen.request(screen.pay())
    hospital.execute("UPDATE staff SET role = 'auditor' WHERE id = 1")

    screen.desk.press(Qt.Key.Key_R, CTRL | Qt.KeyboardModifier.ShiftModifier)

    screen.wait_for_text("refund_amount", "120.00 €")
    assert screen.desk.window.findChild(QPushButton, "approve_refund") is None


def test_cash_stands_in_for_a_card_refund_that_failed(
    screen: Screen, hospital: SampleHospital, open_shift: Callable[[], None]
) -> None:
    payment = screen.pay()
    failed = screen.request(payment)
    screen.sandbox.order("troubles", path="/v1/refunds", method="POST", times=1, status=400)
    approved = screen.counter.services.refunds.approve(failed.id, hospital.colleague)
    assert answer(screen.qtbot, screen.counter.thread, approved).state is RefundState.FAILED
    open_shift()
    screen.open_dialog()

    screen.child(QComboBox, "refund_course").setCurrentIndex(1)
    screen.choose_reason()
    screen.wait_for_text("refund_hint", "120.00 € leaves the drawer")
    screen.click("refund_ask")
    screen.approve_by_pin()

    screen.wait_for_text("refund_story", "Give the patient 120.00 € from the drawer.")
    assert screen.refunds_at_stripe() == 0
    screen.leave()


def test_a_refund_in_the_dashboard_is_named_as_such_on_the_invoice(screen: Screen) -> None:
    payment = screen.pay()
    assert payment.stripe_intent_id is not None
    made = screen.sandbox.ask("/v1/refunds", payment_intent=payment.stripe_intent_id, amount="3000")
    answer(screen.qtbot, screen.counter.thread, screen.counter.services.refunds.look_at(made["id"]))
    screen.choose_paid()

    screen.qtbot.waitUntil(
        lambda: any("in Stripe's dashboard" in each.text() for each in screen.desk.page.detail.findChildren(QLabel)),
        timeout=15_000,
    )


def test_a_dispute_is_seen_on_invoice_and_payment_and_answered_with_a_sheet(screen: Screen, tmp_path: Path) -> None:
    payment = screen.pay(card=DISPUTED_LATER)
    assert payment.stripe_charge_id is not None
    disputes = screen.counter.services.disputes
    answer(screen.qtbot, screen.counter.thread, disputes.look_at_charge(payment.stripe_charge_id))
    (dispute,) = screen.sandbox.ask("/v1/disputes")["data"]
    screen.choose_paid()
    screen.wait_for_text(f"dispute_{dispute['id']}_text", "Answer by")

    dialog = screen.open_dialog()
    screen.wait_for_text("refund_notice_text", "the bank has its money")
    dialog.reject()
    screen.qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    screen.desk.press(Qt.Key.Key_F10)
    screen.wait_for_text("payment_outcome", "Disputed")
    screen.click(f"evidence_{dispute['id']}")
    chooser = screen.child(QFileDialog, "save_evidence_dialog")
    chooser.fileSelected.emit(str(tmp_path / "evidence.pdf"))
    chooser.reject()

    screen.wait_for_text("history_notice_text", "evidence.pdf")
    assert (tmp_path / "evidence.pdf").read_bytes().startswith(b"%PDF")
