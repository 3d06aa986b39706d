"""The page of closed shifts, by keys: found, told, printed again, exported."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFileDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.shell.main_window import MainWindow
from cashier.desk.shift.past_shifts_page import PastShiftsPage
from cashier.desk.shift.report_dialog import ReportDialog
from cashier.money import Money
from cashier.shifts.views import Closing, DrawerCount, Opening
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.shifts.drawer import APPROVED, pieces_of
from tests.surroundings.sample_hospital import CASHIER_NAME, CASHIER_PIN, SUPERVISOR_NAME, SUPERVISOR_PIN

CONTROL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Looking:
    """Somebody who looks at closed shifts."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow, window: MainWindow) -> None:
        self.qtbot, self.desk, self.window = qtbot, desk, window

    def sign_in(self, name: str, pin: str) -> None:
        self.window.start()
        self.desk.sign_in(name, pin)
        self.desk.wait_for_list()
        self.desk.press(Qt.Key.Key_S, CONTROL | SHIFT)

    @property
    def page(self) -> PastShiftsPage:
        return self.desk.find(PastShiftsPage, "past_shifts_page")

    def column(self, name: str) -> list[str]:
        rows = self.page.table.rows
        return [rows.text(row, name) for row in range(rows.rowCount())]

    def wait_for(self, column: str, *texts: str) -> None:
        self.qtbot.waitUntil(lambda: self.column(column) == list(texts), timeout=15_000)

    def sheet(self) -> str:
        sheet = self.page.findChild(QWidget, "past_shift_sheet")
        return "" if sheet is None else "\n".join(each.text() for each in sheet.findChildren(QLabel))


@pytest.fixture
def looking(qtbot: QtBot, window: MainWindow, counter: Counter) -> Looking:
    """Two shifts of D1 are closed: an exact one, and one that was 5.00 € short."""
    shifts, cashier = counter.services.shifts, counter.hospital.cashier
    for number, counted_minor in ((1, 10_000), (2, 9_500)):
        opening = Opening(number=number, float=Money(10_000, "EUR"))
        opened = answer(qtbot, counter.thread, shifts.open(opening, cashier))
        count = DrawerCount(shift_id=opened.id, pieces=pieces_of(counted_minor))
        off = {"reason": "Gave too much change", **APPROVED} if counted_minor != 10_000 else {}
        answer(qtbot, counter.thread, shifts.close(Closing(count=count, **off), cashier))
    return Looking(qtbot, DeskWindow(qtbot, window), window)


def test_a_supervisor_finds_a_shift_that_was_short_and_its_report(
    qtbot: QtBot, looking: Looking, tmp_path: Path
) -> None:
    looking.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN)
    looking.wait_for("difference", "−5.00 €", "exact")
    assert looking.desk.focused() == "past_shifts_table"
    qtbot.waitUntil(lambda: looking.desk.text("past_shifts_off") == "5.00 € short, once")
    assert looking.desk.text("past_shifts_count") == "2 shifts"
    assert "Gave too much change" in looking.sheet()
    assert "Sol Example" in looking.sheet()

    looking.desk.press(Qt.Key.Key_Z, ALT)
    qtbot.waitUntil(lambda: bool(looking.window.findChildren(ReportDialog)))
    looking.window.findChildren(ReportDialog)[0].reject()

    looking.desk.find(QCheckBox, "past_shift_is_off").click()
    looking.wait_for("difference", "−5.00 €")

    looking.desk.press(Qt.Key.Key_E, CONTROL)
    qtbot.waitUntil(lambda: bool(looking.window.findChildren(QFileDialog)))
    chooser = looking.window.findChildren(QFileDialog)[-1]
    chooser.fileSelected.emit(str(tmp_path / "shifts.csv"))
    chooser.reject()
    qtbot.waitUntil(lambda: "1 shift saved as shifts.csv." in looking.desk.text("past_shifts_notice_text"))
    with (tmp_path / "shifts.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["difference"] for row in csv.DictReader(file)] == ["-5.00"]


def test_nothing_found_is_said_and_nothing_can_be_done_with_it(qtbot: QtBot, window: MainWindow) -> None:
    looking = Looking(qtbot, DeskWindow(qtbot, window), window)
    looking.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN)

    qtbot.waitUntil(lambda: "No closed shift" in looking.desk.text("past_shifts_empty"), timeout=15_000)
    for name in ("past_shifts_report", "past_shifts_export"):
        assert not looking.desk.find(QPushButton, name).isEnabled()


def test_a_cashier_has_no_such_page(qtbot: QtBot, window: MainWindow) -> None:
    looking = Looking(qtbot, DeskWindow(qtbot, window), window)
    looking.sign_in(CASHIER_NAME, CASHIER_PIN)

    assert window.findChild(PastShiftsPage) is None
