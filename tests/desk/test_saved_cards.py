"""The saved cards of a patient, at the cashier's window: by keys, against the sandbox."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.payment import PaymentState
from cashier.desk.cards.saved_cards_dialog import SavedCardsDialog
from cashier.payments.views import PaymentView
from cashier.tenders.tender import Tender
from tests.cards.wallet import Wallet
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.orders import order_for
from tests.surroundings.plain_http import PLAIN
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, SampleHospital

CTRL = Qt.KeyboardModifier.ControlModifier


class Screen:
    """The dialog on the screen and what a person does with it."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow) -> None:
        self.qtbot, self.desk = qtbot, desk

    @property
    def dialog(self) -> SavedCardsDialog:
        return self.desk.find(SavedCardsDialog, "saved_cards_dialog")

    def rows(self) -> list[tuple[str, str, str]]:
        """Return what stands there: card, expiry and status; of a status its first word."""
        shown = self.dialog.table.rows
        return [
            (shown.text(row, "card"), shown.text(row, "expires"), shown.text(row, "status").split(" ")[0])
            for row in range(shown.rowCount())
        ]

    def cards(self) -> list[str]:
        """Return last four digits and status of every row."""
        return [f"{card[-4:]} {status}".strip() for card, _expiry, status in self.rows()]

    def wait_for(self, *wanted: str) -> None:
        def assert_shown() -> None:
            assert self.cards() == list(wanted)

        self.qtbot.waitUntil(assert_shown, timeout=15_000)

    def wait_for_words(self, text: str) -> None:
        def assert_said() -> None:
            assert text in self.desk.text("saved_cards_notice_text")

        self.qtbot.waitUntil(assert_said, timeout=15_000)

    def press(self, key: Qt.Key) -> None:
        """Press a key in the table, where the keyboard is."""
        QTest.keyClick(self.dialog.table, key)

    def question(self) -> QDialog:
        return self.desk.find(QDialog, "remove_card_dialog")

    def remove(self) -> None:
        """Have the chosen card removed, and confirm the question."""
        self.press(Qt.Key.Key_Delete)
        question = self.question()
        # A key combination belongs to the active window.
        self.qtbot.waitUntil(question.isActiveWindow)
        focused: QWidget | None = question.focusWidget()
        QTest.keyClick(focused if focused is not None else question, Qt.Key.Key_Delete, CTRL)
        self.qtbot.waitUntil(lambda: not shiboken6.isValid(question))

    def can(self, name: str) -> bool:
        return self.desk.find(QPushButton, name).isEnabled()


@pytest.fixture
def patient_id(hospital: SampleHospital) -> int:
    """The patient of the first invoice."""
    row = hospital.execute("SELECT patient_id FROM invoice WHERE id = :id", id=hospital.invoice_ids[DUE])[0]
    return int(row["patient_id"])


@pytest.fixture
def wallet(counter: Counter, sandbox: RunningSandbox, patient_id: int) -> Wallet:
    """The patient's cards at Stripe: none yet."""
    return Wallet(sandbox, answer(counter.qtbot, counter.thread, counter.services.cards.customer_of(patient_id)))


@pytest.fixture
def save(counter: Counter, wallet: Wallet, patient_id: int) -> Callable[[str], str]:
    """Save a card at Stripe and take it in."""

    def save(card: str) -> str:
        stripe_id = wallet.save(card)
        answer(counter.qtbot, counter.thread, counter.services.cards.refresh(patient_id))
        return stripe_id

    return save


@pytest.fixture
def screen(qtbot: QtBot, open_desk: DeskWindow) -> Callable[[], Screen]:
    """Choose the first invoice and press Ctrl+B: ``screen()``."""

    def open_cards() -> Screen:
        open_desk.type(DUE)
        open_desk.press(Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE, timeout=15_000)
        open_desk.press(Qt.Key.Key_B, CTRL)
        return Screen(qtbot, open_desk)

    return open_cards


def charge(counter: Counter, hospital: SampleHospital, card_id: int) -> PaymentView:
    """Charge a saved card at another desk."""
    order = order_for(hospital, tender=Tender.SAVED_CARD, saved_card_id=card_id)
    return answer(counter.qtbot, counter.thread, counter.services.payments.begin(order, hospital.colleague))


def test_f6_shows_the_cards_as_stripe_has_them_now(wallet: Wallet, save, screen) -> None:
    save("visa")
    mastercard = save("mastercard")
    # Neither of these was told to us.
    wallet.save("amex")
    wallet.renew(mastercard, month=7, year=2035)

    shown = screen()

    shown.wait_for("4242 Default", "0005", "4444")
    assert shown.dialog.windowTitle() == "Saved cards of Ana Núñez"
    assert ("Mastercard •••• 4444", "07/2035", "") in shown.rows()


def test_an_expired_card_says_so(wallet: Wallet, save, screen) -> None:
    wallet.renew(save("visa"), month=1, year=2020)

    shown = screen()

    shown.wait_for("4242 Default,")
    assert shown.dialog.table.rows.text(0, "status") == "Default, but expired"


def test_without_a_card_it_says_how_one_is_saved(qtbot: QtBot, screen) -> None:
    shown = screen()

    qtbot.waitUntil(lambda: "the patient can agree" in shown.desk.text("saved_cards_empty"))
    assert not shown.can("remove_card")
    assert not shown.can("make_card_default")


def test_another_card_becomes_the_default_with_arrow_and_d(save, screen) -> None:
    save("visa"), save("mastercard")
    shown = screen()
    shown.wait_for("4242 Default", "4444")
    assert not shown.can("make_card_default")

    shown.press(Qt.Key.Key_Down)
    shown.press(Qt.Key.Key_D)

    shown.wait_for("4444 Default", "4242")
    shown.wait_for_words("Mastercard •••• 4444 is offered first from now on.")
    # The cashier still stands on the card that was changed.
    assert shown.dialog.table.currentIndex().row() == 0
    assert shown.dialog.table.hasFocus()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Space])
def test_removing_asks_first_and_enter_keeps_the_card(wallet: Wallet, save, screen, key) -> None:
    visa = save("visa")
    shown = screen()
    shown.wait_for("4242 Default")

    shown.press(Qt.Key.Key_Delete)
    focus = shown.question().focusWidget()
    assert focus is not None
    assert focus.objectName() == "remove_card_no"
    question = shown.question()
    QTest.keyClick(focus, key)

    shown.qtbot.waitUntil(lambda: not shiboken6.isValid(question))
    assert shown.cards() == ["4242 Default"]
    assert wallet.held() == {visa}


def test_a_removed_card_goes_at_stripe_and_stays_below_as_history(wallet: Wallet, save, screen) -> None:
    save("visa")
    mastercard = save("mastercard")
    shown = screen()
    shown.wait_for("4242 Default", "4444")

    shown.remove()

    shown.wait_for("4444 Default", "4242 Removed")
    shown.wait_for_words("Visa •••• 4242 was removed.")
    assert wallet.held() == {mastercard}


def test_what_was_removed_can_only_be_looked_at(save, screen) -> None:
    save("visa")
    shown = screen()
    shown.wait_for("4242 Default")
    shown.remove()
    shown.wait_for("4242 Removed")

    shown.press(Qt.Key.Key_Delete)
    shown.press(Qt.Key.Key_D)

    assert shown.desk.window.findChild(QDialog, "remove_card_dialog") is None
    assert not shown.can("remove_card")
    assert not shown.can("make_card_default")


def test_enter_changes_nothing(wallet: Wallet, save, screen) -> None:
    save("visa"), save("mastercard")
    shown = screen()
    shown.wait_for("4242 Default", "4444")

    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
        shown.press(key)

    assert shown.cards() == ["4242 Default", "4444"]
    assert shown.desk.window.findChild(QDialog, "remove_card_dialog") is None
    assert len(wallet.held()) == 2


def test_a_card_that_pays_at_another_desk_is_not_removed(
    counter: Counter, hospital: SampleHospital, wallet: Wallet, save, screen, patient_id: int
) -> None:
    save("authenticationRequired")
    shown = screen()
    shown.wait_for("3184 Default")
    (card,) = answer(counter.qtbot, counter.thread, counter.services.cards.of_patient(patient_id))
    assert charge(counter, hospital, card.id).state is PaymentState.OPEN

    shown.remove()

    shown.wait_for_words("A payment with this card is under way.")
    assert shown.cards() == ["3184 Default"]
    assert len(wallet.held()) == 1
    shown.qtbot.waitUntil(lambda: shown.can("remove_card"))


def test_a_card_that_was_removed_elsewhere_meanwhile_is_shown_as_such(
    counter: Counter, hospital: SampleHospital, save, screen, patient_id: int
) -> None:
    save("visa"), save("mastercard")
    shown = screen()
    shown.wait_for("4242 Default", "4444")
    cards = answer(counter.qtbot, counter.thread, counter.services.cards.of_patient(patient_id))
    answer(counter.qtbot, counter.thread, counter.services.cards.remove(cards[1].id, hospital.colleague))

    shown.press(Qt.Key.Key_Down)
    shown.press(Qt.Key.Key_D)

    shown.wait_for_words("This card was removed meanwhile.")
    shown.wait_for("4242 Default", "4444 Removed")


def test_without_stripe_the_cards_known_last_are_shown_and_nothing_is_removed(
    sandbox: RunningSandbox, wallet: Wallet, save, screen
) -> None:
    visa = save("visa")
    sandbox.order("troubles", path="/v1/customers/", drop=True, times=1000)
    sandbox.order("troubles", path="/v1/payment_methods/", drop=True, times=1000)

    shown = screen()
    shown.wait_for_words("as they were known last")
    shown.wait_for("4242 Default")
    shown.remove()
    shown.wait_for_words("Stripe does not answer.")

    assert shown.cards() == ["4242 Default"]
    httpx.delete(f"{sandbox.url}/_sandbox/troubles", trust_env=False, verify=PLAIN)
    assert wallet.held() == {visa}


def test_esc_closes_and_the_search_has_the_keyboard_again(qtbot: QtBot, save, screen) -> None:
    save("visa")
    shown = screen()
    shown.wait_for("4242 Default")
    dialog, desk = shown.dialog, shown.desk

    shown.press(Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    qtbot.waitUntil(lambda: desk.focused() == "search")


def test_an_open_payment_sheet_offers_a_card_that_comes_in_meanwhile_and_moves_nothing(
    wallet: Wallet, counter: Counter, save: Callable[[str], str], open_desk: DeskWindow, qtbot: QtBot
) -> None:
    open_desk.type(DUE)
    open_desk.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: open_desk.text("detail_invoice") == DUE, timeout=15_000)
    open_desk.press(Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: open_desk.window.findChild(QRadioButton, "tender_cash") is not None, timeout=15_000)
    QTest.mouseClick(open_desk.find(QRadioButton, "tender_cash"), Qt.MouseButton.LeftButton)
    QTest.keyClicks(open_desk.find(QLineEdit, "tendered_field"), "150")
    places = {each.objectName(): each.pos() for each in open_desk.window.findChildren(QRadioButton)}

    save("visa")

    def offered() -> list[str]:
        return [each.objectName() for each in open_desk.window.findChildren(QRadioButton) if each.isVisible()]

    qtbot.waitUntil(lambda: any(name.startswith("tender_card_") for name in offered()), timeout=30_000)
    assert open_desk.find(QRadioButton, "tender_cash").isChecked()
    assert open_desk.find(QLineEdit, "tendered_field").text() == "150"
    assert open_desk.focused() == "tendered_field"
    assert {name: open_desk.find(QRadioButton, name).pos() for name in places} == places
