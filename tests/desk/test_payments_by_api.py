"""What comes by the API is seen at the desk: a client of plain HTTP on one side, the cashier's window on the other.

The companion is a process of its own, to which Stripe's stand-in sends its webhooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.api_client import Scope
from cashier.desk.cards.saved_cards_dialog import SavedCardsDialog
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.keychain import Secret
from cashier.settings import Settings
from tests.conftest import FileWriter
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.refund_screen import ALT, CTRL, Screen
from tests.surroundings.hospital_system import HospitalSystem
from tests.surroundings.processes import started
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT, SampleHospital

PORTAL = "Patient portal"
ANA = "MRN-0000101"
VISA, DECLINED = "pm_card_visa", "pm_card_visa_chargeDeclinedInsufficientFunds"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings of a desk and of a companion with the API."""
    stripe = msgspec.structs.replace(settings.stripe, publishable_key="pk_test_cashiertests")
    companion = msgspec.structs.replace(settings.companion, requests_per_minute=0)
    return msgspec.structs.replace(settings, stripe=stripe, companion=companion)


@pytest.fixture
def role() -> str:
    """Whose window it is."""
    return "cashier"


@pytest.fixture
def system(
    counter: Counter,
    hospital: SampleHospital,
    sandbox: RunningSandbox,
    settings: Settings,
    secrets: dict[str, str],
    write_settings: FileWriter,
    tmp_path: Path,
) -> Iterator[HospitalSystem]:
    """The hospital's system, with a key for everything; the companion runs, and Stripe sends it webhooks."""
    secret = sandbox.add_webhook_endpoint(f"{settings.companion.url}/stripe/webhook")
    made = counter.services.clients.add(PORTAL, "WEB", tuple(Scope), hospital.administrator)
    key = answer(counter.qtbot, counter.thread, made).text
    environment = {**secrets, Secret.WEBHOOK_SECRETS.variable: secret}
    with started("companion", "--settings", str(write_settings(settings)), environment=environment, folder=tmp_path):
        system = HospitalSystem(settings.companion.url, key)
        yield system
        system.http.close()


class Desk:
    """The window, and what stands there about what the system does."""

    def __init__(self, qtbot: QtBot, window: DeskWindow, hospital: SampleHospital) -> None:
        self.qtbot, self.window, self.hospital = qtbot, window, hospital

    def choose(self, number: str = DUE) -> None:
        """Choose an invoice, paid or not."""
        self.window.page.list.choose(self.hospital.invoice_ids[number])
        self.wait(lambda: self.window.text("detail_invoice") == number)

    def wait(self, is_so: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(is_so, timeout=20_000)

    def wait_for_text(self, name: str, part: str) -> None:
        def assert_said() -> None:
            assert part in self.window.text(name), self.window.text(name)

        self.qtbot.waitUntil(assert_said, timeout=20_000)

    def wait_until_pane_says(self, *parts: str) -> None:
        """Wait until all of this stands in the pane beside the list."""

        def assert_said() -> None:
            said = "\n".join(each.text() for each in self.window.page.detail.findChildren(QLabel))
            assert all(part in said for part in parts), said

        self.qtbot.waitUntil(assert_said, timeout=20_000)

    def story(self) -> list[str]:
        """Open the history of the chosen invoice's patient; return the story of the payment that is chosen there."""
        self.window.press(Qt.Key.Key_F10)
        self.wait(lambda: self.window.text("payment_amount") != "")
        sheet = self.window.find(QWidget, "payment_sheet")
        steps = [each for each in sheet.findChildren(QWidget) if each.objectName().startswith("story_")]
        return [each.findChildren(QLabel)[0].text() for each in steps]


@pytest.fixture
def desk(
    qtbot: QtBot, hospital: SampleHospital, role: str, system: HospitalSystem, request: pytest.FixtureRequest
) -> Desk:
    """The window of somebody in ``role``."""
    hospital.execute("UPDATE staff SET role = :role WHERE id = 1", role=role)
    return Desk(qtbot, request.getfixturevalue("open_desk"), hospital)


def begun(system: HospitalSystem, number: str = DUE, **body: Any) -> str:
    """Begin a payment of all that is due; return the intent's id."""
    told = system.begin(invoice_id=number, **body)
    assert told.status_code == httpx.codes.CREATED, told.text
    return str(told.json()["id"])


def pay(sandbox: RunningSandbox, intent_id: str, method: str = VISA) -> None:
    """Pay in the payer's browser, as Stripe.js does, unless the card is declined."""
    try:
        sandbox.ask(f"/v1/payment_intents/{intent_id}/confirm", payment_method=method)
    except AssertionError:
        assert method is DECLINED


def paid(system: HospitalSystem, sandbox: RunningSandbox, number: str = DUE, **body: Any) -> str:
    """Have an invoice paid over the API; return the intent's id."""
    intent_id = begun(system, number, **body)
    pay(sandbox, intent_id)
    assert system.confirm(intent_id).json()["status"] == "succeeded"
    return intent_id


def test_what_the_system_begins_is_held_at_the_desk_and_says_by_whom(desk: Desk, system: HospitalSystem) -> None:
    desk.choose()

    intent_id = begun(system)

    desk.wait_for_text("detail_notice_text", f"The patient is paying this invoice online ({PORTAL}) since")
    assert system.intent(intent_id).json()["status"] == "requires_payment_method"
    assert system.cancel(intent_id).json()["status"] == "canceled"
    desk.wait(lambda: desk.window.text("detail_notice_text") == "")


def test_what_the_system_has_confirmed_is_paid_at_the_desk_with_its_receipt(
    desk: Desk, system: HospitalSystem, sandbox: RunningSandbox
) -> None:
    desk.choose()

    intent_id = paid(system, sandbox)

    desk.wait_for_text("detail_status", "Paid")
    desk.wait_until_pane_says("120.00 €", "Visa •••• 4242", f"{PORTAL}, desk WEB")
    assert system.receipt(intent_id).json()["receipt_number"] == "T-WEB-000001"
    assert system.receipt(intent_id, form="application/pdf").content.startswith(b"%PDF")
    assert desk.story() == ["Begun", "Opened at Stripe", "Paid", "Receipt handed out"]


def test_a_card_that_is_declined_over_the_api_is_told_at_the_desk(
    desk: Desk, system: HospitalSystem, sandbox: RunningSandbox
) -> None:
    desk.choose()
    intent_id = begun(system)

    pay(sandbox, intent_id, DECLINED)

    assert system.intent(intent_id).json()["last_payment_error"]["code"] == "insufficient_funds"
    assert system.cancel(intent_id).json()["status"] == "canceled"
    desk.wait_until_pane_says("Declined", "120.00 €")
    assert "Declined" in desk.story()


def test_what_waits_for_the_payers_bank_is_told_so_at_the_desk(
    desk: Desk, system: HospitalSystem, sandbox: RunningSandbox
) -> None:
    customer = _customer(system, sandbox)
    method = sandbox.ask("/v1/payment_methods/pm_card_authenticationRequired/attach", customer=customer)
    sandbox.ask(f"/v1/payment_methods/{method['id']}", allow_redisplay="always")
    assert method["id"] in [each["id"] for each in system.methods_of(customer).json()["data"]]
    desk.choose()
    intent_id = begun(system)

    told = system.confirm(intent_id, payment_method_id=method["id"]).json()

    assert (told["status"], told["next_action"]["type"]) == ("requires_action", "use_stripe_sdk")
    desk.wait_for_text("detail_notice_text", PORTAL)
    desk.window.press(Qt.Key.Key_F9)
    desk.wait_for_text("detail_notice_text", "waiting for the payer's bank")
    assert "The bank asked the cardholder to confirm" in desk.story()


def test_cards_that_are_saved_and_removed_over_the_api_are_so_at_the_desk(
    desk: Desk, system: HospitalSystem, sandbox: RunningSandbox
) -> None:
    paid(system, sandbox, save_payment_method=True)
    method = system.customer_of(ANA).json()["default_payment_method"]
    desk.choose(DUE_OF_SAME_PATIENT)

    desk.window.press(Qt.Key.Key_B, CTRL)

    dialog = desk.window.find(SavedCardsDialog, "saved_cards_dialog")
    shown = dialog.table.rows
    desk.wait(lambda: shown.rowCount() == 1 and shown.text(0, "card") == "Visa •••• 4242")
    assert shown.text(0, "status").startswith("Default")
    assert system.make_default(method["id"]).json()["is_default"]
    again = begun(system, DUE_OF_SAME_PATIENT)
    assert system.confirm(again, payment_method_id=method["id"]).json()["status"] == "succeeded"
    assert system.remove_method(method["id"]).status_code == httpx.codes.NO_CONTENT
    dialog.reject()
    desk.wait(lambda: not shiboken6.isValid(dialog))
    desk.window.press(Qt.Key.Key_B, CTRL)
    dialog = desk.window.find(SavedCardsDialog, "saved_cards_dialog")
    desk.wait(lambda: dialog.table.rows.rowCount() == 1 and dialog.table.rows.text(0, "status").startswith("Removed"))


@pytest.mark.parametrize("role", ["supervisor"])
def test_a_refund_that_the_system_asks_for_waits_and_is_approved_in_the_window(
    desk: Desk, system: HospitalSystem, sandbox: RunningSandbox, counter: Counter
) -> None:
    screen = Screen(desk.qtbot, desk.window, counter, sandbox)
    intent_id = paid(system, sandbox)

    asked = system.refund(intent_id, amount=3_000, note="Appointment was cancelled.", reason="duplicate")

    assert (asked.status_code, asked.json()["status"]) == (httpx.codes.ACCEPTED, "pending_approval")
    screen.wait_for_text("refunds_count", "1 to decide")
    desk.window.press(Qt.Key.Key_R, CTRL | Qt.KeyboardModifier.ShiftModifier)
    screen.wait_for_text("refund_amount", "30.00 €")
    screen.child(ChosenRowTable, "refund_table")
    assert screen.refunds_at_stripe() == 0
    desk.window.press(Qt.Key.Key_A, ALT)
    screen.wait_for_text("refunds_empty", "Nothing waits for a decision.")
    desk.wait(lambda: screen.refunds_at_stripe() == 1)
    refund = f"/api/v1/payments/stripe/refunds/{asked.json()['id']}"
    desk.wait(lambda: bool(system.http.get(refund).json()["status"] == "succeeded"))


def test_a_refund_of_the_dashboard_comes_by_webhook_and_is_named_at_the_desk(
    desk: Desk, system: HospitalSystem, sandbox: RunningSandbox
) -> None:
    intent_id = paid(system, sandbox)
    desk.choose()

    sandbox.ask("/v1/refunds", payment_intent=intent_id, amount="3000")

    desk.wait_until_pane_says("in Stripe's dashboard", "30.00 €")
    assert "Refund made in Stripe's dashboard" in desk.story()


def test_what_the_system_asks_for_in_error_leaves_no_trace_at_the_desk(
    desk: Desk, system: HospitalSystem, sandbox: RunningSandbox
) -> None:
    desk.choose()
    wrong = [
        system.begin(invoice_id="INV-1999-000001"),
        system.begin(invoice_id=DUE, amount=12_001),
        system.begin(invoice_id=DUE, amount="120.00"),
        system.begin(invoice_id=DUE, currency="USD"),
        system.begin(key="\x7f", invoice_id=DUE),
        system.confirm("pi_nobody"),
        system.refund("pi_nobody", note="Nothing.", amount=1),
        system.remove_method("pm_nobody"),
        system.http.post("/api/v1/payments/stripe/webhooks", json={"id": "evt_1"}),
    ]

    assert [each.status_code for each in wrong] == [404, 409, 422, 409, 400, 404, 404, 404, 400]
    assert all("http" in each.headers["Content-Type"] or "json" in each.headers["Content-Type"] for each in wrong)
    assert desk.window.text("detail_balance_name") == "To pay"
    assert desk.window.text("detail_notice_text") == ""
    desk.window.press(Qt.Key.Key_F10)
    desk.wait_for_text("history_empty", "No payment")
    assert sandbox.ask("/v1/payment_intents")["data"] == []


def _customer(system: HospitalSystem, sandbox: RunningSandbox) -> str:
    """Have a payment begun and taken back, so that Stripe knows the patient."""
    system.cancel(begun(system, DUE_OF_SAME_PATIENT))
    return str(system.customer_of(ANA).json()["id"])
