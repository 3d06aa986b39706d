"""Locking the desk: nothing can be seen or done, what is under way goes on, and who comes back finds it again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMainWindow, QPushButton, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from cashier.books.deeds.deed import DeedKind
from cashier.books.payment import PaymentState
from cashier.desk.kit.problems import show_problem
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.desk.shell.curtain import Curtain
from cashier.desk.shell.idle_watch import IdleWatch
from cashier.desk.shell.main_window import MainWindow
from cashier.desk.shell.sign_in_page import FACES, SignInStep
from cashier.errors import CashierError
from cashier.language import m
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.payments.patient import pay_on_page
from tests.surroundings.sample_hospital import (
    CASHIER_NAME,
    CASHIER_PIN,
    DUE,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
    SampleHospital,
)

CONTROL = Qt.KeyboardModifier.ControlModifier


def shown_page(window: MainWindow) -> str:
    pages = window.findChild(QStackedWidget, "pages")
    assert pages is not None
    page = pages.currentWidget()
    return page.objectName() if page is not None else ""


def open_dialogs(window: QWidget) -> list[str]:
    return [each.objectName() for each in window.findChildren(QDialog) if each.isVisible()]


def lock(qtbot: QtBot, desk: DeskWindow, key: Qt.Key = Qt.Key.Key_F12, modifiers=Qt.KeyboardModifier.NoModifier):
    desk.press(key, modifiers)
    qtbot.waitUntil(lambda: desk.window.is_locked)


def unlock(qtbot: QtBot, desk: DeskWindow, pin: str = CASHIER_PIN) -> None:
    QTest.keyClicks(desk.find(QLineEdit, "sign_in_pin"), pin)
    QTest.keyClick(desk.find(QLineEdit, "sign_in_pin"), Qt.Key.Key_Return)


def actions(hospital: SampleHospital) -> list[str]:
    return [row["action"] for row in hospital.execute("SELECT action FROM journal_entry ORDER BY number")]


def pay(qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital) -> PaymentDialog:
    """Open the payment of the due invoice at the window, as far as the card page."""
    desk.page.list.choose(hospital.invoice_ids[DUE])
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)
    desk.press(Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: "payment_dialog" in open_dialogs(desk.window))
    dialog = desk.find(PaymentDialog, "payment_dialog")
    button = dialog.findChild(QPushButton, "amount_continue")
    assert button is not None
    qtbot.waitUntil(button.isEnabled)
    button.click()
    qtbot.waitUntil(lambda: dialog.page is not None, timeout=15_000)
    return dialog


def test_every_step_has_a_face() -> None:
    assert set(FACES) == set(SignInStep)


def test_a_locked_desk_shows_nothing_and_opens_for_the_pin_of_the_same_person(
    qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital
) -> None:
    desk.type("INV")
    page = desk.page

    lock(qtbot, desk)

    assert shown_page(desk.window) == "sign_in_page"
    assert desk.text("sign_in_heading") == "Locked for Casey Sample"
    assert desk.focused() == "sign_in_pin"
    assert not desk.find(QLineEdit, "sign_in_name").isVisible()
    unlock(qtbot, desk)
    qtbot.waitUntil(lambda: shown_page(desk.window) == "desk_page")
    assert desk.page is page
    assert desk.find(QLineEdit, "search").text() == "INV"
    assert desk.focused() == "search"
    assert actions(hospital)[-3:] == [DeedKind.SIGNED_IN, DeedKind.DESK_LOCKED, DeedKind.DESK_UNLOCKED]


def test_keys_of_the_till_are_dead_behind_the_lock(qtbot: QtBot, desk: DeskWindow) -> None:
    lock(qtbot, desk)

    for key in (Qt.Key.Key_F1, Qt.Key.Key_F2, Qt.Key.Key_F10, Qt.Key.Key_Escape, Qt.Key.Key_F12):
        desk.press(key)
    desk.press(Qt.Key.Key_L, CONTROL)

    assert shown_page(desk.window) == "sign_in_page"
    assert desk.window.desk_page is not None
    assert open_dialogs(desk.window) == []


def test_a_wrong_pin_keeps_the_desk_locked(qtbot: QtBot, desk: DeskWindow) -> None:
    lock(qtbot, desk)

    unlock(qtbot, desk, SUPERVISOR_PIN)

    qtbot.waitUntil(lambda: desk.text("sign_in_notice_text").startswith("Name or PIN is wrong"))
    assert desk.window.is_locked
    assert desk.focused() == "sign_in_pin"


def test_somebody_else_gets_a_fresh_desk(qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital) -> None:
    desk.type("INV-2026-000002")
    lock(qtbot, desk, Qt.Key.Key_K, CONTROL)
    assert desk.focused() == "sign_in_name"

    desk.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN)
    qtbot.waitUntil(lambda: desk.text("header_person") == "Sol Example")
    desk.wait_for_list()

    assert desk.find(QLineEdit, "search").text() == ""
    assert not desk.window.is_locked
    qtbot.waitUntil(lambda: sorted(actions(hospital)[-2:]) == [DeedKind.SIGNED_IN, DeedKind.SIGNED_OUT])


def test_who_looked_away_finds_the_till_again_after_asking_to_switch(qtbot: QtBot, desk: DeskWindow) -> None:
    page = desk.page
    lock(qtbot, desk, Qt.Key.Key_K, CONTROL)
    desk.find(QPushButton, "sign_in_other").click()
    assert desk.text("sign_in_heading") == "Locked for Casey Sample"

    unlock(qtbot, desk)

    qtbot.waitUntil(lambda: shown_page(desk.window) == "desk_page")
    assert desk.page is page


def test_signing_in_by_name_brings_the_same_person_back_to_the_till(qtbot: QtBot, desk: DeskWindow) -> None:
    page = desk.page
    lock(qtbot, desk, Qt.Key.Key_K, CONTROL)

    desk.sign_in(CASHIER_NAME, CASHIER_PIN)

    qtbot.waitUntil(lambda: shown_page(desk.window) == "desk_page")
    assert desk.page is page


def test_dialogs_are_hidden_and_come_back_in_their_order(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.press(Qt.Key.Key_F1)
    show_problem(desk.find(QDialog, "keys_dialog"), CashierError(m("Something is to be read.")))
    assert open_dialogs(desk.window) == ["keys_dialog", "problem_dialog"]

    desk.window.lock()
    assert open_dialogs(desk.window) == []
    unlock(qtbot, desk)

    qtbot.waitUntil(lambda: open_dialogs(desk.window) == ["keys_dialog", "problem_dialog"])
    assert desk.find(QDialog, "problem_dialog").isEnabled()
    assert not desk.find(QDialog, "keys_dialog").isEnabled()
    assert not desk.page.isEnabled()


def test_what_opens_behind_the_lock_is_seen_only_afterwards(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.window.lock()

    show_problem(desk.window, CashierError(m("Nobody may read this now.")))

    qtbot.waitUntil(lambda: open_dialogs(desk.window) == [])
    unlock(qtbot, desk)
    qtbot.waitUntil(lambda: open_dialogs(desk.window) == ["problem_dialog"])


def test_what_opens_above_a_hidden_dialog_is_seen_only_afterwards(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.press(Qt.Key.Key_F1)
    keys = desk.find(QDialog, "keys_dialog")
    desk.window.lock()

    def open_one(name: str, parent: QWidget) -> None:
        dialog = QDialog(parent)
        dialog.setObjectName(name)
        dialog.open()

    for name in ("first", "second"):
        open_one(name, keys)
        qtbot.waitUntil(lambda: open_dialogs(desk.window) == [])
    open_one("third", keys)
    open_one("fourth", desk.window)
    qtbot.waitUntil(lambda: open_dialogs(desk.window) == [])

    unlock(qtbot, desk)
    qtbot.waitUntil(lambda: set(open_dialogs(desk.window)) == {"keys_dialog", "first", "second", "third", "fourth"})


def test_what_ends_behind_the_lock_does_not_come_back(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.press(Qt.Key.Key_F1)
    dialog = desk.find(QDialog, "keys_dialog")
    desk.window.lock()

    dialog.accept()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    unlock(qtbot, desk)

    qtbot.waitUntil(lambda: shown_page(desk.window) == "desk_page")
    assert open_dialogs(desk.window) == []


def test_a_running_payment_goes_on_behind_the_lock(
    qtbot: QtBot, counter: Counter, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    dialog = pay(qtbot, open_desk, hospital)
    (row,) = hospital.execute("SELECT id FROM payment")
    open_desk.window.lock()

    payments = counter.services.payments
    view = answer(qtbot, counter.thread, payments.refresh(uuid.UUID(str(row["id"]))))
    assert view.page_url is not None
    answer(qtbot, counter.thread, pay_on_page(view.page_url))

    qtbot.waitUntil(lambda: dialog.face is Face.PAID, timeout=15_000)
    assert open_dialogs(open_desk.window) == []
    unlock(qtbot, open_desk)
    qtbot.waitUntil(lambda: open_dialogs(open_desk.window) == ["payment_dialog"])
    assert dialog.face is Face.PAID
    dialog.reject()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog), timeout=15_000)


def test_somebody_else_finds_the_payment_as_unfinished_at_this_desk(
    qtbot: QtBot, counter: Counter, open_desk: DeskWindow, hospital: SampleHospital
) -> None:
    dialog = pay(qtbot, open_desk, hospital)
    open_desk.window.switch_cashier()

    open_desk.sign_in(SUPERVISOR_NAME, SUPERVISOR_PIN)

    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog), timeout=15_000)
    open_desk.wait_for_list()
    qtbot.waitUntil(lambda: "not finished at this desk" in open_desk.text("unfinished_notice_text"), timeout=15_000)
    (payment,) = hospital.execute("SELECT state FROM payment")
    assert payment["state"] == PaymentState.OPEN


def test_a_first_pin_is_changed_before_anything_else(
    qtbot: QtBot, window: MainWindow, hospital: SampleHospital
) -> None:
    hospital.execute("UPDATE staff SET must_change_pin = true WHERE id = 1")
    desk = DeskWindow(qtbot, window)
    window.start()
    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    qtbot.waitUntil(lambda: desk.focused() == "sign_in_new_pin")
    assert desk.text("sign_in_notice_text").startswith("This is your first PIN.")

    def type_twice(first: str, again: str) -> None:
        QTest.keyClicks(desk.find(QLineEdit, "sign_in_new_pin"), first)
        QTest.keyClick(desk.find(QLineEdit, "sign_in_new_pin"), Qt.Key.Key_Return)
        QTest.keyClicks(desk.find(QLineEdit, "sign_in_new_pin_again"), again)
        QTest.keyClick(desk.find(QLineEdit, "sign_in_new_pin_again"), Qt.Key.Key_Return)

    type_twice("480261", "480262")
    assert desk.text("sign_in_notice_text").startswith("The two entries differ.")
    type_twice("123456", "123456")
    qtbot.waitUntil(lambda: "it is a series" in desk.text("sign_in_notice_text"))
    type_twice("480261", "480261")
    desk.wait_for_list()

    assert desk.text("header_person") == "Casey Sample"


@pytest.fixture
def watch(qtbot: QtBot) -> Iterator[tuple[IdleWatch, QWidget]]:
    """A watch that waits for a minute, and a window that has the keyboard."""
    window = QWidget()
    watch = IdleWatch(1, window)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    yield watch, window
    with qtbot.waitSignals([window.destroyed]):
        window.deleteLater()


def test_every_touch_begins_the_time_anew(qtbot: QtBot, watch: tuple[IdleWatch, QWidget]) -> None:
    idle, window = watch
    handle = window.windowHandle()
    shortcut = QShortcut(QKeySequence("F2"), window)
    for touch in (
        lambda: QTest.keyClick(handle, Qt.Key.Key_A),
        lambda: QTest.keyClick(handle, Qt.Key.Key_F2),
        lambda: QTest.mouseClick(handle, Qt.MouseButton.LeftButton),
        lambda: QTest.mouseMove(handle, QPoint(5, 7)),
    ):
        idle._timer.stop()
        touch()
        assert idle._timer.isActive()
    assert shortcut.isEnabled()


def test_without_a_touch_the_time_ends(qtbot: QtBot, watch: tuple[IdleWatch, QWidget]) -> None:
    idle, _window = watch
    idle._timer.setInterval(50)

    with qtbot.waitSignal(idle.idle):
        pass


def test_nothing_happens_by_itself_where_that_is_switched_off(qtbot: QtBot) -> None:
    owner = QWidget()

    assert not IdleWatch(0, owner)._timer.isActive()

    owner.deleteLater()


@pytest.mark.parametrize(
    ("key", "modifiers", "signal"),
    [
        (Qt.Key.Key_F12, Qt.KeyboardModifier.NoModifier, "lock_wanted"),
        (Qt.Key.Key_K, CONTROL, "switch_wanted"),
    ],
)
def test_the_keys_that_lock_are_heard_above_a_dialog(
    qtbot: QtBot, watch: tuple[IdleWatch, QWidget], key: Qt.Key, modifiers: Qt.KeyboardModifier, signal: str
) -> None:
    idle, window = watch
    dialog = QDialog(window)
    field = QLineEdit(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is dialog.windowHandle())

    with qtbot.waitSignal(getattr(idle, signal)):
        QTest.keyClick(dialog.windowHandle(), key, modifiers)

    assert field.text() == ""


def test_a_desk_locks_itself_when_nobody_touches_it(qtbot: QtBot, desk: DeskWindow) -> None:
    desk.window._idle_watch.idle.emit()

    qtbot.waitUntil(lambda: desk.window.is_locked)


def test_a_menu_that_is_open_is_closed(qtbot: QtBot) -> None:
    window = QMainWindow()
    window.show()
    popup = QWidget(window, Qt.WindowType.Popup)
    popup.show()
    assert QApplication.activePopupWidget() is popup

    curtain = Curtain(window)

    assert QApplication.activePopupWidget() is None
    curtain.lift()
    with qtbot.waitSignals([window.destroyed]):
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
