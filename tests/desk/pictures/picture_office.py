"""Pictures of what supervisors and auditors see, for the README: ``make pictures``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from cashier.books.api_client import Scope
from cashier.money import Money
from cashier.shifts.views import Opening
from cashier.tenders.tender import ELSEWHERE, Tender
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.refund_screen import CTRL, Screen
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import SampleHospital

_FOLDER = Path(os.environ.get("PICTURES", "docs/pictures"))
_SHIFT = Qt.KeyboardModifier.ShiftModifier

TakePicture = Callable[[str], None]

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def role() -> str:
    return "supervisor"


@pytest.fixture
def screen(
    qtbot: QtBot, hospital: SampleHospital, role: str, request: pytest.FixtureRequest, sandbox: RunningSandbox
) -> Screen:
    """The window of somebody in ``role``; the other one at the hospital is a cashier now."""
    hospital.execute("UPDATE staff SET role = :role WHERE id = 1", role=role)
    desk: DeskWindow = request.getfixturevalue("open_desk")
    counter: Counter = request.getfixturevalue("counter")
    desk.window.resize(1366, 768)
    opening = Opening(number=1, float=Money(20_000, "EUR"))
    answer(qtbot, counter.thread, counter.services.shifts.open(opening, hospital.cashier))
    return Screen(qtbot, desk, counter, sandbox)


@pytest.fixture
def take_picture(qtbot: QtBot, screen: Screen) -> TakePicture:
    def take(name: str) -> None:
        qtbot.wait(500)
        _FOLDER.mkdir(parents=True, exist_ok=True)
        assert screen.desk.window.grab().save(str(_FOLDER / f"{name}.png"))

    return take


def test_a_refund_to_decide(screen: Screen, hospital: SampleHospital, take_picture: TakePicture) -> None:
    payment = screen.pay()
    hospital.execute("UPDATE staff SET role = 'cashier' WHERE id = 2")
    screen.request(payment, 5_000, note="Charged for a night that was cancelled.", by=hospital.colleague)
    screen.request(payment, 2_500, by=hospital.colleague)

    screen.desk.press(Qt.Key.Key_R, CTRL | _SHIFT)

    take_picture("refund-to-decide")


def test_a_refund_by_rule(screen: Screen, hospital: SampleHospital, take_picture: TakePicture) -> None:
    services, thread = screen.counter.services, screen.counter.thread

    async def refund_by_rule() -> None:
        made = await services.clients.add("Patient portal", "WEB", tuple(Scope), hospital.administrator)
        await services.client_limits.set("Patient portal", "50", "200", hospital.administrator)
        caller = await services.clients.identify(made.text)
        assert caller is not None
        portal = caller.actor
        payment = await services.payments.begin(order_for(hospital, tender=ELSEWHERE), portal)
        screen.sandbox.ask(f"/v1/payment_intents/{payment.stripe_intent_id}/confirm", payment_method="pm_card_visa")
        await services.payments.refresh(payment.id)
        note = "Appointment cancelled in the portal."
        await services.refunds.request_by_rule(refund_of(payment.id, 4_500, note=note), portal)

    answer(screen.qtbot, thread, refund_by_rule())
    screen.desk.press(Qt.Key.Key_R, CTRL | _SHIFT)

    screen.child(QPushButton, "refunds_settled").click()
    screen.child(QLabel, "refund_fact_decided_by")

    take_picture("refund-by-rule")


def test_a_drawer_that_is_counted(screen: Screen, take_picture: TakePicture) -> None:
    screen.take_by(Tender.CASH, 6_500)
    screen.desk.press(Qt.Key.Key_T, CTRL)
    screen.qtbot.waitUntil(lambda: screen.desk.text("shift_heading").startswith("Shift T-D1-1"), timeout=15_000)
    screen.desk.press(Qt.Key.Key_F2)
    screen.qtbot.waitUntil(lambda: screen.desk.text("shift_heading").startswith("Count"), timeout=15_000)
    for key in (Qt.Key.Key_1, Qt.Key.Key_Return, Qt.Key.Key_Return, Qt.Key.Key_1, Qt.Key.Key_Return):
        screen.desk.press(key)
    take_picture("shift")


@pytest.mark.parametrize("role", ["administrator"])
def test_the_journal(screen: Screen, take_picture: TakePicture) -> None:
    screen.pay()
    screen.desk.press(Qt.Key.Key_J, CTRL)
    take_picture("journal")
