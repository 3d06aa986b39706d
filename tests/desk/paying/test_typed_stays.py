"""What is typed is never lost between two sheets, and what is due is asked anew each time."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QRadioButton

from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.money import Money
from cashier.payments.views import PaymentShare
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.hospital_office import Office
from tests.desk.surroundings.paying import DECLINED, Till
from tests.surroundings.orders import order_for, order_of, share_of
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT


def text(till: Till, name: str) -> str:
    return till.child(QLineEdit, name).text()


def take_elsewhere(till: Till, amount_minor: int) -> None:
    """Another desk takes a part meanwhile."""
    order = order_for(till.hospital, DUE, amount_minor, tender=Tender.CASH)
    answer(till.qtbot, till.context.thread, till.context.services.payments.begin(order, till.hospital.colleague))


def go_back(till: Till) -> None:
    till.press(Qt.Key.Key_F6)
    till.wait_for_face(Face.AMOUNT)
    till.wait_for_offer()


@pytest.mark.parametrize("typed", ["30", "30.00"])
def test_the_amount_stays_when_a_page_is_given_up_for_another_way(till: Till, typed: str) -> None:
    till.open()
    till.type_amount(typed)
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)

    go_back(till)

    assert text(till, "amount_field") == typed
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PART_PAID)
    assert till.balance() == "90.00"


def test_the_amount_stays_after_a_card_was_declined(till: Till) -> None:
    till.open_page()
    till.pay(DECLINED)
    till.wait_for_face(Face.DECLINED_ON_PAGE)

    go_back(till)

    assert text(till, "amount_field") == "120.00"


def test_shares_that_were_typed_by_hand_stay(till: Till) -> None:
    first, second = (till.hospital.invoice_ids[number] for number in (DUE, DUE_OF_SAME_PATIENT))
    till.open()
    till.qtbot.waitUntil(
        lambda: any(each.isVisible() for each in till.dialog.findChildren(QLineEdit, f"bill_share_{first}"))
    )
    till.child(QCheckBox, f"bill_line_{second}").click()
    till.type_into(f"bill_share_{first}", "10")
    till.type_into(f"bill_share_{second}", "20")
    till.child(QLineEdit, "amount_field").setFocus()
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)

    go_back(till)

    assert text(till, "amount_field") == "30.00"
    assert (text(till, f"bill_share_{first}"), text(till, f"bill_share_{second}")) == ("10.00", "20.00")


def test_a_refusal_of_the_database_loses_nothing_and_keeps_the_way(till: Till) -> None:
    till.open()
    till.type_amount("100")
    till.choose("tender_cheque")
    till.type_into("reference_field", "4242 4242 4242 4242")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.REFUSED)

    go_back(till)

    till.qtbot.waitUntil(lambda: till.child(QRadioButton, "tender_cheque").isChecked())
    assert (text(till, "amount_field"), text(till, "reference_field")) == ("100", "4242 4242 4242 4242")


def test_what_is_due_by_now_is_said_and_the_amount_stays_to_be_corrected(till: Till) -> None:
    till.open()
    till.type_amount("100")
    take_elsewhere(till, 5_000)
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)

    till.qtbot.waitUntil(lambda: str(Money(7_000, "EUR")) in till.says("amount_hint"), timeout=10_000)
    assert till.dialog.face is Face.AMOUNT
    assert text(till, "amount_field") == "100"
    till.press(Qt.Key.Key_Return)
    assert "Only 70.00 € are due." in till.says("amount_hint")
    assert till.dialog.face is Face.AMOUNT
    till.type_amount("70")
    till.qtbot.waitUntil(lambda: till.child(QRadioButton, "tender_cash").isChecked())
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)


def test_the_rest_is_what_is_due_now(till: Till) -> None:
    till.open()
    till.type_amount("20")
    till.choose("tender_cash")
    till.type_into("tendered_field", "50")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PART_PAID)
    take_elsewhere(till, 3_000)

    till.press(Qt.Key.Key_F2)
    till.wait_for_face(Face.AMOUNT)

    assert text(till, "amount_field") == "70.00"
    assert till.says("amount_hint") == "All that is due."
    till.choose("tender_cash")
    assert text(till, "tendered_field") == ""
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)
    assert till.balance() == "0.00"


def test_asking_for_the_rest_twice_does_not_undo_what_is_typed_by_then(till: Till) -> None:
    till.open()
    till.type_amount("20")
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PART_PAID)

    for _ in range(3):
        till.press(Qt.Key.Key_F2)
    till.wait_for_face(Face.AMOUNT)
    till.type_amount("5")
    till.qtbot.wait(400)

    assert text(till, "amount_field") == "5"


def take_up(till: Till, *shares: PaymentShare) -> None:
    """Have a payment of ``shares`` begun elsewhere, take it up here, and want another way to pay."""
    order = order_of(*shares)
    answer(till.qtbot, till.context.thread, till.context.services.payments.begin(order, till.hospital.cashier))
    till.show(PaymentDialog.resume(till.context, order.payment_id, till.detail(), till.window))
    till.wait_for_face(Face.PAGE)


def test_a_part_that_was_taken_up_again_stays_a_part(till: Till) -> None:
    take_up(till, share_of(till.hospital, DUE, 3_150))

    go_back(till)

    assert text(till, "amount_field") == "31.50"
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PART_PAID)
    assert till.balance() == "88.50"


def test_the_shares_of_a_payment_that_was_taken_up_again_stay_on_their_invoices(till: Till) -> None:
    first, second = (till.hospital.invoice_ids[number] for number in (DUE, DUE_OF_SAME_PATIENT))
    take_up(till, share_of(till.hospital, DUE, 1_100), share_of(till.hospital, DUE_OF_SAME_PATIENT, 2_200))

    go_back(till)

    assert text(till, "amount_field") == "33.00"
    assert (text(till, f"bill_share_{first}"), text(till, f"bill_share_{second}")) == ("11.00", "22.00")


def test_of_a_part_that_was_taken_up_again_no_more_is_asked_than_is_due_by_now(till: Till) -> None:
    take_up(till, share_of(till.hospital, DUE, 9_000))
    Office(till).send(5_000)

    go_back(till)

    assert text(till, "amount_field") == "50.00"


def test_each_way_to_pay_keeps_its_own_reference(till: Till) -> None:
    till.open()
    till.choose("tender_cheque")
    till.type_into("reference_field", "CHQ 41-7")
    till.choose("tender_bank_transfer")
    assert text(till, "reference_field") == ""
    till.type_into("reference_field", "RF18 5390")
    till.choose("tender_cash")

    till.choose("tender_cheque")
    assert text(till, "reference_field") == "CHQ 41-7"
    till.choose("tender_bank_transfer")
    assert text(till, "reference_field") == "RF18 5390"
