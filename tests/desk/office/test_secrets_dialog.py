"""The secrets of a machine, in the administrator's dialog."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.staff import Role
from cashier.desk.context import DeskContext
from cashier.desk.office.secrets_dialog import SecretsDialog
from cashier.staff.service import SignedIn
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import SampleHospital

KEY = "rk_test_restricted"


@pytest.fixture
def dialog(qtbot: QtBot, context: DeskContext, hospital: SampleHospital, window: QWidget) -> SecretsDialog:
    staff_id = hospital.administrator.staff_id
    assert staff_id is not None
    who = SignedIn(staff_id=staff_id, display_name="Ada Example", role=Role.ADMINISTRATOR)
    made = SecretsDialog(dataclasses.replace(context, signed_in=who), window)
    made.open()
    return made


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.resize(1200, 760)
    qtbot.addWidget(made)
    made.show()
    return made


def said(dialog: QWidget, name: str) -> str:
    return next((each.text() for each in dialog.findChildren(QLabel, name) if each.isVisible()), "")


def click(dialog: QWidget, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def type_key(dialog: QWidget, text: str) -> QLineEdit:
    field = dialog.findChild(QLineEdit, "secret_value")
    assert field is not None
    field.setFocus()
    QTest.keyClicks(field, text)
    return field


def test_what_a_key_lacks_is_listed_and_the_key_is_never_shown(
    qtbot: QtBot, dialog: SecretsDialog, sandbox: RunningSandbox
) -> None:
    sandbox.order("keys", key=KEY, may={"checkout/sessions": "write", "events": "read"})
    field = type_key(dialog, KEY)

    click(dialog, "secret_check")

    qtbot.waitUntil(lambda: "cannot do everything" in said(dialog, "secrets_notice_text"), timeout=15_000)
    assert said(dialog, "right_write_checkout_sessions") == "has it"
    assert said(dialog, "right_write_refunds") == "missing"
    assert "only card readers" in said(dialog, "right_write_terminal")
    assert field.echoMode() is QLineEdit.EchoMode.Password
    assert KEY not in "".join(each.text() for each in dialog.findChildren(QLabel))


def test_a_key_of_the_other_mode_is_explained(qtbot: QtBot, dialog: SecretsDialog) -> None:
    type_key(dialog, "sk_live_1234567")

    click(dialog, "secret_check")

    qtbot.waitUntil(lambda: "live key" in said(dialog, "secrets_notice_text"))


def test_where_each_secret_comes_from_is_told(qtbot: QtBot, dialog: SecretsDialog) -> None:
    qtbot.waitUntil(lambda: "Stripe key: environment" in said(dialog, "secrets_sources"))
    assert "Database password: none" in said(dialog, "secrets_sources")


def test_a_machine_without_a_keyring_keeps_nothing_and_says_what_to_do(qtbot: QtBot, dialog: SecretsDialog) -> None:
    type_key(dialog, KEY)

    click(dialog, "secret_keep")

    qtbot.waitUntil(lambda: "no keyring" in said(dialog, "secrets_notice_text"))
    assert KEY not in QApplication.clipboard().text()
