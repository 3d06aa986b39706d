"""The desk as a program: from nothing to a window, and from its closing to an end without loose ends."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QApplication

from cashier.desk.kit.icons import logo
from cashier.desk.kit.problems import show_problem
from cashier.desk.service_thread import ServiceThread, as_cashier_error
from cashier.desk.shell.garbage import GarbageOnQtsThread
from cashier.desk.shell.interruption import quit_on_signals
from cashier.desk.shell.main_window import MainWindow
from cashier.desk.shell.spoken import speak
from cashier.desk.shell.wearing import wear_what_is_set
from cashier.desk.shell.window_place import remember_place, show_where_it_was
from cashier.language import current_language, fixed_language

if TYPE_CHECKING:
    from cashier.settings import Settings


def run(settings: Settings, *, guide: Callable[[QApplication, MainWindow], None] | None = None) -> int:
    """Run the desk until its window is closed; a ``guide`` may use it. Return the exit status."""
    # The web engine is imported after the first paint, which Qt allows when contexts are shared from the beginning:
    # https://doc.qt.io/qt-6/qtwebengine-overview.html
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    application = QApplication(["cashier"])
    GarbageOnQtsThread(application)
    application.setApplicationName("cashier")
    application.setApplicationDisplayName("Cashier")
    application.setDesktopFileName("cashier")
    application.setWindowIcon(logo())
    wear_what_is_set(application, settings)
    speak(fixed_language() or settings.desk.language or current_language())
    thread = ServiceThread(settings)
    window = MainWindow(thread, settings)
    window.first_painted.connect(lambda: QTimer.singleShot(0, window, window.start))
    sys.excepthook = _show_unexpected
    show_where_it_was(window, settings.folder, settings.desk.code)
    if guide is not None:
        guide(application, window)
    try:
        with quit_on_signals(application):
            return application.exec()
    finally:
        # What a cashier ordered is finished before the program ends.
        remember_place(window, settings.folder, settings.desk.code)
        window.hide()
        thread.stop()
        sys.excepthook = sys.__excepthook__


def _show_unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log what went wrong in a window, and show its reference; the program goes on."""
    if isinstance(error, Exception):
        show_problem(None, as_cashier_error(error))
    else:
        sys.__excepthook__(kind, error, trace)
