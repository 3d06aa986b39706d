"""What the desk shows while the database or Stripe does not answer, and while an outcome is not known."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QRadioButton
from pytestqt.qtbot import QtBot

from cashier import clock
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from tests.desk.surroundings import hands
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.faults.moved_clock import moved
from tests.surroundings.plain_http import PLAIN
from tests.surroundings.postgres import Cluster
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, SampleHospital

LONG_MS = 30_000


def look_at(qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital) -> None:
    desk.page.list.choose(hospital.invoice_ids[DUE])
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)


def silence_stripe(sandbox: RunningSandbox) -> None:
    sandbox.order("troubles", path="/v1/", drop=True, times=1000)


def end_silence(sandbox: RunningSandbox) -> None:
    httpx.delete(f"{sandbox.url}/_sandbox/troubles", trust_env=False, verify=PLAIN)


def test_a_banner_says_that_stripe_does_not_answer_and_goes_by_itself(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital, sandbox: RunningSandbox
) -> None:
    look_at(qtbot, open_desk, hospital)
    take_payment = open_desk.find(QPushButton, "take_payment")
    qtbot.waitUntil(take_payment.isEnabled)

    silence_stripe(sandbox)
    open_desk.press(Qt.Key.Key_F5)

    qtbot.waitUntil(
        lambda: open_desk.text("stripe_outage_text").startswith("Stripe does not answer. Cards cannot be taken"),
        timeout=LONG_MS,
    )
    assert take_payment.isEnabled(), "cash needs no Stripe"

    end_silence(sandbox)

    qtbot.waitUntil(lambda: not open_desk.text("stripe_outage_text"), timeout=LONG_MS)


def test_while_stripe_does_not_answer_only_what_needs_no_stripe_can_be_begun(
    qtbot: QtBot, open_desk: DeskWindow, hospital: SampleHospital, sandbox: RunningSandbox
) -> None:
    look_at(qtbot, open_desk, hospital)
    silence_stripe(sandbox)
    open_desk.press(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: bool(open_desk.text("stripe_outage_text")), timeout=LONG_MS)

    open_desk.press(Qt.Key.Key_F2)

    def tenders() -> dict[str, str]:
        buttons = open_desk.window.findChildren(QRadioButton)
        return {each.objectName(): each.text() for each in buttons if each.objectName().startswith("tender_")}

    qtbot.waitUntil(lambda: "tender_cash" in tenders())
    assert {name for name, said in tenders().items() if "Stripe does not answer" not in said} == {
        "tender_cash", "tender_cheque", "tender_bank_transfer", "tender_external_terminal"
    }  # fmt: skip
    dialog = open_desk.window.findChild(PaymentDialog)
    assert dialog is not None
    with hands.keys_of_hands():
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert dialog.face is Face.AMOUNT
    assert "Stripe does not answer." in open_desk.text("amount_hint")
    dialog.reject()
    end_silence(sandbox)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_banner_says_that_the_database_does_not_answer_and_the_screen_comes_back(
    qtbot: QtBot,
    postgres: Cluster,
    open_desk: DeskWindow,
    hospital: SampleHospital,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look_at(qtbot, open_desk, hospital)

    postgres.stop()
    try:
        open_desk.press(Qt.Key.Key_F5)
        qtbot.waitUntil(
            lambda: open_desk.text("database_outage_text").startswith("The database does not answer."),
            timeout=LONG_MS,
        )
        assert not open_desk.find(QPushButton, "take_payment").isEnabled()
        assert open_desk.text("take_payment_reason") == "Not just now: The database does not answer."
    finally:
        postgres.start()

    qtbot.waitUntil(lambda: not open_desk.text("database_outage_text"), timeout=LONG_MS)
    qtbot.waitUntil(open_desk.find(QPushButton, "take_payment").isEnabled, timeout=LONG_MS)
    qtbot.waitUntil(lambda: not open_desk.text("detail_failure_text") and not open_desk.text("list_notice_text"))
    hospital.execute("UPDATE patient SET phone = '+44 1632 960111' WHERE id = 1")
    open_desk.press(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "960111" in open_desk.text("detail_contact"))

    monkeypatch.setattr(clock, "_ahead", [timedelta()])
    monkeypatch.setattr(clock, "datetime", moved(timedelta(minutes=16)))
    open_desk.press(Qt.Key.Key_F5)
    qtbot.waitUntil(
        lambda: open_desk.text("wrong_clock_text").startswith("This machine's clock is 16 minutes ahead"),
        timeout=LONG_MS,
    )
    assert open_desk.find(QPushButton, "take_payment").isEnabled()
    monkeypatch.undo()
    open_desk.press(Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: not open_desk.text("wrong_clock_text"), timeout=LONG_MS)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_f9_asks_stripe_without_the_database_and_says_what_it_answers(
    qtbot: QtBot,
    postgres: Cluster,
    open_desk: DeskWindow,
    counter: Counter,
    hospital: SampleHospital,
    sandbox: RunningSandbox,
) -> None:
    look_at(qtbot, open_desk, hospital)
    payment = counter.begin(hospital.cashier)
    qtbot.waitUntil(lambda: "Stripe waits for the card" in open_desk.text("detail_notice_text"))
    assert payment.page_url is not None

    postgres.stop()
    try:
        sandbox.pay_on_page(payment.page_url)
        open_desk.press(Qt.Key.Key_F9)
        said = "Stripe says that it is paid. The database does not answer. It is written down by itself"
        qtbot.waitUntil(lambda: said in open_desk.text("detail_notice_text"), timeout=LONG_MS)
        assert "do not know yet" not in open_desk.text("detail_notice_text")
        open_desk.press(Qt.Key.Key_F5)
        qtbot.waitUntil(lambda: bool(open_desk.text("database_outage_text")), timeout=LONG_MS)
        assert said in open_desk.text("detail_notice_text")
    finally:
        postgres.start()

    qtbot.waitUntil(lambda: open_desk.text("detail_settled").startswith("Paid "), timeout=LONG_MS)
    assert not open_desk.text("detail_notice_text")


def test_what_is_not_known_is_said_beside_the_invoice_and_asked_about(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital, sandbox: RunningSandbox
) -> None:
    look_at(qtbot, open_desk, hospital)
    payment = counter.begin(hospital.cashier)
    qtbot.waitUntil(lambda: "Stripe waits for the card" in open_desk.text("detail_notice_text"))
    assert "It began at this desk on" in open_desk.text("detail_notice_text")
    qtbot.waitUntil(lambda: open_desk.cell(DUE, "status") == "Being paid, D1")

    silence_stripe(sandbox)

    qtbot.waitUntil(
        lambda: "We do not know yet how it stands" in open_desk.text("detail_notice_text"), timeout=LONG_MS
    )
    end_silence(sandbox)
    assert payment.page_url is not None
    sandbox.pay_on_page(payment.page_url)
    # Nobody pressed a key, and no webhook comes: the desk asks by itself.
    qtbot.waitUntil(lambda: open_desk.text("detail_settled").startswith("Paid "), timeout=LONG_MS)
    assert not open_desk.text("detail_notice_text")


def test_f9_asks_stripe_directly_and_says_what_it_answered(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital
) -> None:
    look_at(qtbot, open_desk, hospital)
    counter.begin(hospital.colleague)
    qtbot.waitUntil(open_desk.find(QPushButton, "ask_stripe").isVisible)

    open_desk.press(Qt.Key.Key_F9)

    qtbot.waitUntil(lambda: "Stripe was asked at" in open_desk.text("detail_notice_text"))
    assert open_desk.text("detail_notice_text").endswith("waiting for the card.")


def test_f9_finds_a_payment_that_went_through(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital, sandbox: RunningSandbox
) -> None:
    look_at(qtbot, open_desk, hospital)
    payment = counter.begin(hospital.colleague)
    qtbot.waitUntil(open_desk.find(QPushButton, "ask_stripe").isVisible)
    assert payment.page_url is not None
    sandbox.pay_on_page(payment.page_url)

    open_desk.press(Qt.Key.Key_F9)

    qtbot.waitUntil(lambda: open_desk.text("detail_settled").startswith("Paid "), timeout=2000)


def test_f9_says_so_when_stripe_cannot_be_asked(
    qtbot: QtBot, open_desk: DeskWindow, counter: Counter, hospital: SampleHospital, sandbox: RunningSandbox
) -> None:
    look_at(qtbot, open_desk, hospital)
    counter.begin(hospital.cashier)
    qtbot.waitUntil(open_desk.find(QPushButton, "ask_stripe").isVisible)
    silence_stripe(sandbox)

    open_desk.press(Qt.Key.Key_F9)

    words = "We do not know yet how it stands: Stripe does not answer."
    qtbot.waitUntil(lambda: words in open_desk.text("detail_notice_text"), timeout=LONG_MS)
