"""Starting, signing in and out, and what is shown when the desk cannot start."""

from __future__ import annotations

import contextlib
import sqlite3

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.deeds.deed import DeedKind
from cashier.desk.kit.look import shade
from cashier.desk.service_thread import ServiceThread
from cashier.desk.shell.main_window import MainWindow
from cashier.keychain import Secret
from cashier.palette import Colour
from cashier.settings import Settings, StripeSettings
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.running_sandbox import STRIPE_KEY
from tests.surroundings.sample_hospital import (
    CASHIER_NAME,
    CASHIER_PIN,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
    SampleHospital,
)


def journal_of(hospital: SampleHospital) -> list[str]:
    with contextlib.closing(sqlite3.connect(hospital.file)) as connection:
        return [str(row[0]) for row in connection.execute("SELECT action FROM journal_entry ORDER BY number")]


def shown_page(window: MainWindow) -> str:
    pages = window.findChild(QStackedWidget, "pages")
    assert pages is not None
    page = pages.currentWidget()
    return page.objectName() if page is not None else ""


def test_the_page_says_where_one_signs_in(qtbot: QtBot, window: MainWindow) -> None:
    desk = DeskWindow(qtbot, window)

    window.start()

    qtbot.waitUntil(lambda: desk.text("sign_in_hospital") == "Harbour Example Hospital", timeout=15_000)
    assert desk.text("sign_in_desk") == "Desk D1 · Main entrance"
    assert desk.text("training_text") == "TRAINING – no money moves"


@pytest.mark.parametrize(
    ("stripe", "words"),
    [
        (StripeSettings(api_base="http://127.0.0.1:1"), "TRAINING – no money moves"),
        (StripeSettings(), "STRIPE TEST MODE – no money moves, and only Stripe's test cards work"),
        (StripeSettings(mode="live"), ""),
    ],
)
def test_the_window_says_why_no_money_moves(
    offline_thread: ServiceThread, offline_settings: Settings, stripe: StripeSettings, words: str
) -> None:
    window = MainWindow(offline_thread, msgspec.structs.replace(offline_settings, stripe=stripe))
    window.show()

    banner = window.findChild(QLabel, "training_text")
    assert isinstance(banner, QLabel)
    assert (banner.text() if banner.isVisible() else "") == words
    edge = window.grab().toImage()
    along = {edge.pixelColor(x, 1).name() for x in range(edge.width())}
    stripes = {shade(Colour.TRAINING).name(), shade(Colour.TRAINING_GROUND).name()}
    assert (stripes <= along) == bool(words), "the stripes round the window go with the words"
    window.close()
    window.deleteLater()


def test_a_wrong_pin_is_refused_under_the_field_and_nothing_moves(qtbot: QtBot, window: MainWindow) -> None:
    desk = DeskWindow(qtbot, window)
    window.start()
    qtbot.waitUntil(lambda: "D1" in desk.text("sign_in_desk"), timeout=15_000)
    parts = [desk.find(QWidget, name) for name in ("sign_in_pin", "sign_in", "sign_in_card")]
    before = [each.mapTo(window, each.rect().topLeft()) for each in parts]

    desk.sign_in(CASHIER_NAME, "0000")

    qtbot.waitUntil(lambda: desk.text("sign_in_notice_text") == "Name or PIN is wrong. Try again.")
    assert [each.mapTo(window, each.rect().topLeft()) for each in parts] == before
    assert shown_page(window) == "sign_in_page"
    assert desk.focused() == "sign_in_pin"


def test_signing_out_leaves_the_desk_to_the_next_person(
    qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital
) -> None:
    desk.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown_page(desk.window) == "sign_in_page")
    # Whoever was here last has only the PIN to type.
    assert desk.find(QLineEdit, "sign_in_name").text() == CASHIER_NAME
    assert desk.focused() == "sign_in_pin"

    desk.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN)
    desk.wait_for_list()

    assert desk.text("header_person") == "Sol Example"
    qtbot.waitUntil(
        lambda: journal_of(hospital)[-3:] == [DeedKind.SIGNED_IN, DeedKind.SIGNED_OUT, DeedKind.SIGNED_IN]
    )


def test_a_window_closed_during_an_order_leaves_it_to_finish(
    qtbot: QtBot, desk: DeskWindow, offline_thread: ServiceThread, hospital: SampleHospital
) -> None:
    desk.press(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    desk.window.close()
    offline_thread.stop()

    assert journal_of(hospital)[-1] == DeedKind.SIGNED_OUT


def test_a_database_without_tables_is_explained_and_can_be_tried_again(
    qtbot: QtBot, window: MainWindow, hospital: SampleHospital
) -> None:
    desk = DeskWindow(qtbot, window)
    with contextlib.closing(sqlite3.connect(hospital.file)) as connection, connection:
        (newest,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    window.start()
    qtbot.waitUntil(lambda: shown_page(window) == "trouble_page", timeout=15_000)
    assert desk.text("trouble_message").startswith("The database is older (0000)")
    assert desk.text("trouble_advice") == "Make a backup, then run: cashier migrate"

    with contextlib.closing(sqlite3.connect(hospital.file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (newest,))
    desk.find(QPushButton, "trouble_retry").click()

    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()


def test_a_publishable_key_is_explained(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = DeskWindow(qtbot, window)
    monkeypatch.setenv(Secret.STRIPE_KEY.variable, STRIPE_KEY.replace("sk_", "pk_"))

    window.start()

    qtbot.waitUntil(lambda: shown_page(window) == "trouble_page", timeout=15_000)
    assert desk.text("trouble_message") == "The Stripe key is a publishable key (pk_…)."


def test_an_unknown_desk_is_explained(qtbot: QtBot, window: MainWindow, hospital: SampleHospital) -> None:
    desk = DeskWindow(qtbot, window)
    with contextlib.closing(sqlite3.connect(hospital.file)) as connection, connection:
        connection.execute("UPDATE desk SET code = 'E1' WHERE code = 'D1'")

    window.start()

    qtbot.waitUntil(lambda: shown_page(window) == "trouble_page", timeout=15_000)
    assert desk.text("trouble_advice") == "Set code in [desk] of the settings to one of: D2, E1."
