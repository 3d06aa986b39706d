"""The staff page: what an administrator sees and does there, by keys."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.staff import Role
from cashier.desk.office.staff_columns import ROLE_WORDS
from cashier.desk.office.staff_page import StaffPage
from cashier.desk.shell.main_window import MainWindow
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import (
    ADMINISTRATOR_NAME,
    ADMINISTRATOR_PIN,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
    SampleHospital,
)

ALT, CONTROL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier


class Office:
    """The staff page of an administrator."""

    def __init__(self, qtbot: QtBot, desk: DeskWindow) -> None:
        self.qtbot, self.desk = qtbot, desk

    @property
    def page(self) -> StaffPage:
        return self.desk.find(StaffPage, "staff_page")

    def names(self) -> list[str]:
        model = self.page.table.rows
        return [model.text(row, "name") for row in range(model.rowCount())]

    def choose(self, name: str) -> None:
        self.page.table.selectRow(self.names().index(name))

    def state(self, name: str) -> str:
        model = self.page.table.rows
        return model.text(self.names().index(name), "state")

    def dialog(self, name: str) -> QDialog:
        return self.desk.find(QDialog, name)

    def type(self, field: str, text: str) -> None:
        self.desk.find(QLineEdit, field).clear()
        QTest.keyClicks(self.desk.find(QLineEdit, field), text)

    def enter(self, dialog: str) -> None:
        QTest.keyClick(self.dialog(dialog), Qt.Key.Key_Return)

    def wait_for(self, words: str) -> None:
        self.qtbot.waitUntil(lambda: words in self.desk.text("staff_notice_text"))


@pytest.fixture
def office(qtbot: QtBot, window: MainWindow) -> Office:
    """The staff page, open, with everybody on it."""
    desk = DeskWindow(qtbot, window)
    window.start()
    desk.sign_in(ADMINISTRATOR_NAME, ADMINISTRATOR_PIN)
    desk.wait_for_list()
    desk.press(Qt.Key.Key_U, CONTROL)
    office = Office(qtbot, desk)
    qtbot.waitUntil(lambda: len(office.names()) == 3)
    return office


def test_every_role_has_its_words() -> None:
    assert set(ROLE_WORDS) == {role for role in Role if role.is_person}


def test_everybody_is_listed_and_the_chosen_one_told_about(office: Office) -> None:
    assert office.names() == ["Ada Sample", "Casey Sample", "Sol Example"]
    assert office.desk.focused() == "staff_table"

    office.choose("Casey Sample")

    assert office.desk.text("staff_name") == "Casey Sample"
    assert office.desk.text("staff_state") == "Active"
    assert office.desk.text("staff_facts").startswith("Signs in as casey · Name and PIN")
    assert office.desk.text("staff_role_words") == "Cashier"


def test_nobody_else_finds_the_page(qtbot: QtBot, window: MainWindow) -> None:
    desk = DeskWindow(qtbot, window)
    window.start()
    desk.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN)
    desk.wait_for_list()

    desk.press(Qt.Key.Key_U, CONTROL)

    assert desk.window.findChild(StaffPage) is None


def test_somebody_new_is_added_by_keys_and_the_first_pin_is_shown_once(
    qtbot: QtBot, office: Office, hospital: SampleHospital
) -> None:
    office.desk.press(Qt.Key.Key_N, CONTROL)
    office.type("add_staff_full_name", "Robin Example")
    office.type("add_staff_sign_in_name", "casey")
    office.enter("add_staff_dialog")
    qtbot.waitUntil(lambda: "already" in office.desk.text("add_staff_dialog_notice_text"))
    office.type("add_staff_sign_in_name", "robin")
    office.enter("add_staff_dialog")

    qtbot.waitUntil(lambda: "Robin Example" in office.names())
    assert re.fullmatch(r"\d{3} \d{3}", office.desk.text("first_pin_pin"))
    assert "Robin Example" in office.desk.text("first_pin_words")
    qtbot.waitUntil(lambda: office.desk.text("staff_name") == "Robin Example")
    assert office.state("Robin Example") == "Has a first PIN"
    office.choose("Casey Sample")
    assert office.desk.text("first_pin_pin") == ""


def test_a_role_is_changed_at_once_and_the_last_administrator_keeps_theirs(
    qtbot: QtBot, office: Office, hospital: SampleHospital
) -> None:
    def change_to(words: str) -> None:
        office.desk.press(Qt.Key.Key_R, ALT)
        QTest.keyClicks(office.desk.find(QComboBox, "role_dialog_role"), words)
        office.enter("role_dialog")

    office.choose("Casey Sample")
    change_to("Su")
    office.wait_for("Casey Sample: supervisor")
    assert hospital.execute("SELECT role FROM staff WHERE id = 1")[0]["role"] == "supervisor"
    qtbot.waitUntil(lambda: office.desk.window.findChild(QDialog, "role_dialog") is None)
    office.choose("Ada Sample")
    change_to("Ca")
    qtbot.waitUntil(lambda: "last administrator" in office.desk.text("role_dialog_notice_text"))
    office.dialog("role_dialog").reject()
    assert office.desk.text("staff_role_words") == "Administrator"


def test_who_has_left_goes_to_the_end_and_may_come_back(qtbot: QtBot, office: Office) -> None:
    office.choose("Casey Sample")

    office.desk.press(Qt.Key.Key_Delete, CONTROL)
    qtbot.waitUntil(lambda: office.names()[-1] == "Casey Sample")
    assert office.state("Casey Sample") == "Has left"
    assert not office.desk.find(QPushButton, "staff_new_pin").isEnabled()
    office.desk.press(Qt.Key.Key_Delete, CONTROL)

    qtbot.waitUntil(lambda: office.state("Casey Sample") == "Has a first PIN")
    assert office.desk.text("first_pin_pin")


def test_who_is_locked_out_is_let_in_again(qtbot: QtBot, office: Office, hospital: SampleHospital) -> None:
    hospital.execute(
        "UPDATE staff_secret SET failed_attempts = 10, locked_at = '2026-11-02 10:00:00' WHERE staff_id = 1"
    )
    office.desk.press(Qt.Key.Key_U, CONTROL)
    office.desk.press(Qt.Key.Key_U, CONTROL)
    qtbot.waitUntil(lambda: len(office.names()) == 3 and office.state("Casey Sample") == "Locked")
    office.choose("Casey Sample")
    assert office.desk.find(QPushButton, "staff_unlock").isVisible()

    office.desk.press(Qt.Key.Key_U, ALT)

    qtbot.waitUntil(lambda: office.state("Casey Sample") == "Active")
    assert not office.desk.find(QPushButton, "staff_unlock").isVisible()


def test_a_badge_is_scanned_and_a_name_corrected(qtbot: QtBot, office: Office) -> None:
    office.choose("Casey Sample")
    office.desk.press(Qt.Key.Key_B, ALT)
    office.type("badge_dialog_line", "0042-77")
    office.enter("badge_dialog")
    office.wait_for("Casey Sample")
    qtbot.waitUntil(lambda: "Badge and PIN" in office.desk.text("staff_facts"))

    office.desk.press(Qt.Key.Key_N, ALT)
    office.type("rename_staff_dialog_line", "Casey Newname")
    office.enter("rename_staff_dialog")

    qtbot.waitUntil(lambda: "Casey Newname" in office.names())
    assert office.desk.text("staff_name") == "Casey Newname"


def test_esc_leads_back_to_the_invoices(qtbot: QtBot, office: Office) -> None:
    office.desk.press(Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: office.desk.window.findChild(StaffPage) is None)
    assert office.desk.focused() == "search"


def test_what_can_be_done_is_reached_by_tab(office: Office) -> None:
    reached = set()
    for _ in range(25):
        QTest.keyClick(office.desk.window.focusWidget(), Qt.Key.Key_Tab)
        reached.add(office.desk.focused())

    assert {"staff_table", "staff_role", "staff_new_pin", "staff_badge", "staff_rename", "staff_leave"} <= reached
    for name in ("staff_new_pin", "staff_leave", "staff_role"):
        assert office.desk.find(QWidget, name).height() >= 24


def test_somebody_is_given_their_language(qtbot: QtBot, office: Office, hospital: SampleHospital) -> None:
    office.choose("Casey Sample")

    office.desk.press(Qt.Key.Key_L, ALT)
    box = office.desk.find(QComboBox, "language_dialog_language")
    assert box.currentText() == "As the hospital"
    box.setCurrentIndex(box.findData("es_419"))
    office.enter("language_dialog")

    office.wait_for("Casey Sample")
    assert hospital.execute("SELECT language FROM staff WHERE id = 1") == [{"language": "es_419"}]
    qtbot.waitUntil(lambda: office.desk.text("staff_facts").endswith("· Español (Latinoamérica)"))
