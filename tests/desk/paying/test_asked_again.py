"""What hardly anybody means is asked for again: Enter decides nothing, and what was typed stays."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QRadioButton

from cashier.asked_again.sums import AskedAgain
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.settings import Settings
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.paying import VISA, Till
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

ALT = Qt.KeyboardModifier.AltModifier
BARCODE = "2026004711"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As they are where nobody says anything."""
    return msgspec.structs.replace(settings, asked_again=AskedAgain())


def hand_over(till: Till, text: str) -> None:
    till.open()
    till.choose("tender_cash")
    till.type_into("tendered_field", text)
    till.press(Qt.Key.Key_Return)


def take_at_other_desk(till: Till, amount_minor: int, *, tender: Tender = Tender.CASH, reference: str = "") -> None:
    order = order_for(till.hospital, DUE, amount_minor, tender=tender, reference=reference)
    answer(till.qtbot, till.context.thread, till.context.services.payments.begin(order, till.hospital.colleague))


def test_a_barcode_is_not_cash(till: Till) -> None:
    hand_over(till, BARCODE)
    till.wait_for_face(Face.DOUBTED)

    for _ in range(3):
        till.press(Qt.Key.Key_Return)
        till.press(Qt.Key.Key_Space)

    till.qtbot.wait(100)
    assert till.dialog.face is Face.DOUBTED
    assert "That is 16,883,372 times what is due. In words: about 2 billion." in till.says("payment_detail")
    assert till.states() == []
    assert till.balance() == "120.00"


def test_one_enter_on_a_barcode_is_no_deposit(till: Till) -> None:
    till.show(PaymentDialog(till.context, till.detail(), till.window, is_deposit=True))
    till.wait_for_offer()
    till.choose("tender_cash")
    field = till.child(QLineEdit, "amount_field")
    field.setFocus()
    QTest.keyClicks(field, BARCODE)

    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.DOUBTED)
    assert till.finished == []


def test_what_was_typed_is_there_to_be_corrected(till: Till) -> None:
    hand_over(till, "12000")
    till.wait_for_face(Face.DOUBTED)

    till.press(Qt.Key.Key_F6)

    till.wait_for_face(Face.AMOUNT)
    assert till.child(QLineEdit, "amount_field").text() == "120.00"
    till.qtbot.waitUntil(lambda: till.child(QRadioButton, "tender_cash").isChecked())
    assert till.child(QLineEdit, "tendered_field").text() == "12000"
    till.type_into("tendered_field", "150")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)
    assert till.says("payment_change") == "Change 30.00 €"


def test_it_is_taken_by_the_key_of_its_own(till: Till) -> None:
    hand_over(till, "1200")
    till.wait_for_face(Face.DOUBTED)

    till.press(Qt.Key.Key_Y, ALT)

    till.wait_for_face(Face.PAID)
    assert till.says("payment_change") == "Change 1,080.00 €"
    assert till.states() == ["paid"]


def test_leaving_takes_nothing(till: Till) -> None:
    hand_over(till, "1200")
    till.wait_for_face(Face.DOUBTED)

    till.press(Qt.Key.Key_Escape)

    till.wait_for_close()
    assert till.states() == []


def test_the_same_at_another_desk_is_said_before_a_page_is_opened(till: Till) -> None:
    take_at_other_desk(till, 2_000)
    till.open()
    till.type_amount("20")
    till.choose("tender_checkout")
    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.DOUBTED)
    assert "The patient paid the same: 20.00 € (cash), by Sol Example at desk D2 on " in till.says("payment_detail")
    assert till.sessions() == []
    till.press(Qt.Key.Key_Y, ALT)
    till.wait_for_face(Face.PAGE)
    till.pay(VISA)
    till.wait_for_face(Face.PART_PAID)


def test_a_cheque_that_was_taken_is_said_and_its_number_can_be_corrected(till: Till) -> None:
    take_at_other_desk(till, 2_000, tender=Tender.CHEQUE, reference="471")
    till.open(DUE_OF_OTHER_PATIENT)
    till.choose("tender_cheque")
    till.type_into("reference_field", "000471")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.DOUBTED)

    till.press(Qt.Key.Key_F6)

    till.wait_for_face(Face.AMOUNT)
    till.qtbot.waitUntil(lambda: till.child(QRadioButton, "tender_cheque").isChecked())
    assert till.child(QLineEdit, "reference_field").text() == "000471"
    till.type_into("reference_field", "472")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)
