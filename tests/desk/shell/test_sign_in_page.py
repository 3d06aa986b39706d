"""What the page before the desk says and remembers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from cashier.desk.kit.look import Look, current_look
from cashier.desk.kit.style import wear
from cashier.desk.scanning.recogniser import Scan
from cashier.desk.service_thread import ServiceThread
from cashier.desk.shell.main_window import MainWindow
from cashier.desk.shell.sign_in_page import SignInPage
from cashier.desk.shell.wearing import wear_what_is_set
from cashier.language import verbatim
from cashier.palette import Theme
from cashier.settings import LookSettings, Settings


@pytest.fixture
def page(qtbot: QtBot) -> SignInPage:
    made = SignInPage()
    qtbot.addWidget(made)
    made.open_for(hospital="Example Hospital", desk=verbatim("Desk D1"))
    made.show()
    return made


def field(page: SignInPage, name: str) -> QLineEdit:
    found = page.findChild(QLineEdit, name)
    assert isinstance(found, QLineEdit)
    return found


def told(page: SignInPage) -> str:
    found = page.findChild(QLabel, "sign_in_notice_text")
    return found.text() if isinstance(found, QLabel) and found.isVisible() else ""


def test_a_badge_is_no_name_to_be_remembered(page: SignInPage) -> None:
    page.take_scan(Scan(readings=("STAFF-000123",), window=page, is_secret=False))
    assert page.typed_name == ""

    field(page, "sign_in_name").setText("casey")
    assert page.typed_name == "casey"


def test_who_is_remembered_types_the_pin_alone_and_anybody_else_over_the_name(page: SignInPage) -> None:
    page.begin("casey")
    assert page.focusWidget() is field(page, "sign_in_pin")

    QTest.keyClick(field(page, "sign_in_pin"), Qt.Key.Key_Backtab)
    QTest.keyClicks(field(page, "sign_in_name"), "sol")
    assert field(page, "sign_in_name").text() == "sol"


def test_no_pin_is_kept_behind_the_till(page: SignInPage) -> None:
    field(page, "sign_in_name").setText("casey")
    field(page, "sign_in_pin").setText("480261")
    page.hide()

    assert field(page, "sign_in_pin").text() == ""
    assert page.typed_name == "casey"


@pytest.mark.parametrize(
    ("typed", "modifier", "says"),
    [
        ("a", Qt.KeyboardModifier.NoModifier, ""),
        ("A", Qt.KeyboardModifier.ShiftModifier, ""),
        ("7", Qt.KeyboardModifier.NoModifier, ""),
        ("A", Qt.KeyboardModifier.NoModifier, "Caps Lock is on."),
        ("a", Qt.KeyboardModifier.ShiftModifier, "Caps Lock is on."),
    ],
)
def test_caps_lock_is_told_where_letters_cannot_be_read(
    page: SignInPage, typed: str, modifier: Qt.KeyboardModifier, says: str
) -> None:
    key = Qt.Key.Key_7 if typed == "7" else Qt.Key.Key_A

    QTest.sendKeyEvent(QTest.KeyAction.Press, field(page, "sign_in_pin"), key, typed, modifier)

    assert told(page) == says


@pytest.fixture
def usual_look_afterwards(qapp: QApplication) -> Iterator[None]:
    yield
    wear_what_is_set(qapp, Settings(look=LookSettings(theme="light"))).setParent(None)
    wear(qapp, Look())


@pytest.mark.usefixtures("usual_look_afterwards")
def test_other_colours_are_worn_at_once_and_stay(
    qapp: QApplication, offline_thread: ServiceThread, offline_settings: Settings
) -> None:
    wear_what_is_set(qapp, offline_settings)
    window = MainWindow(offline_thread, offline_settings)
    window.show()
    themes = window.findChild(QComboBox, "sign_in_theme")
    assert isinstance(themes, QComboBox)
    assert themes.currentData() == "system"

    themes.setCurrentIndex(themes.findData(Theme.DARK))
    themes.activated.emit(themes.currentIndex())
    assert current_look().theme is Theme.DARK
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert current_look().theme is Theme.DARK

    themes.activated.emit(themes.findData("system"))
    window.close()
    window.deleteLater()
