"""A link for the patient, at the cashier's window: made, copied, ended, by keys."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import httpx
import msgspec
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.api_client import Scope
from cashier.books.payment import PaymentState
from cashier.desk.kit.qr_code import QrCode
from cashier.desk.links.payment_link_dialog import PaymentLinkDialog
from cashier.money import Money
from cashier.settings import Settings
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import CANCELLED, DUE, SampleHospital

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PUBLIC = "https://pay.hospital.example"


@pytest.fixture
def client() -> str:
    """Who takes what comes by links, in the settings."""
    return "Patient portal"


@pytest.fixture
def public_url() -> str:
    """Where patients find the companion."""
    return PUBLIC


@pytest.fixture
def settings(settings: Settings, client: str, public_url: str) -> Settings:
    """A desk that makes links."""
    companion = msgspec.structs.replace(settings.companion, public_url=public_url)
    page = msgspec.structs.replace(settings.payment_page, client=client)
    return msgspec.structs.replace(settings, companion=companion, payment_page=page)


class Screen:
    """The dialog on the screen and what a person does with it."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow) -> None:
        self.qtbot, self.desk = qtbot, desk

    @property
    def dialog(self) -> PaymentLinkDialog:
        return self.desk.find(PaymentLinkDialog, "payment_link_dialog")

    @property
    def url(self) -> str | None:
        return self.desk.find(QrCode, "link_code").address

    @property
    def letter(self) -> str:
        return self.desk.find(QPlainTextEdit, "link_letter").toPlainText()

    def wait_for_link(self) -> str:
        self.qtbot.waitUntil(lambda: self.url is not None, timeout=15_000)
        return self.url or ""

    def wait_for_words(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: text in self.desk.text("link_notice_text"), timeout=15_000)

    def wait_for_course(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: text in self.desk.text("link_course_text"), timeout=15_000)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.qtbot.waitUntil(self.dialog.isActiveWindow)
        focused: QWidget | None = self.dialog.focusWidget()
        QTest.keyClick(focused if focused is not None else self.dialog, key, modifiers)


@pytest.fixture
def screen(qtbot: QtBot, counter: Counter, hospital: SampleHospital, open_desk: DeskWindow) -> Callable[..., Screen]:
    """Choose an invoice and press Shift+F2: ``screen()``."""
    answer(
        qtbot,
        counter.thread,
        counter.services.clients.add("Patient portal", "WEB", tuple(Scope), hospital.administrator),
    )

    def make_link(number: str = DUE) -> Screen:
        open_desk.type(number)
        open_desk.press(Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == number, timeout=15_000)
        open_desk.press(Qt.Key.Key_F2, SHIFT)
        return Screen(qtbot, open_desk)

    return make_link


def test_shift_f2_makes_a_link_to_scan_and_says_until_when_it_holds(screen, hospital) -> None:
    shown = screen()

    url = shown.wait_for_link()

    assert url.startswith(f"{PUBLIC}/pay/")
    assert "It holds until" in shown.desk.text("link_until")
    assert shown.desk.text("link_notice_text") == ""
    (row,) = hospital.execute("SELECT invoice_id, made_by FROM payment_link")
    assert (row["invoice_id"], row["made_by"]) == (hospital.invoice_ids[DUE], hospital.cashier_id)


def test_enter_copies_the_text_of_an_e_mail_in_the_language_that_is_chosen(screen, qtbot) -> None:
    shown = screen()
    url = shown.wait_for_link()

    shown.press(Qt.Key.Key_Return)

    english = QGuiApplication.clipboard().text()
    assert url in english
    assert DUE in english
    assert "Núñez" not in english
    shown.desk.find(QPushButton, "letter_es").click()
    shown.press(Qt.Key.Key_Return)
    spanish = QGuiApplication.clipboard().text()
    assert url in spanish
    assert spanish != english
    assert "puede pagar" in spanish
    shown.press(Qt.Key.Key_A, CTRL | SHIFT)
    assert QGuiApplication.clipboard().text() == url


def test_a_link_that_is_ended_leads_nowhere_and_takes_back_what_was_begun(screen, counter, hospital, qtbot) -> None:
    shown = screen()
    secret = httpx.URL(shown.wait_for_link()).path.removeprefix("/pay/")
    page = counter.services.payment_page
    begun = page.begin(secret, uuid.uuid4(), Money(12_000, "EUR"), saves_card=False)
    assert answer(qtbot, counter.thread, begun).client_secret

    shown.press(Qt.Key.Key_Delete, CTRL)

    shown.wait_for_words("taken back; nothing was charged")
    assert shown.url is None
    assert shown.letter == ""
    (payment,) = hospital.execute("SELECT state FROM payment")
    assert payment["state"] == PaymentState.CANCELLED
    shown.press(Qt.Key.Key_Escape)
    dialog = shown.dialog
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog) or not dialog.isVisible())


def test_links_that_were_made_before_are_told_and_can_be_ended(screen, counter, hospital, qtbot) -> None:
    making = counter.services.payment_links.make(hospital.invoice_ids[DUE], hospital.colleague)
    shown_first = screen
    answer(qtbot, counter.thread, counter.services.clients.all(hospital.administrator))
    answer(qtbot, counter.thread, making)
    shown = shown_first()
    shown.wait_for_link()
    shown.wait_for_words("One link that was made before")

    shown.desk.find(QPushButton, "end_earlier_links").click()

    shown.wait_for_words("lead nowhere any more")
    held = answer(qtbot, counter.thread, counter.services.payment_links.of_invoice(hospital.invoice_ids[DUE]))
    assert len(held) == 1


def test_what_cannot_be_paid_gets_no_link_and_says_why(screen) -> None:
    shown = screen(CANCELLED)

    shown.wait_for_words("is cancelled")
    assert shown.url is None


@pytest.mark.parametrize("client", ["", "Nobody"])
def test_without_a_client_that_takes_payments_it_says_what_to_do(screen, client) -> None:
    shown = screen()

    shown.wait_for_words("[payment_page]")
    assert shown.url is None


@pytest.mark.parametrize("public_url", [""])
def test_in_training_it_says_that_a_phone_cannot_open_it_and_how_to_let_it(screen, public_url) -> None:
    shown = screen()

    shown.wait_for_words("cashier demo --phones")


def test_a_patient_who_pays_online_is_told_as_such_and_can_be_taken_over(
    screen, counter, hospital, qtbot, sandbox: RunningSandbox
) -> None:
    shown = screen()
    secret = httpx.URL(shown.wait_for_link()).path.removeprefix("/pay/")
    begun = counter.services.payment_page.begin(secret, uuid.uuid4(), Money(12_000, "EUR"), saves_card=False)
    answer(qtbot, counter.thread, begun)
    shown.press(Qt.Key.Key_Escape)

    shown.desk.press(Qt.Key.Key_F5)

    qtbot.waitUntil(lambda: "paying this invoice online" in shown.desk.text("detail_notice_text"), timeout=15_000)
    assert "Patient portal" in shown.desk.text("detail_notice_text")
    assert shown.desk.find(QPushButton, "take_over_payment").isVisible()


def test_the_dialog_follows_the_patient_from_the_opened_page_to_the_receipt(
    screen, counter, qtbot, sandbox: RunningSandbox
) -> None:
    shown = screen()
    secret = httpx.URL(shown.wait_for_link()).path.removeprefix("/pay/")
    page, attempt, due = counter.services.payment_page, uuid.uuid4(), Money(12_000, "EUR")
    shown.wait_for_course("was not opened so far")

    answer(qtbot, counter.thread, page.open(secret))
    shown.wait_for_course("was opened once")
    answer(qtbot, counter.thread, page.begin(secret, attempt, due, saves_card=False))
    shown.wait_for_course("is paying 120.00 € on the page")
    answer(qtbot, counter.thread, page.cancel(secret, attempt))
    shown.wait_for_course("given up; nothing was charged")
    begun = answer(qtbot, counter.thread, page.begin(secret, uuid.uuid4(), due, saves_card=False))
    intent_id = (begun.client_secret or "").partition("_secret_")[0]
    sandbox.ask(f"/v1/payment_intents/{intent_id}/confirm", payment_method="pm_card_visa")

    # Nobody tells of it but Stripe, which is asked after a few silent seconds.
    shown.wait_for_course("Paid by this link: 120.00 €. Receipt ")
    assert (shown.url, shown.letter) == (None, "")
    assert not shown.desk.find(QPushButton, "end_link").isEnabled()
    assert shown.dialog.focusWidget() is shown.desk.find(QPushButton, "link_close")


def test_the_dialog_says_that_a_link_has_run_out_or_was_ended_or_pays_nothing_any_more(
    screen, counter, hospital, qtbot
) -> None:
    shown = screen()
    shown.wait_for_link()
    shown.wait_for_course("was not opened so far")

    hospital.execute("UPDATE invoice SET status = 'cancelled' WHERE number = :number", number=DUE)
    shown.wait_for_course("Nothing is due for this invoice any more")
    assert shown.url is not None
    (link,) = hospital.execute("SELECT id FROM payment_link")
    ending = counter.services.payment_links.end(uuid.UUID(str(link["id"])), hospital.colleague)
    answer(qtbot, counter.thread, ending)

    shown.wait_for_course("Somebody has ended this link")
    assert shown.url is None
