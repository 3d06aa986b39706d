"""The one window: signing in, working, and what is shown when the desk cannot start."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from cashier.desk.kit.controls import label
from cashier.desk.service_thread import ServiceThread
from cashier.desk.shell.curtain import Curtain
from cashier.desk.shell.idle_watch import IdleWatch
from cashier.desk.shell.sign_in_page import SignInPage
from cashier.desk.shell.trouble_page import TroublePage
from cashier.errors import CashierError

if TYPE_CHECKING:
    from cashier.assembly import Services
    from cashier.desk.patient_screen.patient_display import PatientDisplay
    from cashier.desk.till.desk_page import DeskPage
    from cashier.hospital.service import Station
    from cashier.settings import Settings
    from cashier.staff.service import SignedIn


class MainWindow(QMainWindow):
    """Shows one page at a time. Everything heavy comes after the first paint."""

    first_painted = Signal()
    """The window is on the screen."""

    def __init__(self, thread: ServiceThread, settings: Settings) -> None:
        """Show the sign-in page; it opens when ``thread`` has opened the services."""
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("Cashier")
        self.resize(1366, 768)
        self.setMinimumSize(1024, 640)
        self._thread = thread
        self._settings = settings
        self._services: Services | None = None
        self._station: Station | None = None
        self._is_painted = False
        self._desk_page: DeskPage | None = None
        self._patient_display: PatientDisplay | None = None
        self._curtain: Curtain | None = None
        self._idle_watch = IdleWatch(settings.desk.lock_after_minutes, self)
        self._sign_in = SignInPage()
        self._trouble = TroublePage()
        self._pages = QStackedWidget()
        self._pages.setObjectName("pages")
        self._pages.addWidget(self._sign_in)
        self._pages.addWidget(self._trouble)
        self._lay_out()
        self._sign_in.sign_in_wanted.connect(self._ask_who_it_is)
        self._sign_in.unlock_wanted.connect(self._ask_whether_it_is_still_them)
        self._sign_in.pin_change_wanted.connect(self._ask_for_pin_change)
        self._idle_watch.idle.connect(self.lock)
        self._idle_watch.lock_wanted.connect(self.lock)
        self._idle_watch.switch_wanted.connect(self.switch_cashier)
        self._trouble.retry_wanted.connect(self.start)
        self._trouble.quit_wanted.connect(self.close)
        thread.services_opened.connect(self._take_over)
        thread.services_failed.connect(self._show_trouble)
        self._sign_in.begin()

    @property
    def desk_page(self) -> DeskPage | None:
        """The page of the cashier who is signed in."""
        return self._desk_page

    def start(self) -> None:
        """Open the services, for the first time or once more."""
        self._sign_in.close_again()
        self._pages.setCurrentWidget(self._sign_in)
        self._thread.start()

    @property
    def is_locked(self) -> bool:
        """Tell whether somebody is signed in and nobody can see or do anything."""
        return self._curtain is not None

    def sign_out(self) -> None:
        """Leave the desk to the next person."""
        page, self._desk_page = self._desk_page, None
        if page is None:
            return
        if self._services is not None and self._station is not None:
            leaving = self._services.staff.note_sign_out(page.staff_id, desk_id=self._station.desk_id)
            self._thread.ask(self, leaving)
        if self._curtain is not None:
            self._curtain.remove()
            self._curtain = None
        self._pages.setCurrentWidget(self._sign_in)
        self._pages.removeWidget(page)
        page.deleteLater()
        page.context.patient_display.finish()
        self._sign_in.begin()

    def lock(self) -> None:
        """Hide everything until the same person comes back; what is under way goes on. Safe to repeat."""
        self._lock(switches=False)

    def switch_cashier(self) -> None:
        """Let somebody else sign in; the same person finds everything as it was."""
        self._lock(switches=True)

    def _lock(self, *, switches: bool) -> None:
        page = self._desk_page
        if page is None or self._services is None or self._station is None or self.is_locked:
            return
        self._curtain = Curtain(self)
        self._pages.setCurrentWidget(self._sign_in)
        self._sign_in.begin_locked(page.context.signed_in.display_name, switches=switches)
        self._thread.ask(self, self._services.staff.note_lock(page.staff_id, desk_id=self._station.desk_id))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and tell once that the window is on the screen."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            self.first_painted.emit()

    def _lay_out(self) -> None:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        if self._settings.training:
            layout.addWidget(_training_banner())
        layout.addWidget(self._pages, 1)
        self.setCentralWidget(page)

    def _take_over(self, services: Services) -> None:
        self._services = services
        self._thread.ask(
            self, services.desks.station(self._settings.desk.code), then=self._let_in, failed=self._show_trouble
        )

    def _let_in(self, station: Station) -> None:
        self._station = station
        if self._patient_display is None:
            self._open_patient_display(station.hospital)
        self._sign_in.open_for(hospital=station.hospital, desk=f"Desk {station.code} · {station.name}")
        self.setWindowTitle(f"Cashier – {station.hospital}")

    def _open_patient_display(self, hospital: str) -> None:
        # Imported here: the first paint must not wait for it.
        from cashier.desk.patient_screen.patient_display import PatientDisplay  # noqa: PLC0415

        display = PatientDisplay(hospital, mode=self._settings.desk.patient_display, desk=self)
        self._patient_display = display
        self.destroyed.connect(display.deleteLater)
        display.begin()

    def _show_trouble(self, error: CashierError) -> None:
        self._trouble.explain(error)
        self._pages.setCurrentWidget(self._trouble)

    def _ask_who_it_is(self, name: str, pin: str) -> None:
        if self._services is None or self._station is None:
            return
        self._thread.ask(
            self,
            self._services.staff.sign_in(name, pin, desk_id=self._station.desk_id),
            then=self._open_desk,
            failed=self._refuse,
        )

    def _ask_whether_it_is_still_them(self, pin: str) -> None:
        if self._services is None or self._station is None or self._desk_page is None:
            return
        self._thread.ask(
            self,
            self._services.staff.unlock_desk(self._desk_page.staff_id, pin, desk_id=self._station.desk_id),
            then=self._open_desk,
            failed=self._refuse,
        )

    def _ask_for_pin_change(self, name: str, pin: str, new_pin: str) -> None:
        if self._services is None or self._station is None:
            return
        self._thread.ask(
            self,
            self._services.staff.change_pin(name, pin, new_pin, desk_id=self._station.desk_id),
            then=self._open_desk,
            failed=self._refuse,
        )

    def _refuse(self, error: CashierError) -> None:
        # Imported here: with it comes SQLAlchemy, which the first paint must not wait for.
        from cashier.staff.service import PinChangeNeeded  # noqa: PLC0415

        if isinstance(error, PinChangeNeeded):
            self._sign_in.ask_for_new_pin(error)
        else:
            self._sign_in.show_refusal(error)

    def _open_again(self, page: DeskPage) -> None:
        """The same person is back: everything is as it was."""
        curtain, self._curtain = self._curtain, None
        self._pages.setCurrentWidget(page)
        self._sign_in.begin()
        self._idle_watch.begin()
        if curtain is not None:
            curtain.lift()
        page.take_back_keyboard()

    def _open_desk(self, signed_in: SignedIn) -> None:
        # Imported here: with them come the web engine and SQLAlchemy, which the first paint must not wait for.
        from cashier.desk.context import DeskContext  # noqa: PLC0415
        from cashier.desk.till.desk_page import DeskPage  # noqa: PLC0415

        if not (self._services and self._station and self._patient_display):
            return
        if self._desk_page is not None:
            if self._desk_page.context.signed_in == signed_in:
                self._open_again(self._desk_page)
                return
            # Somebody else, or somebody with another role: what was begun can be taken up at the desk.
            self.sign_out()
        context = DeskContext(
            thread=self._thread,
            services=self._services,
            station=self._station,
            signed_in=signed_in,
            patient_display=self._patient_display,
        )
        page = self._desk_page = DeskPage(context)
        page.sign_out_wanted.connect(self.sign_out)
        page.lock_wanted.connect(self.lock)
        page.switch_wanted.connect(self.switch_cashier)
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        page.begin()
        if not gc.get_freeze_count():
            # What is loaded by now stays until the end. Looking through all of it for garbage again and again
            # would stop the window for a tenth of a second each time.
            gc.freeze()


def _training_banner() -> QFrame:
    banner = QFrame()
    banner.setObjectName("training_banner")
    words = label("TRAINING – no money moves", name="training_text")
    row = QHBoxLayout(banner)
    row.setContentsMargins(16, 3, 16, 3)
    row.addWidget(words, 0, Qt.AlignmentFlag.AlignCenter)
    return banner
