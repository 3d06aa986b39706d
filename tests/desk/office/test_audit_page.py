"""The journal's page: what an auditor sees there, and proving that it is as it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.deeds.words import DEED_WORDS
from cashier.desk.kit.filter_fields import Days
from cashier.desk.office.audit_page import AuditPage
from cashier.desk.office.audit_words import RECORD_WORDS, SUBJECT_WORDS
from cashier.desk.shell.main_window import MainWindow
from cashier.errors import CashierError
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import (
    CASHIER_NAME,
    CASHIER_PIN,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
    SampleHospital,
)

CONTROL = Qt.KeyboardModifier.ControlModifier


class Reading:
    """The journal's page of an auditor."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow) -> None:
        self.qtbot, self.desk = qtbot, desk

    @property
    def page(self) -> AuditPage:
        return self.desk.find(AuditPage, "audit_page")

    def actions(self) -> list[str]:
        model = self.page.table.rows
        return [model.text(row, "action") for row in range(min(model.rowCount(), 50))]

    def choose(self, field: str, words: str) -> None:
        box = self.desk.find(QComboBox, field)
        box.setCurrentIndex(box.findText(words))

    def type(self, field: str, text: str) -> None:
        self.desk.find(QLineEdit, field).clear()
        QTest.keyClicks(self.desk.find(QLineEdit, field), text)

    def wait_for(self, *deeds: DeedKind) -> None:
        self.qtbot.waitUntil(lambda: self.actions() == [str(DEED_WORDS[deed]) for deed in deeds])

    def wait_for_notice(self, words: str) -> None:
        self.qtbot.waitUntil(lambda: words in self.desk.text("audit_notice_text"))

    def sheet(self) -> str:
        sheet = self.page.findChild(QWidget, "audit_sheet")
        return "" if sheet is None else " ".join(each.text() for each in sheet.findChildren(QLabel))


@pytest.fixture
def reading(qtbot: QtBot, window: MainWindow, hospital: SampleHospital) -> Reading:
    """The journal, open, of an auditor."""
    hospital.execute("UPDATE staff SET role = 'auditor' WHERE id = 2")
    desk = DeskWindow(qtbot, window)
    window.start()
    desk.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN)
    desk.wait_for_list()
    desk.press(Qt.Key.Key_J, CONTROL)
    reading = Reading(qtbot, desk)
    qtbot.waitUntil(lambda: reading.actions()[:2] == ["Journal opened", "Signed in"])
    return reading


def test_every_kind_of_record_has_words() -> None:
    assert set(SUBJECT_WORDS) == set(RECORD_WORDS) == set(Subject)
    assert all(str(words("7")) == f"{subject} 7" for subject, words in RECORD_WORDS.items())


def test_the_newest_entry_is_chosen_and_told_in_full(qtbot: QtBot, reading: Reading) -> None:
    assert reading.desk.focused() == "audit_table"
    assert "Journal opened" in reading.sheet()
    assert "Sol Example" in reading.sheet()

    reading.desk.press(Qt.Key.Key_Down)

    qtbot.waitUntil(lambda: "Signed in" in reading.sheet())
    assert "Hash of the entry before" in reading.sheet()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_an_entry_tells_the_account_of_the_database_that_wrote_it(reading: Reading) -> None:
    assert "Account of the database cashier_owner" in reading.sheet()


def test_filters_narrow_what_is_shown(qtbot: QtBot, reading: Reading) -> None:
    reading.type("audit_action", "signed")
    reading.wait_for(DeedKind.SIGNED_IN)
    reading.choose("audit_who", "Casey Sample")
    qtbot.waitUntil(lambda: reading.desk.text("audit_empty") == "No entry matches these filters.")
    assert not reading.desk.find(QPushButton, "audit_export").isEnabled()
    reading.choose("audit_who", "Anybody")
    reading.wait_for(DeedKind.SIGNED_IN)
    reading.choose("audit_days", str(Days.YESTERDAY.words))
    qtbot.waitUntil(lambda: reading.desk.text("audit_empty") != "")
    reading.choose("audit_days", str(Days.TODAY.words))
    reading.wait_for(DeedKind.SIGNED_IN)
    reading.type("audit_action", "")
    reading.choose("audit_subject", "Journal")
    reading.wait_for(DeedKind.JOURNAL_OPENED)
    reading.type("audit_subject_id", "another")
    qtbot.waitUntil(lambda: reading.desk.text("audit_empty") != "")


def test_a_refusal_is_found_with_what_was_wanted(qtbot: QtBot, reading: Reading, hospital: SampleHospital) -> None:
    services = reading.page.context.services
    refused: list[CashierError] = []
    reading.page.context.thread.ask(
        reading.page, services.administration.members(reading.page.context.actor), failed=refused.append
    )
    qtbot.waitUntil(lambda: bool(refused))

    reading.type("audit_action", "refused")

    reading.wait_for(DeedKind.REFUSED)
    qtbot.waitUntil(lambda: "managing the staff" in reading.sheet())


def test_a_whole_chain_is_confirmed_and_a_broken_one_named(
    qtbot: QtBot, reading: Reading, hospital: SampleHospital
) -> None:
    reading.desk.press(Qt.Key.Key_F9)
    reading.wait_for_notice("entries are as they were written; none is missing.")

    hospital.remove_guards()
    hospital.execute("UPDATE journal_entry SET staff_id = 1 WHERE action = 'signed in'")
    reading.desk.press(Qt.Key.Key_F9)

    reading.wait_for_notice("The chain is broken: entry ")
    assert "(signed in, staff 2) was changed" in reading.desk.text("audit_notice_text")


def test_what_is_shown_can_be_exported(qtbot: QtBot, reading: Reading, tmp_path: Path) -> None:
    reading.type("audit_action", "signed in")
    reading.wait_for(DeedKind.SIGNED_IN)

    reading.desk.press(Qt.Key.Key_E, CONTROL)
    dialog = reading.desk.find(QFileDialog, "export_dialog")
    file = tmp_path / "journal.csv"
    dialog.fileSelected.emit(str(file))
    dialog.reject()

    reading.wait_for_notice("1 entry saved as journal.csv.")
    assert file.read_text(encoding="utf-8-sig").splitlines()[1].split(",")[4] == DeedKind.SIGNED_IN


def test_cashiers_do_not_find_the_page(qtbot: QtBot, window: MainWindow) -> None:
    desk = DeskWindow(qtbot, window)
    window.start()
    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()

    desk.press(Qt.Key.Key_J, CONTROL)

    assert desk.window.findChild(AuditPage) is None


def test_esc_leads_back_to_the_invoices(qtbot: QtBot, reading: Reading) -> None:
    reading.desk.press(Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: reading.desk.window.findChild(AuditPage) is None)


def test_everything_is_reached_by_tab(reading: Reading) -> None:
    reached = set()
    for _ in range(30):
        QTest.keyClick(reading.desk.window.focusWidget(), Qt.Key.Key_Tab)
        reached.add(reading.desk.focused())

    wanted = {"audit_days", "audit_who", "audit_action", "audit_subject", "audit_subject_id"}
    assert wanted | {"audit_check", "audit_export", "leave_audit", "audit_table"} <= reached
