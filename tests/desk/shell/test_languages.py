"""The desk in several languages: the hospital's, each person's, and another one while it runs."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from cashier.desk.documents.save_dialog import ask_where_to_save
from cashier.desk.patient_screen.patient_display import PatientDisplay
from cashier.desk.patient_screen.patient_faces import WELCOME
from cashier.desk.shell.main_window import MainWindow
from cashier.desk.shell.spoken import speak
from cashier.errors import Refused
from cashier.language import current_language, m
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import (
    CASHIER_NAME,
    CASHIER_PIN,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
    SampleHospital,
)
from tests.surroundings.small_spanish import spoken

SPANISH = {
    "Folder:": "Carpeta:",
    "Kind of file:": "Clase de archivo:",
    "As the hospital": "Como el hospital",
    "This cannot be done.": "Esto no se puede hacer.",
}


@pytest.fixture(autouse=True)
def spanish(tmp_path: Path) -> Iterator[None]:
    """A few words of Spanish; English again at the end, Qt's as well."""
    folder = tmp_path / "locale"
    folder.mkdir()
    yield from spoken(folder, SPANISH)
    speak("en")


def execute(hospital: SampleHospital, statement: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(hospital.file, timeout=20)) as connection, connection:
        return connection.execute(statement).fetchall()


def qts_word_for_cancel() -> str:
    """What Qt itself writes on a button that is made now."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    return box.buttons()[0].text().replace("&", "")


def open_sign_in(qtbot: QtBot, window: MainWindow) -> DeskWindow:
    desk = DeskWindow(qtbot, window)
    window.start()
    qtbot.waitUntil(lambda: desk.text("sign_in_hospital") == "Harbour Example Hospital", timeout=15_000)
    return desk


def choose(box: QComboBox, language: str) -> None:
    box.setCurrentIndex(box.findData(language))
    box.activated.emit(box.currentIndex())


def test_the_desk_speaks_the_hospitals_language_once_the_database_tells_it(
    qtbot: QtBot, window: MainWindow, hospital: SampleHospital
) -> None:
    execute(hospital, "UPDATE hospital SET language = 'es'")

    desk = open_sign_in(qtbot, window)

    assert current_language() == "es"
    assert desk.find(QComboBox, "sign_in_language").currentText() == "Español (España)"
    assert desk.text("training_text")
    assert desk.focused() == "sign_in_name"


def test_qts_own_words_and_days_follow(qtbot: QtBot, window: MainWindow) -> None:
    assert qts_word_for_cancel() == "Cancel"

    speak("es_419")
    assert qts_word_for_cancel() == "Cancelar"
    assert QLocale().monthName(1) == "enero"

    speak("en")
    assert qts_word_for_cancel() == "Cancel"
    assert QLocale().name() == "en_GB"


def test_the_file_dialog_has_no_english_left(qtbot: QtBot, window: MainWindow) -> None:
    speak("es")

    ask_where_to_save(window, name="chooser", title=m("Export payments"), file_name="payments.csv", then=print)

    chooser = window.findChild(QFileDialog, "chooser")
    assert chooser is not None
    label = QFileDialog.DialogLabel
    assert [chooser.labelText(each) for each in (label.LookIn, label.FileName, label.FileType, label.Reject)] == [
        "Carpeta:", "&Nombre de fichero:", "Clase de archivo:", "Cancelar",
    ]  # fmt: skip
    chooser.reject()


def test_who_has_chosen_what_only_newer_desks_know_reads_the_hospitals_language(
    qtbot: QtBot, window: MainWindow, hospital: SampleHospital
) -> None:
    execute(hospital, "UPDATE hospital SET language = 'es'")
    execute(hospital, f"UPDATE staff SET language = 'tlh' WHERE id = {hospital.cashier_id}")
    desk = open_sign_in(qtbot, window)

    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()

    assert current_language() == "es"
    assert any("120,00 €" in desk.cell(number, "due") for number in desk.numbers())


def test_a_hospital_that_has_chosen_what_only_newer_desks_know_is_read_in_english(
    qtbot: QtBot, window: MainWindow, hospital: SampleHospital
) -> None:
    execute(hospital, "UPDATE hospital SET language = 'tlh'")
    desk = open_sign_in(qtbot, window)

    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()

    assert current_language() == "en"
    assert any("120.00 €" in desk.cell(number, "due") for number in desk.numbers())


def test_everybody_reads_their_own_language_and_leaves_the_hospitals_behind(
    qtbot: QtBot, window: MainWindow, hospital: SampleHospital
) -> None:
    execute(hospital, f"UPDATE staff SET language = 'es' WHERE id = {hospital.cashier_id}")
    desk = open_sign_in(qtbot, window)
    assert current_language() == "en"

    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()
    assert current_language() == "es"
    assert qts_word_for_cancel() == "Cancelar"
    assert any("120,00 €" in desk.cell(number, "due") for number in desk.numbers())

    desk.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.desk_page is None and current_language() == "en")
    desk.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN)
    desk.wait_for_list()
    assert current_language() == "en"


def test_what_is_chosen_at_the_door_counts_until_signing_out(
    qtbot: QtBot, window: MainWindow, hospital: SampleHospital
) -> None:
    desk = open_sign_in(qtbot, window)

    choose(desk.find(QComboBox, "sign_in_language"), "es")
    qtbot.waitUntil(lambda: current_language() == "es")
    assert desk.find(QComboBox, "sign_in_language").currentData() == "es"
    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()
    assert current_language() == "es"
    assert execute(hospital, f"SELECT language FROM staff WHERE id = {hospital.cashier_id}") == [("",)]

    desk.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.desk_page is None and current_language() == "en")


def test_whoever_is_signed_in_changes_their_language_and_goes_on(
    qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital
) -> None:
    before = desk.window.desk_page

    desk.press(Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    choose(desk.find(QComboBox, "language_dialog_language"), "es")
    desk.find(QPushButton, "language_dialog_ok").click()
    qtbot.waitUntil(lambda: desk.window.desk_page not in (None, before), timeout=15_000)
    desk.wait_for_list()

    assert current_language() == "es"
    assert execute(hospital, f"SELECT language FROM staff WHERE id = {hospital.cashier_id}") == [("es",)]
    actions = [action for (action,) in execute(hospital, "SELECT action FROM journal_entry ORDER BY number")]
    assert actions[-1] == "language chosen"
    assert "signed out" not in actions
    desk.press(Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert desk.find(QComboBox, "language_dialog_language").itemText(0) == "Como el hospital"


def test_a_machine_may_insist_on_a_language_for_tests(
    qtbot: QtBot, window: MainWindow, hospital: SampleHospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASHIER_LANGUAGE", "en_XA")
    execute(hospital, "UPDATE staff SET language = 'es'")
    desk = open_sign_in(qtbot, window)

    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()

    assert current_language() == "en_XA"


def test_the_patient_reads_the_hospitals_language_whatever_the_cashier_reads(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    display = PatientDisplay("Quay Hospital", mode="off", desk=window, language="en_XA")

    display.show_face(WELCOME)

    shown = {each.objectName(): each.text() for each in display.findChildren(QLabel)}
    display.deleteLater()
    assert current_language() == "en"
    assert shown["patient_title"].startswith("[")


def test_the_log_stays_english(window: MainWindow, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    speak("es")
    error = Refused(m("This cannot be done."))

    assert str(error.message) == "Esto no se puede hacer."
    assert str(error) == "This cannot be done."
