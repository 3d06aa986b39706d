"""Two patients of one name are told apart before money is taken: the dialog says who else is called the same."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.invoices.intake import take_in
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.paying import Till
from tests.invoices.arriving import an_invoice
from tests.surroundings.sample_hospital import DUE_OF_OTHER_PATIENT

ALT = Qt.KeyboardModifier.AltModifier


def arrive(till: Till, *, cancelled: bool = False) -> None:
    """Have somebody else of Ana Núñez's name, written in another way, with an invoice."""
    namesake = an_invoice(
        "INV-9",
        record_number="MRN-0000901",
        patient_name="NUNEZ, Ana",
        born=date(1990, 5, 5),
        cancelled=cancelled,
    )
    answer(till.qtbot, till.context.thread, take_in(till.context.services.database, [namesake]))


def told(till: Till) -> str:
    found = till.dialog.findChild(QLabel, "payment_namesakes_text")
    return found.text().replace("\u00a0", " ") if found is not None and found.isVisible() else ""


def test_a_namesake_with_invoices_to_pay_is_told_with_birth_and_record_number(till: Till):
    arrive(till)

    till.open()

    words = told(till)
    assert words.startswith("Somebody else has the same name. Ask the patient for the date of birth.")
    assert "NUNEZ, Ana · Born 05 May 1990 (" in words
    assert words.endswith(" · Record no. MRN-0000901 · 1 invoice to pay")


def test_without_a_namesake_nothing_is_told(till: Till):
    arrive(till)

    till.open(DUE_OF_OTHER_PATIENT)

    assert told(till) == ""


def test_a_namesake_who_has_nothing_to_pay_is_told_for_deposits_alone(till: Till):
    arrive(till, cancelled=True)
    till.open()
    assert told(till) == ""
    till.dialog.reject()

    till.show(PaymentDialog(till.context, till.detail(), till.window, is_deposit=True))
    till.wait_for_offer()

    assert told(till).endswith(" · Record no. MRN-0000901")


def test_enter_that_was_pressed_before_the_namesake_was_told_takes_no_money(till: Till):
    arrive(till)
    dialog = till.show(PaymentDialog(till.context, till.detail(), till.window))
    QTest.keyClick(till.child(QLineEdit, "amount_field"), Qt.Key.Key_Return)

    till.wait_for_offer()
    till.qtbot.wait(300)

    assert (dialog.face, bool(told(till))) == (Face.AMOUNT, True)
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)


@pytest.mark.parametrize(("digit", "face"), [(Qt.Key.Key_2, Face.PHONE)])
def test_it_stays_on_the_screen_while_the_code_is_there(till: Till, digit: Qt.Key, face: Face):
    arrive(till)
    till.open()

    till.press(digit, ALT)
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(face)

    assert "MRN-0000901" in told(till)
    words = till.child(QLabel, "payment_namesakes_text")
    till.qtbot.waitUntil(lambda: words.height() >= words.heightForWidth(words.width()))
