"""What the desk's tests share: a screen that nobody sees, and a web engine that works in containers."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cashier.assembly import Services
from cashier.books.staff import Role
from cashier.desk.context import DeskContext
from cashier.desk.kit.look import Look
from cashier.desk.kit.style import wear
from cashier.desk.patient_screen.patient_display import PatientDisplay
from cashier.desk.service_thread import ServiceThread
from cashier.desk.shell.main_window import MainWindow
from cashier.settings import CompanionSettings, DatabaseSettings, DeskSettings, Settings, StripeSettings
from cashier.staff.service import SignedIn
from tests.desk.surroundings import hands
from tests.desk.surroundings.acting import answer
from tests.desk.surroundings.counter import Counter
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.surroundings.paying import Till
from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.sample_hospital import CASHIER_NAME, CASHIER_PIN, SampleHospital

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if hasattr(os, "geteuid") and os.geteuid() == 0:
    # Chromium's own sandbox does not work as root; only containers run tests so.
    os.environ.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", "--no-sandbox --disable-gpu")
# Before the application is made, so that the web engine may come later:
# https://doc.qt.io/qt-6/qtwebenginewidgets-module.html
QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)


@pytest.fixture(scope="session")
def qapp(qapp_args: list[str], qapp_cls: type[QApplication], pytestconfig: pytest.Config) -> QApplication:
    """The application in its style, as a desk has it."""
    application = qapp_cls(qapp_args)
    application.setApplicationName("cashier")
    wear(application, Look())
    return application


@pytest.fixture(autouse=True)
def _hands_at_the_keys(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test types is no scan, however fast it types; ``hands.scan`` scans."""
    if "qtbot" in request.fixturenames:
        request.getfixturevalue("qapp")
        with hands.keys_of_hands():
            yield
    else:
        yield


@pytest.fixture(autouse=True)
def garbage_stays_with_qt() -> Iterator[None]:
    """Look for garbage on Qt's thread alone: elsewhere PySide and Qt may wait for each other for ever."""
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()


@pytest.fixture
def context(
    qtbot: QtBot,
    settings: Settings,
    secrets: dict[str, str],
    hospital: SampleHospital,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[DeskContext]:
    """The cashier of the sample hospital, signed in at desk D1."""
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    thread = ServiceThread(settings)
    with qtbot.waitSignal(thread.services_opened, timeout=15_000) as opened:
        thread.start()
    services = opened.args[0]
    station = answer(qtbot, thread, services.desks.station(settings.desk.code))
    who = SignedIn(staff_id=hospital.cashier_id, display_name="Casey Sample", role=Role.CASHIER)
    desk = QWidget()
    display = PatientDisplay(station.hospital, mode=settings.desk.patient_display, desk=desk)
    yield DeskContext(thread=thread, services=services, station=station, signed_in=who, patient_display=display)
    thread.stop()
    display.deleteLater()
    desk.deleteLater()


@pytest.fixture
def offline_settings(hospital: SampleHospital) -> Settings:
    """Settings of desk D1 where neither Stripe nor the companion answers."""
    return Settings(
        database=DatabaseSettings(url=hospital.url),
        stripe=StripeSettings(api_base="http://127.0.0.1:1", timeout_seconds=1.0),
        companion=CompanionSettings(url="http://127.0.0.1:1"),
        desk=DeskSettings(code=hospital.desk_code, shifts=False),
    )


@pytest.fixture
def offline_thread(
    qtbot: QtBot, offline_settings: Settings, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[ServiceThread]:
    """A service thread that is not started."""
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    thread = ServiceThread(offline_settings)
    yield thread
    thread.stop()


@pytest.fixture
def offline_services(qtbot: QtBot, offline_thread: ServiceThread) -> Services:
    """The services on ``offline_thread``, which runs."""
    with qtbot.waitSignal(offline_thread.services_opened, timeout=15_000) as opened:
        offline_thread.start()
    found = (opened.args or [])[0]
    assert isinstance(found, Services)
    return found


@pytest.fixture
def window(qtbot: QtBot, offline_thread: ServiceThread, offline_settings: Settings) -> Iterator[MainWindow]:
    """The main window on the screen; ``start`` has not been called."""
    window = MainWindow(offline_thread, offline_settings)
    window.show()
    yield window
    window.close()
    window.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(window))


@pytest.fixture
def desk(qtbot: QtBot, window: MainWindow) -> DeskWindow:
    """The main window of a cashier who has signed in; the list is there. Stripe does not answer."""
    desk = DeskWindow(qtbot, window)
    window.start()
    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()
    return desk


@pytest.fixture
def counter(
    qtbot: QtBot,
    settings: Settings,
    secrets: dict[str, str],
    hospital: SampleHospital,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Counter]:
    """The services of desk D1 in front of the sandbox."""
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    thread = ServiceThread(settings)
    yield Counter(qtbot, thread, hospital)
    thread.stop()


@pytest.fixture
def open_desk(qtbot: QtBot, counter: Counter, settings: Settings) -> Iterator[DeskWindow]:
    """The main window of a cashier who has signed in; Stripe answers."""
    window = MainWindow(counter.thread, settings)
    window.show()
    window.start()
    desk = DeskWindow(qtbot, window)
    desk.sign_in(CASHIER_NAME, CASHIER_PIN)
    desk.wait_for_list()
    yield desk
    window.close()
    window.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(window))


@pytest.fixture
def till(qtbot: QtBot, context: DeskContext, hospital: SampleHospital, sandbox: RunningSandbox) -> Iterator[Till]:
    """The payment dialog of a cashier, over an empty window."""
    window = QWidget()
    window.resize(1366, 768)
    window.show()
    yield Till(qtbot, context, hospital, sandbox, window)
    with qtbot.waitSignals([window.destroyed]):
        window.deleteLater()
