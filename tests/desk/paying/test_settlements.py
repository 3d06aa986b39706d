"""Paying one bill by several tenders, several invoices at once, and from the patient's account: the real dialog."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton

from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.paying import VISA, Till
from tests.surroundings.card_reader import DeskReader, place_reader
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT


@pytest.fixture
def reader(till: Till) -> DeskReader:
    """A card reader at the desk."""
    services = till.context.services
    return answer(till.qtbot, till.context.thread, place_reader(services, till.hospital, till.sandbox))


# --- Several tenders, several invoices


def test_part_cash_and_part_card_settle_one_bill(till: Till) -> None:
    till.open()
    till.type_amount("20")
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PART_PAID)

    till.press(Qt.Key.Key_F2)
    till.wait_for_face(Face.AMOUNT)
    till.qtbot.waitUntil(lambda: till.child(QLineEdit, "amount_field").text() == "100.00")
    till.wait_for_offer()
    till.choose("tender_checkout")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)
    till.pay(VISA)

    till.wait_for_face(Face.PAID)
    assert till.balance() == "0.00"
    assert len({view.settlement_id for view in till.finished}) == 1
    assert [view.tender for view in till.finished] == [Tender.CASH, Tender.CHECKOUT]


def test_when_the_second_tender_fails_the_first_stands_and_it_is_said(till: Till, reader: DeskReader) -> None:
    till.open()
    till.type_amount("20")
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PART_PAID)
    till.press(Qt.Key.Key_F2)
    till.wait_for_face(Face.AMOUNT)
    till.choose("tender_reader_")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.READER)

    reader.present("visa_chargeDeclined")

    till.wait_for_face(Face.DECLINED_AT_READER)
    assert "20.00 € (cash, receipt T-D1-000001)" in till.says("payment_detail")
    assert till.balance() == "100.00"


def test_several_invoices_are_paid_in_one_go(till: Till) -> None:
    till.open()
    till.qtbot.waitUntil(lambda: len(_boxes(till)) == 2)
    other = till.hospital.invoice_ids[DUE_OF_SAME_PATIENT]

    till.child(QCheckBox, f"bill_line_{other}").click()
    assert till.child(QLineEdit, "amount_field").text() == "165.00"
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PAID)
    assert (till.balance(), till.balance(DUE_OF_SAME_PATIENT)) == ("0.00", "0.00")
    assert len(till.finished) == 1


def test_an_amount_for_several_invoices_goes_to_the_oldest_and_can_be_changed(till: Till) -> None:
    till.open()
    till.qtbot.waitUntil(lambda: len(_boxes(till)) == 2)
    first, second = (till.hospital.invoice_ids[number] for number in (DUE, DUE_OF_SAME_PATIENT))
    till.child(QCheckBox, f"bill_line_{second}").click()
    oldest = till.dialog.findChildren(QCheckBox, f"bill_line_{second}")[0].y() < _boxes(till)[0].y() + 1
    till.type_amount("130")
    shares = {key: till.child(QLineEdit, f"bill_share_{key}").text() for key in (first, second)}
    assert shares in ({first: "120.00", second: "10.00"}, {first: "85.00", second: "45.00"}), oldest

    till.type_into(f"bill_share_{first}", "100")
    till.type_into(f"bill_share_{second}", "30")
    assert till.child(QLineEdit, "amount_field").text() == "130.00"
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PART_PAID)
    assert (till.balance(), till.balance(DUE_OF_SAME_PATIENT)) == ("20.00", "15.00")


def _boxes(till: Till) -> list[QCheckBox]:
    boxes = till.dialog.findChildren(QCheckBox)
    return [box for box in boxes if box.objectName().startswith("bill_line_") and box.isVisible()]


# --- The patient's account


def pay_deposit(till: Till, text: str) -> None:
    till.show(PaymentDialog(till.context, till.detail(), till.window, is_deposit=True))
    till.wait_for_offer()
    till.type_amount(text)
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)
    assert "account" in till.says("payment_detail")
    till.press(Qt.Key.Key_Escape)
    till.wait_for_close()


def test_more_than_is_due_is_a_deposit_only_when_that_is_wanted(till: Till) -> None:
    dialog = till.open()
    till.type_amount("150")
    assert "Only 120.00 € are due" in till.says("amount_hint")
    till.press(Qt.Key.Key_Return)
    assert dialog.face is Face.AMOUNT

    till.child(QCheckBox, "on_account").click()
    assert "30.00 € go on the patient's account" in till.says("amount_hint")
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PAID)
    assert till.finished[0].deposit.digits() == "30.00"


def test_a_deposit_pays_an_invoice_later_and_the_rest_is_taken_another_way(till: Till) -> None:
    pay_deposit(till, "50")
    till.open()
    till.type_amount("50")
    till.choose("tender_account")

    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PART_FROM_ACCOUNT)
    assert till.balance() == "70.00"
    till.press(Qt.Key.Key_F2)

    till.wait_for_face(Face.AMOUNT)
    till.qtbot.waitUntil(lambda: till.child(QLineEdit, "amount_field").text() == "70.00")


def test_where_the_account_pays_all_there_is_no_rest_to_take(till: Till) -> None:
    pay_deposit(till, "120")
    till.open()
    till.choose("tender_account")

    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.FROM_ACCOUNT)
    assert "Next patient" in till.child(QPushButton, "payment_leave").text()
    assert not till.dialog.findChildren(QPushButton, "payment_take_rest")
    till.press(Qt.Key.Key_Return)
    till.wait_for_close()
    assert till.balance() == "0.00"


def test_more_than_is_on_account_cannot_be_used(till: Till) -> None:
    pay_deposit(till, "50")
    dialog = till.open()
    till.choose("tender_account")

    till.press(Qt.Key.Key_Return)

    assert dialog.face is Face.AMOUNT
    assert "Only 50.00 € are on account" in till.says("amount_hint")


# --- What the database says meanwhile


@contextlib.contextmanager
def without_database(till: Till) -> Iterator[None]:
    """Keep everybody else from writing, longer than anybody waits."""
    with contextlib.closing(sqlite3.connect(till.hospital.file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def test_cash_that_may_not_be_saved_is_saved_again_and_never_twice(till: Till) -> None:
    till.open()
    till.choose("tender_cash")
    with without_database(till):
        till.press(Qt.Key.Key_Return)
        till.wait_for_face(Face.NOT_SAVED)

    till.press(Qt.Key.Key_F5)

    till.wait_for_face(Face.PAID)
    assert till.states() == ["paid"]
