"""Where fingers press, nothing needs a keyboard: cash is taken by taps alone, and no button tells of a key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar, cast

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.kit.look import Density, Look
from cashier.desk.kit.style import wear
from cashier.desk.kit.touch.keypad import Keypad
from cashier.desk.paying.choosing.tender_tile import TenderTile
from cashier.desk.tables.columns import place_of
from cashier.desk.tour.fit import cut_words
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.pointer import Finger
from tests.surroundings.sample_hospital import DUE_OF_OTHER_PATIENT, SampleHospital

W = TypeVar("W", bound=QWidget)


@pytest.fixture(params=["en", "es"])
def touched(request: pytest.FixtureRequest, hospital: SampleHospital) -> Iterator[DeskWindow]:
    """The desk on a small screen for fingers; its cashier has signed in."""
    application = cast("QApplication", request.getfixturevalue("qapp"))
    wear(application, Look(density=Density.TOUCH))
    hospital.execute(f"UPDATE staff SET language = '{request.param}'")
    desk = request.getfixturevalue("desk")
    desk.window.resize(1024, 600)
    yield desk
    wear(application, Look())


def shown(desk: DeskWindow, kind: type[W]) -> list[W]:
    return [each for each in desk.window.findChildren(kind) if each.isVisible()]


def row_of(table: InvoiceTable, number: str, desk: DeskWindow) -> QPoint:
    index = table.rows.index(desk.bills().index(number), place_of(table.rows.columns, "patient"))
    return table.visualRect(index).center()


def test_cash_with_change_is_taken_by_taps_alone(qtbot: QtBot, touched: DeskWindow) -> None:
    desk, finger = touched, Finger(qtbot, touched.window)
    table = desk.find(InvoiceTable, "invoice_table")
    # The arrow takes a whole finger.
    arrow = table.visualRect(table.rows.index(0, 0))
    assert (arrow.height(), desk.bills()[0]) == (52, "3")
    finger.tap_at(table.viewport(), QPoint(50, arrow.center().y()))
    finger.tap_at(table.viewport(), row_of(table, DUE_OF_OTHER_PATIENT, desk))
    qtbot.waitUntil(lambda: "80" in desk.text("detail_balance"))
    assert not [each for each in cut_words(desk.window) if each.name.startswith("detail")]
    finger.tap("take_payment")
    finger.tap("tender_cash")
    amount, handed = desk.find(QLineEdit, "amount_field"), desk.find(QLineEdit, "tendered_field")
    assert list(cut_words(desk.window)) == []
    assert {each.height() >= 88 for each in shown(desk, TenderTile)} == {True}
    signs = ("⏎", "Esc", "Alt+")
    assert not [each.text() for each in shown(desk, QAbstractButton) if any(sign in each.text() for sign in signs)]

    # A tap puts the cursor anywhere; what is typed then replaces the amount, and the field keeps the keyboard.
    finger.tap("amount_field")
    finger.type("355")
    finger.tap("keypad_back")
    assert (amount.text(), desk.focused()) == ("35", "amount_field")
    # Whoever taps on a way to pay types what it needs.
    finger.tap("tender_cash")
    finger.type("5")
    finger.tap("keypad_0")
    assert (amount.text(), handed.text(), desk.focused()) == ("35", "50", "tendered_field")
    assert "15" in desk.text("change_preview")
    finger.tap("amount_continue")

    qtbot.waitUntil(lambda: "15" in desk.text("payment_change"), timeout=15_000)
    finger.tap("payment_leave", kind=QPushButton)
    qtbot.waitUntil(lambda: not shown(desk, Keypad))
    qtbot.waitUntil(lambda: "45" in desk.text("detail_balance"))
