"""Every way to pay, through the real dialog, by keys and clicks, against the sandbox."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QRadioButton

from cashier.desk.kit.qr_code import QrCode
from cashier.desk.patient_screen.patient_faces import PatientKind
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.tenders.tender import Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.paying import DECLINED, VISA, Till
from tests.surroundings.card_reader import DeskReader, charged, place_reader
from tests.surroundings.sample_hospital import DUE

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def reader(till: Till) -> DeskReader:
    """A card reader at the desk."""
    services = till.context.services
    return answer(till.qtbot, till.context.thread, place_reader(services, till.hospital, till.sandbox))


def test_every_way_to_pay_has_words_for_the_button() -> None:
    assert all(bool(tender.row.deed) == (tender.row.is_at_desk and tender.row.brings_money) for tender in Tender)


def patient_sees(till: Till) -> PatientKind:
    return till.context.patient_display.face.kind


# --- Cash, cheque, transfer, the bank's terminal


def test_cash_is_taken_by_keys_alone_and_the_change_is_shown(till: Till) -> None:
    till.open()
    till.choose("tender_cash")
    till.type_into("tendered_field", "150")
    assert till.says("change_preview") == "Change 30.00 €"

    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PAID)
    assert till.says("payment_change") == "Change 30.00 €"
    assert "Cash" in till.says("payment_detail")
    assert patient_sees(till) is PatientKind.THANKS
    assert till.balance() == "0.00"


def test_alt_and_a_digit_choose_the_way_to_pay_and_go_to_its_field(till: Till) -> None:
    dialog = till.open()

    QTest.keyClick(till.child(QLineEdit, "amount_field"), Qt.Key.Key_5, ALT)

    till.qtbot.waitUntil(lambda: till.child(QLineEdit, "tendered_field").isVisible())
    assert dialog.focusWidget() is till.child(QLineEdit, "tendered_field")


def test_nothing_typed_means_the_exact_sum(till: Till) -> None:
    till.open()
    till.choose("tender_cash")

    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PAID)
    assert not [each for each in till.dialog.findChildren(QLabel, "payment_change") if each.isVisible()]


def test_less_cash_than_is_due_is_explained_and_takes_nothing(till: Till) -> None:
    dialog = till.open()
    till.choose("tender_cash")
    till.type_into("tendered_field", "100")

    till.press(Qt.Key.Key_Return)

    assert dialog.face is Face.AMOUNT
    assert "less than" in till.says("amount_hint")
    assert till.states() == []


def test_enter_twice_takes_cash_once(till: Till) -> None:
    till.open()
    till.choose("tender_cash")

    for _ in range(3):
        QTest.keyClick(till.dialog, Qt.Key.Key_Return)

    till.qtbot.waitUntil(lambda: bool(till.finished))
    assert till.states() == ["paid"]


@pytest.mark.parametrize("tender", ["cheque", "bank_transfer", "external_terminal"])
def test_a_reference_is_asked_for_and_kept(till: Till, tender: str) -> None:
    dialog = till.open()
    till.choose(f"tender_{tender}")
    till.press(Qt.Key.Key_Return)
    assert dialog.face is Face.AMOUNT
    assert "reference" in till.says("amount_hint")

    till.type_into("reference_field", "REF 4711")
    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PAID)
    assert "REF 4711" in till.says("payment_detail")


def test_a_card_number_as_a_reference_is_refused(till: Till) -> None:
    till.open()
    till.choose("tender_external_terminal")
    till.type_into("reference_field", VISA)

    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.REFUSED)
    assert "card number" in till.says("payment_detail")
    assert till.states() == []


def test_a_small_amount_that_no_card_takes_can_be_paid_in_cash(till: Till) -> None:
    till.open()
    till.type_amount("0.20")
    assert "too small" in till.says("amount_hint")

    till.choose("tender_cash")
    assert "leaves" in till.says("amount_hint")
    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.PART_PAID)


# --- The patient's own phone


def open_on_phone(till: Till) -> PaymentDialog:
    dialog = till.open()
    till.choose("tender_phone")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PHONE)
    return dialog


def code_of(till: Till) -> str:
    address = till.child(QrCode, "phone_code").address
    assert address is not None
    return address


def test_the_patient_pays_on_the_phone_behind_the_code(till: Till) -> None:
    open_on_phone(till)
    assert code_of(till) == till.sessions()[0]["url"]
    assert patient_sees(till) is PatientKind.PHONE

    till.pay_on_another_screen(VISA)

    till.wait_for_face(Face.PAID)
    assert patient_sees(till) is PatientKind.THANKS
    assert "4242" in till.says("payment_detail")


def test_the_code_of_a_page_on_this_machine_says_that_a_phone_cannot_open_it_and_how_to_let_it(till: Till) -> None:
    open_on_phone(till)

    assert "a phone cannot open the code" in till.says("phone_hint")
    assert "cashier demo --phones" in till.says("phone_hint")
    display = till.context.patient_display
    text = display.findChild(QLabel, "patient_text")
    assert isinstance(text, QLabel)
    assert text.text().startswith("In training your phone cannot open this code")


def test_a_decline_on_the_phone_is_told_and_the_code_stays(till: Till) -> None:
    open_on_phone(till)
    address = code_of(till)

    till.try_on_another_screen(DECLINED)

    till.wait_for_face(Face.DECLINED_ON_PHONE)
    assert "Nothing was charged" in till.says("payment_text")
    assert code_of(till) == address


def test_switching_from_the_phone_closes_its_page_first(till: Till) -> None:
    open_on_phone(till)

    till.press(Qt.Key.Key_F6)

    till.wait_for_face(Face.AMOUNT)
    assert till.sessions()[0]["status"] == "expired"
    till.choose("tender_cash")
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAID)
    assert till.states() == ["paid", "cancelled"]


def test_a_page_that_runs_out_on_the_phone_says_that_nothing_was_charged(till: Till) -> None:
    open_on_phone(till)

    till.sandbox.ask(f"/v1/checkout/sessions/{till.sessions()[0]['id']}/expire", **{"expand[]": "line_items"})

    till.wait_for_face(Face.CANCELLED)
    assert "Nothing was charged" in till.says("payment_text")


def test_escape_on_the_code_closes_the_payment_at_stripe(till: Till) -> None:
    open_on_phone(till)

    till.press(Qt.Key.Key_Escape)

    till.wait_for_close()
    assert till.sessions()[0]["status"] == "expired"


def test_a_payment_on_the_phone_is_taken_up_with_its_code(till: Till) -> None:
    services, thread = till.context.services, till.context.thread
    order = till.order(DUE, 12_000, tender=Tender.PHONE)
    begun = answer(till.qtbot, thread, services.payments.begin(order, till.context.actor))

    till.show(PaymentDialog.resume(till.context, begun.id, till.detail(), till.window))

    till.wait_for_face(Face.PHONE)
    assert code_of(till) == begun.page_url


# --- The card reader


def open_at_reader(till: Till, reader: DeskReader, name: str = "tender_reader_") -> PaymentDialog:
    dialog = till.open()
    till.choose(name)
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.READER, Face.KEYING)
    assert reader.asks_for is not None
    return dialog


def test_a_card_at_the_reader_pays(till: Till, reader: DeskReader) -> None:
    open_at_reader(till, reader)
    assert "Counter" in till.says("payment_detail")
    assert patient_sees(till) is PatientKind.READER

    reader.present()

    till.wait_for_face(Face.PAID)
    assert charged(till.sandbox) == [12_000]


def test_a_card_that_is_told_by_telephone_is_typed_into_the_reader(till: Till, reader: DeskReader) -> None:
    open_at_reader(till, reader, "tender_keyed_")
    assert till.dialog.face is Face.KEYING

    reader.present()

    till.wait_for_face(Face.PAID)


def test_after_a_decline_the_reader_asks_for_another_card(till: Till, reader: DeskReader) -> None:
    open_at_reader(till, reader)
    reader.present("visa_chargeDeclinedInsufficientFunds")
    till.wait_for_face(Face.DECLINED_AT_READER)
    assert "limit or balance" in till.says("payment_detail")

    till.press(Qt.Key.Key_F5)
    till.wait_for_face(Face.READER)
    till.qtbot.waitUntil(lambda: reader.asks_for is not None)
    reader.present("mastercard")

    till.wait_for_face(Face.PAID)
    assert till.states() == ["paid"]


def test_a_reader_that_is_not_connected_is_told_and_another_way_is_one_key_away(
    till: Till, reader: DeskReader
) -> None:
    reader.order(status="offline")
    till.open()
    till.choose("tender_reader_")
    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.DECLINED_AT_READER)
    assert "Nothing was charged" in till.says("payment_text")
    till.press(Qt.Key.Key_F6)
    till.wait_for_face(Face.AMOUNT)
    assert till.states() == ["cancelled"]


def test_escape_at_the_reader_clears_it_and_charges_nothing(till: Till, reader: DeskReader) -> None:
    open_at_reader(till, reader)

    till.press(Qt.Key.Key_Escape)

    till.wait_for_close()
    assert reader.asks_for is None
    assert charged(till.sandbox) == []
    assert till.states() == ["cancelled"]


def test_a_reader_that_says_declined_although_stripe_charged_is_paid(till: Till, reader: DeskReader) -> None:
    open_at_reader(till, reader)
    reader.order(reports="card_declined")

    reader.present()

    till.wait_for_face(Face.PAID)


def test_a_payment_at_the_reader_is_taken_up_after_a_restart(till: Till, reader: DeskReader) -> None:
    services, thread = till.context.services, till.context.thread
    order = till.order(DUE, 12_000, tender=Tender.READER, reader_id=reader.id)
    begun = answer(till.qtbot, thread, services.payments.begin(order, till.context.actor))

    till.show(PaymentDialog.resume(till.context, begun.id, till.detail(), till.window))
    till.wait_for_face(Face.READER)
    reader.present()

    till.wait_for_face(Face.PAID)


def text_of(till: Till, name: str) -> str:
    return next(each.text() for each in till.dialog.findChildren(QRadioButton) if each.objectName().startswith(name))


def test_the_reader_says_whether_it_is_ready_before_it_is_chosen(till: Till, reader: DeskReader) -> None:
    till.open()
    till.qtbot.waitUntil(lambda: "ready" in text_of(till, "tender_reader_"))
    till.press(Qt.Key.Key_Escape)
    till.wait_for_close()

    reader.order(status="offline")
    till.open()

    till.qtbot.waitUntil(lambda: "not connected" in text_of(till, "tender_reader_"))


def test_the_reader_shows_the_patient_the_amount_while_it_is_chosen(till: Till, reader: DeskReader) -> None:
    def cart() -> int | None:
        action = reader.action
        return action["set_reader_display"]["cart"]["total"] if action else None

    till.open()
    till.type_amount("40")
    till.choose("tender_reader_")
    till.qtbot.waitUntil(lambda: cart() == 4_000, timeout=10_000)

    till.choose("tender_cash")

    till.qtbot.waitUntil(lambda: cart() is None, timeout=10_000)
