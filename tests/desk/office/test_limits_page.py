"""Limits for approvals, as an administrator sets them at a desk."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from cashier.books.staff import Role
from cashier.desk.office.limits_page import LimitsPage
from cashier.money import Money
from cashier.refunds.limits import RoleLimit
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import SampleHospital


@pytest.fixture
def role() -> str:
    """Whose window it is."""
    return "administrator"


@pytest.fixture
def at_desk(hospital: SampleHospital, role: str, request: pytest.FixtureRequest) -> DeskWindow:
    """The window of somebody in ``role``."""
    hospital.execute("UPDATE staff SET role = :role WHERE id = 1", role=role)
    desk: DeskWindow = request.getfixturevalue("open_desk")
    return desk


def open_page(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.press(Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: desk.window.findChild(QLineEdit, "limit_amount_supervisor") is not None, timeout=10_000)


def of_supervisors(qtbot: QtBot, counter: Counter) -> RoleLimit:
    limits = answer(qtbot, counter.thread, counter.services.approval_limits.of_roles())
    return next(limit for limit in limits if limit.role is Role.SUPERVISOR)


def test_limits_are_typed_saved_and_taken_away_again(qtbot: QtBot, at_desk: DeskWindow, counter: Counter) -> None:
    open_page(qtbot, at_desk)
    for name, text in (("amount", "250"), ("day", "1000"), ("age", "90")):
        QTest.keyClicks(at_desk.find(QLineEdit, f"limit_{name}_supervisor"), text)
    QTest.keyClick(at_desk.find(QLineEdit, "limit_age_supervisor"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: at_desk.text("limits_notice_text").startswith("The limits are saved."), timeout=10_000)
    assert of_supervisors(qtbot, counter) == RoleLimit(
        role=Role.SUPERVISOR,
        currency="EUR",
        amount=Money(25_000, "EUR"),
        day_total=Money(100_000, "EUR"),
        payment_age_days=90,
    )

    at_desk.find(QLineEdit, "limit_day_supervisor").clear()
    QTest.keyClick(at_desk.find(QLineEdit, "limit_day_supervisor"), Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: of_supervisors(qtbot, counter).day_total is None, timeout=10_000)


@pytest.mark.parametrize(("name", "text"), [("amount", "much"), ("age", "soon"), ("day", "1.2345")])
def test_what_is_no_limit_is_refused_and_nothing_is_saved(
    qtbot: QtBot, at_desk: DeskWindow, counter: Counter, name: str, text: str
) -> None:
    open_page(qtbot, at_desk)
    QTest.keyClicks(at_desk.find(QLineEdit, f"limit_{name}_supervisor"), text)

    QTest.keyClick(at_desk.find(QLineEdit, f"limit_{name}_supervisor"), Qt.Key.Key_Return)

    assert at_desk.text("limits_notice_text")
    assert of_supervisors(qtbot, counter) == RoleLimit(role=Role.SUPERVISOR, currency="EUR")


@pytest.mark.parametrize("role", ["supervisor"])
def test_a_supervisor_does_not_find_the_limits(at_desk: DeskWindow) -> None:
    at_desk.press(Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)

    assert at_desk.window.findChild(LimitsPage) is None
