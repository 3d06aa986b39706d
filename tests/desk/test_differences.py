"""Differences between Stripe and our books, at the desk of a supervisor, an auditor and a cashier."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot

from cashier.books.difference import DifferenceKind
from cashier.clock import now
from cashier.desk.differences.difference_words import DIFFERENCE_WORDS
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.reconciliation.views import DifferenceView
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, SampleHospital

DISPUTED_LATER = "4000000000000259"


@pytest.fixture
def role() -> str:
    """Whose window it is."""
    return "supervisor"


@pytest.fixture
def at_desk(hospital: SampleHospital, role: str, request: pytest.FixtureRequest) -> DeskWindow:
    """The window of somebody in ``role``."""
    hospital.execute("UPDATE staff SET role = :role WHERE id = 1", role=role)
    desk: DeskWindow = request.getfixturevalue("open_desk")
    return desk


def charge_without_a_desk(sandbox: RunningSandbox) -> None:
    sandbox.ask("/v1/payment_intents", amount="700", currency="eur", payment_method="pm_card_visa", confirm="true",
                return_url="https://example.com", **{"metadata[cashier_payment]": "of another database"})  # fmt: skip


def sale_of_a_shop(sandbox: RunningSandbox) -> None:
    sandbox.ask("/v1/payment_intents", amount="2500", currency="eur", payment_method="pm_card_visa", confirm="true",
                return_url="https://example.com")  # fmt: skip


def dispute(counter: Counter, sandbox: RunningSandbox) -> None:
    """Have the due invoice paid by somebody who then disputes it."""
    payment = counter.begin(counter.hospital.colleague)
    assert payment.page_url is not None
    sandbox.pay_on_page(payment.page_url, card=DISPUTED_LATER)
    answer(counter.qtbot, counter.thread, counter.services.payments.refresh(payment.id))


def open_differences(counter: Counter) -> tuple[DifferenceView, ...]:
    return answer(
        counter.qtbot, counter.thread, counter.services.reconciliation.open_differences(counter.hospital.colleague)
    )


def go_and_compare(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.press(Qt.Key.Key_F8)
    desk.press(Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: "are compared" in desk.text("differences_notice_text"), timeout=15_000)


def settle(qtbot: QtBot, desk: DeskWindow, words: str) -> None:
    desk.press(Qt.Key.Key_Return)
    dialog = desk.find(QDialog, "settle_dialog")
    field = dialog.findChild(QPlainTextEdit)
    assert field is not None
    QTest.keyClicks(field, words)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_every_kind_of_difference_has_words() -> None:
    assert set(DIFFERENCE_WORDS) == set(DifferenceKind)
    assert len({words.title for words in DIFFERENCE_WORDS.values()}) == len(DifferenceKind)


def test_a_comparison_says_how_many_are_new_and_the_header_counts_them(
    qtbot: QtBot, at_desk: DeskWindow, sandbox: RunningSandbox
) -> None:
    charge_without_a_desk(sandbox)

    go_and_compare(qtbot, at_desk)

    assert at_desk.text("differences_notice_text") == "The last 48 hours are compared: 1 new difference."
    qtbot.waitUntil(lambda: at_desk.text("differences_count") == "1 open")
    qtbot.waitUntil(lambda: at_desk.text("difference_title") == "Charge nobody here asked for")
    assert at_desk.text("difference_amount") == "7.00 €"
    assert "refund it there" in at_desk.text("difference_advice")


def test_where_both_agree_it_says_so(qtbot: QtBot, at_desk: DeskWindow) -> None:
    go_and_compare(qtbot, at_desk)

    qtbot.waitUntil(lambda: "Stripe and our books agree" in at_desk.text("differences_empty"))
    assert re.fullmatch(
        r"From \d\d \w+ \d{4}, [\d:]+ to \d\d \w+ \d{4}, [\d:]+, Stripe and our books agree, or what differed is "
        r"settled\. Compared on \d\d \w+ \d{4}, [\d:]+\.",
        at_desk.text("differences_empty"),
    )
    assert not at_desk.text("differences_count")


def test_a_comparison_that_stripe_does_not_answer_says_so(
    qtbot: QtBot, at_desk: DeskWindow, sandbox: RunningSandbox
) -> None:
    at_desk.press(Qt.Key.Key_F8)
    sandbox.order("troubles", path="/v1/charges", drop=True, times=10)

    at_desk.press(Qt.Key.Key_F9)

    qtbot.waitUntil(
        lambda: at_desk.text("differences_notice_text").startswith("Stripe does not answer."), timeout=15_000
    )
    assert at_desk.find(QPushButton, "compare_now").isEnabled()


def test_a_difference_is_settled_with_words_and_can_be_read_afterwards(
    qtbot: QtBot, at_desk: DeskWindow, counter: Counter, sandbox: RunningSandbox
) -> None:
    charge_without_a_desk(sandbox)
    go_and_compare(qtbot, at_desk)
    qtbot.waitUntil(lambda: bool(at_desk.text("difference_title")))

    settle(qtbot, at_desk, "A test charge by IT; refunded.")

    qtbot.waitUntil(lambda: "or what differed is settled" in at_desk.text("differences_empty"))
    said = "Casey Sample settled the difference of 7.00 €: “A test charge by IT; refunded.”."
    assert at_desk.text("differences_notice_text").startswith(said)
    qtbot.waitUntil(lambda: not at_desk.text("differences_count"))
    at_desk.find(QPushButton, "differences_settled").click()
    qtbot.waitUntil(lambda: at_desk.text("difference_resolution") == "A test charge by IT; refunded.")
    assert at_desk.text("difference_resolved").startswith("Casey Sample, ")
    assert not at_desk.find(QPushButton, "settle_difference").isVisible()


def test_settling_without_words_is_refused_and_loses_nothing(
    qtbot: QtBot, at_desk: DeskWindow, counter: Counter, sandbox: RunningSandbox
) -> None:
    charge_without_a_desk(sandbox)
    go_and_compare(qtbot, at_desk)
    qtbot.waitUntil(lambda: bool(at_desk.text("difference_title")))

    settle(qtbot, at_desk, " ")

    qtbot.waitUntil(lambda: at_desk.text("settle_notice_text").startswith("Say what was done about it."))
    assert len(open_differences(counter)) == 1
    at_desk.find(QDialog, "settle_dialog").reject()


def test_the_invoice_behind_a_difference_is_one_key_away(
    qtbot: QtBot, at_desk: DeskWindow, counter: Counter, sandbox: RunningSandbox
) -> None:
    dispute(counter, sandbox)
    go_and_compare(qtbot, at_desk)
    qtbot.waitUntil(lambda: at_desk.window.findChild(QLabel, "difference_title") is not None)
    qtbot.waitUntil(
        lambda: at_desk.window.findChild(
            QPushButton, f"difference_invoice_{counter.hospital.invoice_ids[DUE]}"
        ) is not None
    )  # fmt: skip

    at_desk.press(Qt.Key.Key_F3)

    qtbot.waitUntil(lambda: at_desk.text("detail_invoice") == DUE)
    assert at_desk.focused() == "search"


def test_stripes_name_of_a_difference_is_copied_and_what_was_left_out_is_counted(
    qtbot: QtBot, at_desk: DeskWindow, counter: Counter, sandbox: RunningSandbox
) -> None:
    charge_without_a_desk(sandbox)
    sale_of_a_shop(sandbox)
    go_and_compare(qtbot, at_desk)
    qtbot.waitUntil(lambda: bool(at_desk.text("difference_title")))
    left_out = "In the last 48 hours, 1 sale of other programs on the account was left out."
    qtbot.waitUntil(lambda: at_desk.text("differences_left_out") == left_out)
    (difference,) = open_differences(counter)

    at_desk.find(ChosenRowTable, "difference_table").setFocus()
    at_desk.press(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == difference.stripe_id
    QGuiApplication.clipboard().clear()
    at_desk.find(QPushButton, f"copy_{difference.stripe_id}").click()
    assert QGuiApplication.clipboard().text() == difference.stripe_id


def test_what_is_found_behind_the_window_is_counted_without_a_key(
    qtbot: QtBot, at_desk: DeskWindow, counter: Counter, sandbox: RunningSandbox, hospital: SampleHospital
) -> None:
    assert not at_desk.text("differences_count")

    hospital.execute(
        "INSERT INTO difference (kind, stripe_id, amount_minor, currency, detail, happened_at, found_at) "
        "VALUES ('unknown_charge', 'ch_1', 700, 'EUR', 'Unknown.', '2026-11-02 10:00:00', '2026-11-02 10:00:00')"
    )

    qtbot.waitUntil(lambda: at_desk.text("differences_count") == "1 open")


def test_money_that_the_bank_took_is_decided_at_the_desk_and_has_its_paper(
    qtbot: QtBot, at_desk: DeskWindow, counter: Counter, sandbox: RunningSandbox
) -> None:
    dispute(counter, sandbox)
    (disputed,) = sandbox.ask("/v1/disputes")["data"]
    sandbox.ask(f"/v1/disputes/{disputed['id']}/close", **{"expand[]": "charge"})
    go_and_compare(qtbot, at_desk)
    qtbot.waitUntil(lambda: at_desk.text("differences_count") == "1 open")
    qtbot.waitUntil(lambda: at_desk.text("difference_title") == "Taken back by the bank")

    at_desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: at_desk.window.findChild(QDialog, "reversal_dialog") is not None, timeout=15_000)
    dialog = at_desk.find(QDialog, "reversal_dialog")
    (difference,) = open_differences(counter)
    assert difference.patient is not None
    assert at_desk.text("reversal_patient") == str(difference.patient.called)
    assert difference.patient.record_number in at_desk.text("reversal_patient_known_by")
    assert at_desk.text("reversal_counts") == f"It counts: 120.00 € on {DUE}."
    at_desk.find(QPushButton, "reversal_ok").click()
    assert at_desk.text("reversal_notice_text") == "Choose who bears it."
    at_desk.find(QRadioButton, "reversal_owed_again").click()
    field = dialog.findChild(QPlainTextEdit)
    assert field is not None
    QTest.keyClicks(field, "The patient pays again.")
    QTest.keyClick(field, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: at_desk.window.findChild(QDialog, "decision_dialog") is not None, timeout=15_000)
    at_desk.find(QDialog, "decision_dialog").reject()
    said = "Casey Sample decided about 120.00 €: The patient owes it again."
    assert at_desk.text("differences_notice_text").startswith(said)
    qtbot.waitUntil(lambda: not at_desk.text("differences_count"))
    at_desk.find(QPushButton, "differences_settled").click()
    qtbot.waitUntil(lambda: at_desk.window.findChild(QPushButton, "difference_paper") is not None)


@pytest.mark.parametrize("role", ["auditor"])
def test_an_auditor_sees_differences_and_changes_nothing(
    qtbot: QtBot, at_desk: DeskWindow, counter: Counter, sandbox: RunningSandbox, hospital: SampleHospital
) -> None:
    dispute(counter, sandbox)
    past, future = now() - timedelta(hours=1), now() + timedelta(hours=1)
    answer(qtbot, counter.thread, counter.services.reconciliation.compare(past, future))
    qtbot.waitUntil(lambda: at_desk.text("differences_count") == "1 open")

    at_desk.press(Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: at_desk.text("difference_title") == "Disputed by the cardholder")
    at_desk.press(Qt.Key.Key_Return)

    assert at_desk.window.findChild(QDialog, "settle_dialog") is None
    assert not at_desk.find(QPushButton, "settle_difference").isVisible()
    assert not at_desk.find(QPushButton, "compare_now").isVisible()


@pytest.mark.parametrize("role", ["cashier"])
def test_a_cashier_does_not_see_differences(at_desk: DeskWindow) -> None:
    at_desk.press(Qt.Key.Key_F8)

    assert not at_desk.find(QPushButton, "show_differences").isVisible()
    assert at_desk.window.findChild(ChosenRowTable, "difference_table") is None
