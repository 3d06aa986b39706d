"""The open dialog says at once what the hospital makes of an invoice, and takes nothing that was not agreed."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from cashier.desk.paying.hospital_changes import STAGE_OF
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.hospital_office import Office, wait_until_watched
from tests.desk.surroundings.paying import DECLINED, VISA, Till
from tests.surroundings.card_reader import place_reader

ALT = Qt.KeyboardModifier.AltModifier
LOWERED: dict[str, Any] = {"total_minor": 4_000}
RAISED: dict[str, Any] = {"total_minor": 15_000}
CANCELLED: dict[str, Any] = {"cancelled": True}
TO_ANOTHER: dict[str, Any] = {"record_number": "MRN-9", "patient_name": "Third Person"}
OTHERWISE: dict[str, Any] = {"department": "Surgery"}


@pytest.fixture
def office(till: Till) -> Office:
    return Office(till)


def wait_for_amount(till: Till, digits: str) -> None:
    field = till.child(QLineEdit, "amount_field")
    till.qtbot.waitUntil(lambda: field.text() == digits, timeout=10_000)


def test_every_situation_has_its_stage() -> None:
    assert set(STAGE_OF) == set(Face)


# --- While the amount is agreed on


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("change", "digits", "told"),
    [
        (LOWERED, "40.00", "lowered INV-2026-000001 to 40.00 €: 40.00 € are due now"),
        (RAISED, "150.00", "raised INV-2026-000001 to 150.00 €: 150.00 € are due now"),
    ],
)
def test_another_amount_is_told_shown_and_asked_about(till: Till, office: Office, change, digits, told) -> None:
    till.open()
    wait_until_watched(till)

    office.send(**change)

    office.wait_until_told(told)
    wait_for_amount(till, digits)
    till.press(Qt.Key.Key_Return)
    assert f"It is {digits} € now" in till.says("amount_hint")
    assert (till.dialog.face, till.states()) == (Face.AMOUNT, [])
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)
    assert [session["amount_total"] for session in till.sessions()] == [int(digits.replace(".", ""))]


def test_what_was_typed_stays_and_is_refused_where_it_is_too_much_by_now(till: Till, office: Office) -> None:
    till.open()
    wait_until_watched(till)
    till.type_amount("100")

    office.send(**LOWERED)

    till.qtbot.waitUntil(lambda: "Only 40.00 €" in till.says("amount_hint"), timeout=10_000)
    till.press(Qt.Key.Key_Return)
    assert (till.child(QLineEdit, "amount_field").text(), till.states()) == ("100", [])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (CANCELLED, "The hospital cancelled INV-2026-000001: nothing is to be paid for it."),
        (TO_ANOTHER, "gave INV-2026-000001 to another patient (MRN-9)"),
        ({"currency": "USD"}, "changed INV-2026-000001 to USD"),
    ],
)
def test_what_is_not_to_be_paid_any_more_ends_the_dialog_before_it_began(till: Till, office: Office, change, told):
    till.open()
    wait_until_watched(till)

    office.send(**change)

    office.wait_until_told(told)
    till.wait_for_face(Face.NOTHING_DUE)
    till.press(Qt.Key.Key_Return)
    assert till.dialog.face is Face.NOTHING_DUE
    till.press(Qt.Key.Key_Escape)
    till.wait_for_close()
    assert till.states() == []


def test_other_words_are_told_and_nothing_is_asked_again(till: Till, office: Office) -> None:
    till.open()
    wait_until_watched(till)

    office.send(**OTHERWISE)

    office.wait_until_told("changed what INV-2026-000001 says. What is due stays as it is.")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)


def test_what_changes_between_the_look_and_the_key_is_asked_about(till: Till, office: Office) -> None:
    """The key is pressed before the news arrives."""
    till.open()
    wait_until_watched(till)
    following = till.dialog._watch._following
    assert following is not None
    following.stop()
    office.send(**LOWERED)

    till.press(Qt.Key.Key_Return)

    till.qtbot.waitUntil(lambda: "120.00 € were due" in till.says("amount_hint"), timeout=10_000)
    assert (till.child(QLineEdit, "amount_field").text(), till.states()) == ("40.00", [])


def test_a_saved_card_that_waits_for_the_word_is_not_charged_by_what_was_before(till: Till, office: Office) -> None:
    till.save_card()
    till.open()
    wait_until_watched(till)
    till.press(Qt.Key.Key_0, ALT)
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.TO_CHARGE)

    office.send(**LOWERED)

    till.wait_for_face(Face.AMOUNT)
    office.wait_until_told("lowered INV-2026-000001 to 40.00 €")
    wait_for_amount(till, "40.00")
    assert till.states() == []


# --- While the patient is asked


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("change", "told", "credit", "told_when_paid"),
    [
        (
            LOWERED,
            "to 40.00 €, and 120.00 € are asked for. What is too much (80.00 €) becomes the patient's credit",
            "80.00 € of it are more than the invoice takes. They are on the patient's account.",
            "lowered INV-2026-000001 to 40.00 € meanwhile: 80.00 € are the patient's credit.",
        ),
        (
            CANCELLED,
            "cancelled INV-2026-000001, and 120.00 € are asked for. Cancel the payment, and nothing is taken",
            "120.00 € of it are more than the invoice takes. They are on the patient's account.",
            "cancelled INV-2026-000001 meanwhile: 120.00 € are the patient's credit.",
        ),
        (
            RAISED,
            "to 150.00 €, and 120.00 € are asked for: 30.00 € stay to be paid.",
            "",
            "raised INV-2026-000001 to 150.00 €: 30.00 € are due now.",
        ),
    ],
)
def test_on_stripes_page_it_is_told_what_becomes_of_the_money(
    till: Till, office: Office, change, told, credit, told_when_paid
) -> None:
    till.open_page()
    wait_until_watched(till)

    office.send(**change)

    office.wait_until_told(told)
    till.pay(VISA)
    till.wait_for_face(Face.PAID, Face.PART_PAID)
    assert credit in till.says("payment_detail")
    office.wait_until_told(told_when_paid)


def test_what_is_cancelled_meanwhile_can_be_taken_back(till: Till, office: Office) -> None:
    till.open_page()
    wait_until_watched(till)
    office.send(**CANCELLED)
    office.wait_until_told("Cancel the payment")

    till.press(Qt.Key.Key_F6)

    till.wait_for_face(Face.NOTHING_DUE)
    assert till.states() == ["cancelled"]
    assert [session["status"] for session in till.sessions()] == ["expired"]


def test_it_is_told_after_a_decline(till: Till, office: Office) -> None:
    till.open_page()
    till.pay(DECLINED)
    till.wait_for_face(Face.DECLINED_ON_PAGE)

    office.send(**LOWERED)

    office.wait_until_told("What is too much (80.00 €)")


def test_it_is_told_while_the_phone_has_the_page(till: Till, office: Office) -> None:
    till.open()
    wait_until_watched(till)
    till.press(Qt.Key.Key_2, ALT)
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PHONE)

    office.send(**LOWERED)

    office.wait_until_told("What is too much (80.00 €)")


def test_it_is_told_while_the_reader_waits_which_is_not_asked_again(till: Till, office: Office) -> None:
    services = till.context.services
    reader = answer(till.qtbot, till.context.thread, place_reader(services, till.hospital, till.sandbox))
    till.open()
    wait_until_watched(till)
    till.press(Qt.Key.Key_1, ALT)
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.READER)

    office.send(**LOWERED)

    office.wait_until_told("What is too much (80.00 €)")
    reader.present("visa_chargeDeclined")
    till.wait_for_face(Face.DECLINED_AT_READER)
    till.click("payment_ask_reader")
    till.qtbot.waitUntil(lambda: "now 40.00 € are" in till.says("payment_notice_text"), timeout=10_000)
    assert reader.asks_for is None


def test_it_is_told_while_the_answer_is_waited_for(till: Till, office: Office) -> None:
    till.open_page()
    wait_until_watched(till)
    till.sandbox.order("troubles", path="/v1/checkout/sessions", method="GET", status=500)
    till.pay(VISA)
    till.wait_for_face(Face.CONFIRMING, Face.UNKNOWN)

    office.send(**LOWERED)

    office.wait_until_told("What is too much (80.00 €)")
    till.end_troubles()
    till.wait_for_face(Face.PAID)
    office.wait_until_told("80.00 € are the patient's credit")


def test_what_is_taken_up_again_tells_that_less_is_due_by_now(till: Till, office: Office) -> None:
    till.open_page()
    payment_id = till.detail().payments[0].payment_id
    detail = till.detail()
    office.send(**LOWERED)
    till.dialog._watch.deleteLater()

    till.show(PaymentDialog.resume(till.context, payment_id, detail, till.window))

    till.wait_for_face(Face.PAGE)
    office.wait_until_told("Only 40.00 € are due on INV-2026-000001, and 120.00 € are asked for")


def test_there_and_back_again_leaves_nothing_to_tell(till: Till, office: Office) -> None:
    till.open_page()
    wait_until_watched(till)
    office.send()  # as the tests' hospital writes it, once and for all
    office.wait_until_told("changed what")
    till.dialog._watch.agree()

    office.send(**LOWERED)
    office.wait_until_told("What is too much")
    office.send(**CANCELLED)
    office.wait_until_told("cancelled")
    office.send()

    till.qtbot.waitUntil(till.dialog._watch.notice.isHidden, timeout=10_000)


# --- After the money


def test_what_was_raised_after_a_part_was_paid_is_told_and_can_be_taken(till: Till, office: Office) -> None:
    till.open()
    wait_until_watched(till)
    till.press(Qt.Key.Key_8, ALT)
    till.type_into("reference_field", "SLIP-1")
    till.type_amount("50")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PART_PAID)

    office.send(**RAISED)

    office.wait_until_told("raised INV-2026-000001 to 150.00 €: 100.00 € are due now.")
    till.click("payment_take_rest")
    till.wait_for_face(Face.AMOUNT)
    wait_for_amount(till, "100.00")
    till.qtbot.waitUntil(till.dialog._watch.notice.isHidden, timeout=10_000)
