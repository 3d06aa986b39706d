"""A credit note at the desk: what is said of it, what can be done with it, and that nothing is to be paid for it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.invoice_filters import Filter
from cashier.desk.kit.controls import Chip
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.desk.refunding.refund_dialog import RefundDialog
from cashier.invoices.intake import take_in
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.refund_screen import CTRL, Screen
from tests.invoices.arriving import an_invoice
from tests.payments.test_credit_notes import ANA, NOTE, a_credit
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, SampleHospital

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def screen(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital, sandbox: RunningSandbox
) -> Screen:
    """The window, with a credit note of 50.00 € on the pane."""
    incoming = an_invoice(NOTE, **ANA, lines=(a_credit(5_000),))
    answer(qtbot, counter.thread, take_in(counter.services.database, [incoming]))
    row = answer(qtbot, counter.thread, counter.services.invoices.find_by_number(NOTE))
    assert row is not None
    hospital.invoice_ids[NOTE] = row.id
    open_desk.page.list.choose(row.id)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == NOTE, timeout=15_000)
    return Screen(qtbot, open_desk, counter, sandbox)


def test_the_list_and_the_pane_say_what_it_is_and_offer_nothing_to_pay(qtbot: QtBot, screen: Screen) -> None:
    desk = screen.desk

    assert desk.text("detail_status") == "Credit"
    assert desk.text("detail_settled") == "Credit left: 50.00 €"
    assert "“On account”" in desk.text("take_payment_reason")
    assert not desk.find(QPushButton, "take_payment").isVisible()
    assert desk.find(QPushButton, "open_refund").isVisible()
    desk.press(Qt.Key.Key_F2)
    assert desk.window.findChild(PaymentDialog) is None
    chip = desk.find(Chip, f"filter_{Filter.CREDIT_NOTES.name.lower()}")
    qtbot.waitUntil(lambda: chip.isVisible() and chip.text().endswith("1"), timeout=15_000)
    chip.click()
    qtbot.waitUntil(lambda: desk.numbers() == [NOTE], timeout=15_000)
    assert desk.cell(NOTE, "status") == "Credit"
    assert desk.cell(NOTE, "due").endswith("50.00 €")


def test_its_credit_pays_an_invoice_by_the_key_of_the_account(qtbot: QtBot, screen: Screen) -> None:
    desk = screen.desk
    desk.page.list.choose(screen.counter.hospital.invoice_ids[DUE])
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE, timeout=15_000)
    desk.press(Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: desk.window.findChild(PaymentDialog) is not None, timeout=15_000)
    dialog = desk.find(PaymentDialog, "payment_dialog")
    account = screen.child(QRadioButton, "tender_account")
    assert account.text().startswith("Patient's account · 50.00 € held")
    screen.type("amount_field", "50")
    field = screen.child(QLineEdit, "amount_field")

    qtbot.keyClick(field, Qt.Key.Key_9, ALT)
    qtbot.keyClick(field, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: dialog.face is Face.PART_FROM_ACCOUNT, timeout=15_000)
    screen.wait_for_text("payment_text", "or the credit note, is the paper for this money")
    dialog.reject()
    desk.page.list.choose(screen.counter.hospital.invoice_ids[NOTE])
    screen.wait_for_text("detail_status", "Credit used")
    assert desk.text("detail_settled") == "Credit left: 0.00 €"
    assert not desk.text("take_payment_reason")


def test_its_credit_goes_back_by_the_bank_when_somebody_else_approves(screen: Screen) -> None:
    screen.desk.press(Qt.Key.Key_R, CTRL)
    screen.desk.find(RefundDialog, "refund_dialog")
    screen.child(QLineEdit, "refund_total")
    screen.type("refund_total", "20")
    screen.choose_reason("Price corrected")
    screen.wait_for_text("refund_hint", "20.00 €")

    screen.click("refund_ask")
    screen.approve_by_pin()

    screen.wait_for_text("detail_settled", "30.00 €")
