"""Two machines with one desk: the second is told when somebody signs in, and the first when somebody went on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import staff_at
from cashier.database import Database
from cashier.desk.service_thread import ServiceThread
from cashier.desk.shell.desk_claim import DeskInUseDialog
from cashier.desk.shell.main_window import MainWindow
from cashier.hospital.desk_uses import DeskUses, OtherUse
from cashier.settings import Settings
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.sample_hospital import CASHIER_NAME, CASHIER_PIN, SampleHospital

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])


class Elsewhere:
    """Another machine on which a supervisor has signed in at the same desk."""

    def __init__(self, hospital: SampleHospital, folder: Path) -> None:
        mark = hospital.file if hospital.url.startswith("sqlite") else folder / "elsewhere" / "mark"
        self._runner = asyncio.Runner()
        self._database = Database(hospital.url)
        self._desk_id = hospital.desk_id
        self._uses = DeskUses(self._database, mark=mark, silent_after_seconds=60, machine="till-7")
        self._runner.run(self._uses.claim(staff_at(staff_id=hospital.supervisor_id, desk_id=hospital.desk_id)))

    def beat(self) -> OtherUse | None:
        return self._runner.run(self._uses.beat(self._desk_id))

    def sign_out(self) -> None:
        self._runner.run(self._uses.give_back(self._desk_id))

    def close(self) -> None:
        self._runner.run(self._database.close())
        self._runner.close()


@pytest.fixture
def elsewhere(hospital: SampleHospital, tmp_path: Path) -> Iterator[Elsewhere]:
    """Another machine, for the length of the test."""
    elsewhere = Elsewhere(hospital, tmp_path)
    yield elsewhere
    elsewhere.close()


@pytest.fixture
def second(
    qtbot: QtBot, elsewhere: Elsewhere, offline_thread: ServiceThread, offline_settings: Settings
) -> Iterator[DeskWindow]:
    """The window of the second machine, in which a cashier signs in."""
    window = MainWindow(offline_thread, offline_settings)
    window.show()
    window.start()
    desk = DeskWindow(qtbot, window)
    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    yield desk
    window.close()
    window.deleteLater()


def the_question(qtbot: QtBot, desk: DeskWindow) -> DeskInUseDialog:
    qtbot.waitUntil(lambda: desk.window.findChild(DeskInUseDialog) is not None, timeout=15_000)
    dialog = desk.window.findChild(DeskInUseDialog)
    assert dialog is not None
    return dialog


def said(dialog: DeskInUseDialog) -> str:
    return " ".join(each.text() for each in dialog.findChildren(QLabel))


def test_who_signs_in_is_told_and_enter_does_not_go_on(qtbot: QtBot, second: DeskWindow) -> None:
    dialog = the_question(qtbot, second)

    assert "Sol Example is signed in on the machine till-7 since" in said(dialog)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: "Desk D1 is in use on the machine till-7" in second.text("sign_in_notice_text"))
    assert second.window.desk_page is None


def test_going_on_is_journaled_and_the_desk_opens(
    qtbot: QtBot, second: DeskWindow, hospital: SampleHospital, elsewhere: Elsewhere, offline_thread: ServiceThread
) -> None:
    dialog = the_question(qtbot, second)

    dialog.accept()

    second.wait_for_list()
    (deed,) = hospital.execute(
        "SELECT staff_id FROM journal_entry WHERE action = :action", action=DeedKind.DESK_CONTINUED.value
    )
    assert deed["staff_id"] == hospital.cashier_id
    told = elsewhere.beat()
    assert told is not None
    second.page._banners.show_other_use(told)
    assert "Casey Sample uses desk D1 on the machine" in second.text("desk_used_elsewhere_text")


def test_after_signing_out_there_is_no_question(
    qtbot: QtBot, second: DeskWindow, hospital: SampleHospital, elsewhere: Elsewhere, offline_thread: ServiceThread
) -> None:
    the_question(qtbot, second).reject()
    elsewhere.sign_out()
    qtbot.waitUntil(lambda: second.find(QLineEdit, "sign_in_pin").isEnabled())

    second.sign_in(CASHIER_NAME, CASHIER_PIN)

    second.wait_for_list()
