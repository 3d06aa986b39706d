"""Two desks on one database show the same without a refresh key, on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import msgspec
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.desk.service_thread import ServiceThread
from cashier.desk.shell.main_window import MainWindow
from cashier.settings import DeskSettings, Settings
from tests.desk.surroundings.desk_window import DeskWindow
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import (
    CASHIER_NAME,
    CASHIER_PIN,
    DUE,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
    SampleHospital,
)

pytestmark = pytest.mark.both_databases


@contextlib.contextmanager
def working_desk(qtbot: QtBot, settings: Settings, name: str, pin: str) -> Iterator[DeskWindow]:
    """A desk with a service thread of its own, as a process has it."""
    thread = ServiceThread(settings)
    window = MainWindow(thread, settings)
    window.show()
    window.start()
    desk = DeskWindow(qtbot, window)
    try:
        desk.sign_in(name, pin)
        desk.wait_for_list()
        yield desk
    finally:
        thread.stop()
        window.close()
        window.deleteLater()
        qtbot.waitUntil(lambda: not shiboken6.isValid(window))


@pytest.fixture
def here(
    qtbot: QtBot, settings: Settings, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[DeskWindow]:
    """Casey at desk D1."""
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    with working_desk(qtbot, settings, CASHIER_NAME, CASHIER_PIN) as desk:
        yield desk


@pytest.fixture
def there(qtbot: QtBot, here: DeskWindow, settings: Settings) -> Iterator[DeskWindow]:
    """Sol at desk D2, on the same database."""
    with working_desk(
        qtbot,
        msgspec.structs.replace(settings, desk=DeskSettings(code="D2", shifts=False)),
        SUPERVISOR_NAME,
        SUPERVISOR_PIN,
    ) as desk:
        yield desk


def look_at(qtbot: QtBot, desk: DeskWindow, hospital: SampleHospital) -> None:
    desk.page.list.choose(hospital.invoice_ids[DUE])
    qtbot.waitUntil(lambda: desk.text("detail_invoice") == DUE)
    qtbot.waitUntil(desk.find(QPushButton, "take_payment").isEnabled)


def begin_in_dialog(qtbot: QtBot, desk: DeskWindow) -> PaymentDialog:
    """Open the payment page at a desk, by keys."""
    desk.press(Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: desk.window.findChild(PaymentDialog) is not None)
    dialog = desk.find(PaymentDialog, "payment_dialog")
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.face is Face.PAGE, timeout=15_000)
    return dialog


def wait_until_paid(qtbot: QtBot, desk: DeskWindow) -> None:
    qtbot.waitUntil(lambda: desk.text("detail_status") == "Paid")
    qtbot.waitUntil(lambda: DUE not in desk.numbers())
    assert re.fullmatch(r"Paid .+, Visa •••• 4242, T-D\d-\d+", desk.text("detail_settled"))
    assert desk.text("detail_balance") == ""


def page_address(sandbox: RunningSandbox) -> str:
    return str(sandbox.ask("/v1/checkout/sessions?limit=1")["data"][0]["url"])


def test_a_payment_begun_and_paid_at_one_desk_is_seen_at_the_other(
    qtbot: QtBot, here: DeskWindow, there: DeskWindow, hospital: SampleHospital, sandbox: RunningSandbox
) -> None:
    look_at(qtbot, here, hospital)
    look_at(qtbot, there, hospital)

    dialog = begin_in_dialog(qtbot, here)

    qtbot.waitUntil(lambda: "Casey Sample at desk D1 is taking a payment" in there.text("detail_notice_text"))
    qtbot.waitUntil(lambda: there.cell(DUE, "status") == "Being paid, D1")
    assert not there.find(QPushButton, "take_payment").isEnabled()

    sandbox.pay_on_page(page_address(sandbox))

    qtbot.waitUntil(lambda: dialog.face is Face.PAID, timeout=15_000)
    wait_until_paid(qtbot, here)
    wait_until_paid(qtbot, there)
    dialog.close()


def test_a_payment_taken_over_is_seen_at_once_where_it_was_begun(
    qtbot: QtBot, here: DeskWindow, there: DeskWindow, hospital: SampleHospital
) -> None:
    look_at(qtbot, here, hospital)
    look_at(qtbot, there, hospital)
    lost = begin_in_dialog(qtbot, here)
    qtbot.waitUntil(there.find(QPushButton, "take_over_payment").isVisible)

    there.press(Qt.Key.Key_F7)
    there.find(QPushButton, "take_over_ok").click()

    qtbot.waitUntil(lambda: lost.face is Face.TAKEN_OVER, timeout=15_000)
    qtbot.waitUntil(lambda: there.window.findChild(PaymentDialog) is not None, timeout=15_000)
    lost.close()
    there.find(PaymentDialog, "payment_dialog").close()
