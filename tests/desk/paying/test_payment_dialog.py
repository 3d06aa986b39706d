"""Taking payments in the dialog: the real web view on the sandbox's real page, real services, real database.

Nobody listens where the companion should be, so each of these payments is settled by the desk itself.
"""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from cashier.books.payment import PaymentState
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.paying import CHALLENGED, DECLINED, VISA, Till
from tests.surroundings.postgres import Cluster
from tests.surroundings.sample_hospital import DUE, IN_YEN, TINY


def test_a_card_on_stripes_page_pays_the_invoice(till: Till) -> None:
    till.open_page()
    till.pay(VISA)

    till.wait_for_face(Face.PAID)

    assert till.finished[0].state is PaymentState.PAID
    assert till.says("payment_amount") == "120.00 €"
    assert "T-D1-000001" in till.says("payment_detail")
    assert "4242" in till.says("payment_detail")
    assert not till.detail().row.balance


def test_enter_twice_begins_one_payment(till: Till) -> None:
    till.open()

    till.press(Qt.Key.Key_Return)
    till.press(Qt.Key.Key_Return)
    till.press(Qt.Key.Key_Enter)

    till.wait_for_face(Face.PAGE)
    assert len(till.sessions()) == 1
    assert till.states() == ["open"]


def test_a_declined_card_leaves_the_page_open_for_another_one(till: Till) -> None:
    till.open_page()
    till.pay(DECLINED)

    till.wait_for_face(Face.DECLINED_ON_PAGE)

    assert "did not approve" in till.says("payment_detail")
    assert "Nothing was charged" in till.says("payment_text")
    till.pay(VISA)
    till.wait_for_face(Face.PAID)
    assert till.states() == ["paid"]


def test_a_challenge_that_is_passed_pays(till: Till) -> None:
    till.open_page()
    till.pay(CHALLENGED)
    till.wait_for_face(Face.CHALLENGE)

    till.click_on_page("#complete")

    till.wait_for_face(Face.PAID)


def test_a_challenge_that_is_failed_charges_nothing(till: Till) -> None:
    till.open_page()
    till.pay(CHALLENGED)
    till.wait_for_face(Face.CHALLENGE)

    till.click_on_page("#fail")

    till.wait_for_face(Face.DECLINED_ON_PAGE)
    assert "could not confirm" in till.says("payment_detail")
    assert till.states() == ["open"]


def test_escape_on_the_page_closes_the_payment_at_stripe(till: Till) -> None:
    till.open_page()

    till.press(Qt.Key.Key_Escape)

    till.wait_for_close()
    assert [view.state for view in till.finished] == [PaymentState.CANCELLED]
    assert [session["status"] for session in till.sessions()] == ["expired"]
    assert till.states() == ["cancelled"]


def test_closing_the_window_half_way_through_a_challenge_charges_nothing(till: Till) -> None:
    dialog = till.open_page()
    till.pay(CHALLENGED)
    till.wait_for_face(Face.CHALLENGE)

    dialog.close()

    till.wait_for_close()
    assert till.states() == ["cancelled"]


def test_a_payment_that_gets_through_while_it_is_cancelled_is_shown_as_paid(till: Till) -> None:
    till.open_page()
    till.pay_on_another_screen(VISA)

    till.press(Qt.Key.Key_Escape)

    till.wait_for_face(Face.PAID)
    assert "T-D1-000001" in till.says("payment_detail")
    assert till.states() == ["paid"]


def test_escape_while_the_payment_is_being_opened_leaves_nothing_open(till: Till) -> None:
    till.sandbox.order("troubles", path="/v1/checkout/sessions", method="POST", latency_seconds=1.0)
    till.open()
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.OPENING)

    till.press(Qt.Key.Key_Escape)

    till.wait_for_face(Face.CLOSING)
    till.wait_for_close()
    assert till.states() == ["cancelled"]
    assert [session["status"] for session in till.sessions()] == ["expired"]


def test_a_dialog_that_is_left_while_closing_is_closed_at_stripe_all_the_same(till: Till) -> None:
    till.sandbox.order("troubles", path="/v1/checkout/sessions", method="POST", latency_seconds=1.0)
    till.open()
    till.press(Qt.Key.Key_Return)
    till.press(Qt.Key.Key_Escape)
    till.wait_for_face(Face.CLOSING)

    till.press(Qt.Key.Key_Escape)

    till.wait_for_close()
    till.qtbot.waitUntil(lambda: till.states() == ["cancelled"], timeout=10_000)


def test_going_back_from_the_page_offers_to_try_again_as_a_new_payment(till: Till) -> None:
    till.open_page()
    till.click_on_page("#back")
    till.wait_for_face(Face.CANCELLED)
    assert "Nothing was charged" in till.says("payment_text")

    till.press(Qt.Key.Key_F5)

    till.wait_for_face(Face.PAGE)
    assert till.states() == ["open", "cancelled"]


def test_a_page_that_does_not_load_can_be_loaded_again(till: Till) -> None:
    till.sandbox.order("troubles", path="/c/pay", drop=True, times=100)
    till.open()
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)

    def assert_trouble() -> None:
        assert "cannot be reached" in till.says("checkout_trouble_what")

    till.qtbot.waitUntil(assert_trouble, timeout=10_000)
    till.end_troubles()
    till.click("checkout_load_again")

    till.pay(VISA)
    till.wait_for_face(Face.PAID)


def test_a_stripe_that_is_down_at_the_beginning_is_unknown_not_failed(till: Till) -> None:
    till.sandbox.order("troubles", path="/v1/checkout/sessions", method="POST", drop=True, times=2)
    till.open()

    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.UNKNOWN)
    assert "do not know" in till.says("payment_title")
    till.wait_for_face(Face.PAGE)
    assert len(till.sessions()) == 1


def test_a_payment_that_cannot_be_closed_says_so_and_is_closed_when_stripe_is_back(till: Till) -> None:
    till.open_page()
    till.sandbox.order("troubles", path="/v1/checkout/sessions/", method="POST", drop=True, times=2)

    till.press(Qt.Key.Key_Escape)

    till.wait_for_face(Face.STILL_OPEN)
    assert till.states() == ["open"]
    till.press(Qt.Key.Key_F9)
    till.wait_for_close()
    assert till.states() == ["cancelled"]


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_while_the_database_is_away_nothing_is_said_about_charges_but_what_stripe_says(
    till: Till, postgres: Cluster
) -> None:
    till.open_page()
    postgres.stop()
    try:
        till.wait_for_face(Face.PAGE_UNSEEN)
        assert "Whether anything was charged is not known" in till.says("payment_text")
        till.qtbot.waitUntil(lambda: "nothing was charged so far" in till.says("payment_detail"), timeout=15_000)
        till.pay_on_another_screen(VISA)

        till.press(Qt.Key.Key_F9)

        till.wait_for_face(Face.PAID_UNWRITTEN)
        assert till.says("payment_detail") == "Stripe says that it is paid. The database does not answer."
        assert not [each for each in till.dialog.findChildren(QLabel) if "Stripe does not answer" in each.text()]
    finally:
        postgres.start()

    till.wait_for_face(Face.PAID)
    assert till.states() == ["paid"]


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_what_cannot_be_taken_back_for_the_database_is_not_blamed_on_stripe(till: Till, postgres: Cluster) -> None:
    till.open_page()
    postgres.stop()
    try:
        till.press(Qt.Key.Key_Escape)

        till.wait_for_face(Face.NOT_CLOSED)
        assert "The database does not answer" in till.says("payment_detail")
    finally:
        postgres.start()

    till.wait_for_close()
    assert till.states() == ["cancelled"]


def test_an_invoice_that_another_desk_holds_says_who_and_since_when(till: Till) -> None:
    services = till.context.services
    order = till.order(DUE, 1000)
    answer(till.qtbot, till.context.thread, services.payments.begin(order, till.hospital.colleague))
    till.open()

    till.press(Qt.Key.Key_Return)

    till.wait_for_face(Face.HELD)
    assert "Sol Example" in till.says("payment_detail")
    assert "D2" in till.says("payment_detail")
    assert len(till.sessions()) == 1


def test_an_unfinished_payment_is_taken_up_on_its_page(till: Till) -> None:
    order = till.order(DUE, 5000)
    services = till.context.services
    answer(till.qtbot, till.context.thread, services.payments.begin(order, till.hospital.cashier))

    till.show(PaymentDialog.resume(till.context, order.payment_id, till.detail(), till.window))

    till.wait_for_face(Face.PAGE)
    assert till.says("payment_amount") == "50.00 €"
    till.pay(VISA)
    till.wait_for_face(Face.PART_PAID)
    assert till.says("payment_left") == "Still to pay: 70.00 €"
    assert "Take the rest, 70.00 €" in till.child(QPushButton, "payment_take_rest").text()
    assert till.states() == ["paid"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0", "above zero"),
        ("-5", "above zero"),
        ("120.01", "Only 120.00 € are due"),
        ("0.49", "too small"),
        ("1.999", "two ways"),
        ("12.3456", "decimal places"),
        ("ten", "not an amount"),
    ],
)
def test_an_amount_that_cannot_be_paid_is_explained_while_typing_and_begins_nothing(
    till: Till, typed: str, said: str
) -> None:
    dialog = till.open()

    till.type_amount(typed)
    assert said in till.says("amount_hint")
    till.press(Qt.Key.Key_Return)

    assert dialog.face is Face.AMOUNT
    assert said in till.says("amount_hint")
    assert till.states() == []


def test_an_empty_amount_is_explained_at_enter(till: Till) -> None:
    till.open()
    till.child(QLineEdit, "amount_field").clear()
    assert till.says("amount_hint") == "of 120.00 € due"

    till.press(Qt.Key.Key_Return)

    assert "not an amount" in till.says("amount_hint")


def test_an_invoice_below_stripes_minimum_says_so_at_once(till: Till) -> None:
    till.open(TINY)

    assert "too small" in till.says("amount_hint")


def test_a_currency_without_decimals_is_paid_in_whole_units(till: Till) -> None:
    till.open_page(IN_YEN)

    till.pay(VISA)

    till.wait_for_face(Face.PAID)
    assert till.says("payment_amount") == "12,000 ¥"


def test_a_part_payment_leaves_the_rest(till: Till) -> None:
    till.open()
    till.type_amount("40,50")
    assert till.says("amount_hint") == "of 120.00 € due, leaves 79.50 €"

    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)
    till.pay(VISA)

    till.wait_for_face(Face.PART_PAID)
    assert till.detail().row.balance.digits() == "79.50"


def choose_saved_card(till: Till) -> None:
    till.open()
    till.choose("tender_card_")
    till.child(QLineEdit, "amount_field").setFocus()


def charge_saved_card(till: Till) -> None:
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.TO_CHARGE)
    till.press(Qt.Key.Key_C, Qt.KeyboardModifier.AltModifier)


def test_a_saved_card_pays_without_a_page(till: Till) -> None:
    till.save_card(VISA)
    choose_saved_card(till)

    charge_saved_card(till)

    till.wait_for_face(Face.PAID)
    assert till.dialog.page is None
    assert till.states() == ["paid"]


def test_a_saved_card_that_the_bank_wants_confirmed_is_confirmed_on_its_page(till: Till) -> None:
    till.save_card(CHALLENGED)
    choose_saved_card(till)
    charge_saved_card(till)
    till.wait_for_face(Face.CHALLENGE)

    till.click_on_page("#complete")

    till.wait_for_face(Face.PAID)


def test_a_saved_card_that_the_bank_does_not_confirm_charges_nothing(till: Till) -> None:
    till.save_card(CHALLENGED)
    choose_saved_card(till)
    charge_saved_card(till)
    till.wait_for_face(Face.CHALLENGE)

    till.click_on_page("#fail")

    till.wait_for_face(Face.DECLINED)
    assert "Nothing was charged" in till.says("payment_text")
    till.press(Qt.Key.Key_F6)
    till.wait_for_face(Face.AMOUNT)
    assert till.states() == ["cancelled"]
    till.press(Qt.Key.Key_Return)
    till.wait_for_face(Face.PAGE)


def test_the_receipt_is_offered_when_paid(till: Till) -> None:
    till.open_page()
    till.pay(VISA)

    till.wait_for_face(Face.PAID)

    for name in ("payment_print", "payment_view", "payment_save"):
        assert till.child(QPushButton, name).isEnabled()
