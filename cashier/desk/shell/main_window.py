"""The one window: signing in, working, and what is shown when the desk cannot start."""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget

from cashier.desk.kit.no_money import NoMoneyBanner, NoMoneyFrame, words_without_money
from cashier.desk.kit.sheets.sheet_stack import SheetStack
from cashier.desk.scanning.recogniser import Scan, listen_for_scans, recogniser, say_of_nothing_done
from cashier.desk.scanning.rhythm import Rhythm
from cashier.desk.scanning.scan_note import say_nothing_of_scans
from cashier.desk.service_thread import ServiceThread
from cashier.desk.shell.curtain import Curtain
from cashier.desk.shell.idle_watch import IdleWatch
from cashier.desk.shell.sign_in_page import SignInPage
from cashier.desk.shell.spoken import speak
from cashier.desk.shell.trouble_page import TroublePage
from cashier.desk.shell.wearing import THEMES, worn_by
from cashier.errors import CashierError
from cashier.language import current_language, fixed_language, m, offered_language

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
        self.setMinimumSize(960, 540)
        self._thread = thread
        self._settings = settings
        self._services: Services | None = None
        self._station: Station | None = None
        self._is_painted = False
        self._desk_page: DeskPage | None = None
        self._patient_display: PatientDisplay | None = None
        self._curtain: Curtain | None = None
        self._idle_watch = IdleWatch(settings.desk.lock_after_minutes, self)
        self._chosen_language = ""
        """What was chosen before signing in; it counts until signing out."""
        self._last_name = ""
        """The name by which somebody signed in last; nothing of a badge, and nothing that outlives the program."""
        self._sign_in, self._trouble = SignInPage(), TroublePage()
        self._pages = QStackedWidget()
        self._pages.setObjectName("pages")
        self._banner = NoMoneyBanner(words_without_money(settings), name="training")
        self._lay_out()
        self._put_up(self._sign_in, self._trouble)
        self._idle_watch.idle.connect(self.lock)
        self._idle_watch.lock_wanted.connect(self.lock)
        self._idle_watch.switch_wanted.connect(self.switch_cashier)
        thread.services_opened.connect(self._take_over)
        thread.services_failed.connect(self._show_trouble)
        scanner = settings.scanner
        rhythm = Rhythm(key_gap_ms=scanner.key_gap_ms, length_min=scanner.length_min)
        recogniser().configure(rhythm, prefix=scanner.prefix, suffix=scanner.suffix)
        listen_for_scans(self, self._take_scan)
        self._sign_in.begin()

    def _take_scan(self, scan: Scan) -> None:
        """Take a scan to the page that is seen."""
        if self._pages.currentWidget() is self._sign_in:
            sign_in = self._sign_in
            sign_in.take_scan(scan)
            if self._services is not None:
                known = self._services.staff.badge_among(scan.readings)
                # Where the database does not answer, signing in will say so.
                self._thread.ask(sign_in, known, then=partial(sign_in.correct_scan, scan), failed=lambda _error: None)
        elif self._desk_page is not None and self._pages.currentWidget() is self._desk_page:
            self._desk_page.take_scan(scan)
        else:
            say_of_nothing_done(scan)

    def _put_up(self, sign_in: SignInPage, trouble: TroublePage) -> None:
        """Have these for the pages before the desk, and say the rest in the language that is read now, too."""
        for earlier in (self._sign_in, self._trouble):
            if earlier not in (sign_in, trouble):
                self._pages.removeWidget(earlier)
                earlier.setParent(None)
                earlier.deleteLater()
        self._sign_in, self._trouble = sign_in, trouble
        self._pages.addWidget(sign_in)
        self._pages.addWidget(trouble)
        sign_in.sign_in_wanted.connect(self._ask_who_it_is)
        sign_in.unlock_wanted.connect(self._ask_whether_it_is_still_them)
        sign_in.pin_change_wanted.connect(self._ask_for_pin_change)
        # Afterwards: the page that asked for it goes.
        sign_in.language_wanted.connect(self._choose_language, Qt.ConnectionType.QueuedConnection)
        sign_in.theme_wanted.connect(_wear_theme)
        wearing = worn_by(QApplication.instance())
        if wearing is not None:
            sign_in.offer_themes(THEMES, wearing.theme)
        trouble.retry_wanted.connect(self.start)
        trouble.quit_wanted.connect(self.close)
        self._banner.say(words_without_money(self._settings))
        if self._station is not None:
            self._say_where(self._station)

    def _speak(self, language: str) -> None:
        """Read everything before the desk in ``language``; whoever is at the desk gets a new page afterwards."""
        if language != current_language():
            speak(language)
            is_shown = self._pages.currentWidget() is self._sign_in
            self._put_up(SignInPage(), TroublePage())
            if is_shown:
                self._pages.setCurrentWidget(self._sign_in)
                self._sign_in.begin(self._last_name)

    def _choose_language(self, language: str) -> None:
        self._chosen_language = language
        self._speak(language)

    def _language_of(self, person: SignedIn | None) -> str:
        """Return what was chosen here, else what the machine insists on, the person's own, the hospital's."""
        # Who has chosen a language that only newer desks know reads the hospital's here.
        own = offered_language(person.language) if person is not None else ""
        hospital = self._station.language if self._station is not None else current_language()
        return self._chosen_language or fixed_language() or own or hospital

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
        if self._desk_page is not None and self._services is not None and self._station is not None:
            self._thread.ask(self, self._services.desk_uses.give_back(self._station.desk_id))
        self._leave()

    def _leave(self) -> None:
        page, self._desk_page = self._desk_page, None
        if page is None:
            return
        if self._services is not None and self._station is not None:
            leaving = self._services.staff.note_sign_out(page.staff_id, desk_id=self._station.desk_id)
            self._thread.ask(self, leaving)
        if self._curtain is not None:
            self._curtain.remove()
            self._curtain = None
        self._take_away(page)
        self._chosen_language = ""
        self._speak(self._language_of(None))
        self._sign_in.begin(self._last_name)

    def _take_away(self, page: DeskPage) -> None:
        say_nothing_of_scans(self)
        self._pages.setCurrentWidget(self._sign_in)
        self._pages.removeWidget(page)
        page.deleteLater()
        page.context.patient_display.finish()

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
        say_nothing_of_scans(self)
        self._pages.setCurrentWidget(self._sign_in)
        self._sign_in.begin_locked(page.context.signed_in.display_name, switches=switches)
        self._thread.ask(self, self._services.staff.note_lock(page.staff_id, desk_id=self._station.desk_id))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stay while a sheet is open: what it asks or has begun is ended first, by Esc. The program may close it."""
        if event.spontaneous() and SheetStack.of(self).top is not None:
            event.ignore()
        else:
            super().closeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, and tell once that the window is on the screen."""
        super().paintEvent(event)
        if not self._is_painted:
            self._is_painted = True
            self.first_painted.emit()

    def _lay_out(self) -> None:
        frame = NoMoneyFrame(words_without_money(self._settings))
        frame.column.addWidget(self._banner)
        frame.column.addWidget(self._pages, 1)
        self.setCentralWidget(frame)

    def _take_over(self, services: Services) -> None:
        self._services = services
        self._thread.ask(
            self, services.desks.station(self._settings.desk.code), then=self._let_in, failed=self._show_trouble
        )

    def _let_in(self, station: Station) -> None:
        self._station = station
        if self._patient_display is None:
            self._open_patient_display(station)
        self._speak(self._language_of(None))
        self._say_where(station)

    def _say_where(self, station: Station) -> None:
        self._sign_in.open_for(
            hospital=station.hospital, desk=m("Desk {code} · {name}", code=station.code, name=station.name)
        )
        self.setWindowTitle(f"Cashier – {station.hospital}")

    def _open_patient_display(self, station: Station) -> None:
        # Imported here: the first paint must not wait for it.
        from cashier.desk.patient_screen.chimes import Chimes  # noqa: PLC0415
        from cashier.desk.patient_screen.patient_display import PatientDisplay  # noqa: PLC0415
        from cashier.desk.patient_screen.patient_sounds import play_outcome  # noqa: PLC0415

        # What patients read does not change with who sits at the desk.
        display = PatientDisplay(
            station.hospital,
            mode=self._settings.desk.patient_display,
            desk=self,
            notice=words_without_money(self._settings),
            language=fixed_language() or self._settings.desk.patient_language or station.language,
        )
        self._patient_display = display
        if self._settings.look.sounds == "desk":
            display.situation_changed.connect(partial(play_outcome, Chimes(display)))
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
            then=self._claim_desk,
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
            then=self._claim_desk,
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

    def _read_on(self, signed_in: SignedIn) -> None:
        """The same person goes on in another language: everything they see is built anew."""
        page = self._desk_page
        if page is None or self.is_locked:
            # Whoever unlocks it finds it in the other language.
            return
        self._desk_page = None
        self._take_away(page)
        self._chosen_language = ""
        self._open_desk(signed_in)

    def _claim_desk(self, signed_in: SignedIn) -> None:
        # Imported here: with it comes SQLAlchemy, which the first paint must not wait for.
        from cashier.desk.shell.desk_claim import claim_desk  # noqa: PLC0415

        self._last_name = self._sign_in.typed_name
        if self._services is not None and self._station is not None:
            claim_desk(
                self,
                self._thread,
                self._services,
                self._station,
                signed_in,
                then=self._open_desk,
                failed=self._refuse,
            )

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
            self._leave()
        self._speak(self._language_of(signed_in))
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
        page.language_chosen.connect(self._read_on, Qt.ConnectionType.QueuedConnection)
        self._pages.addWidget(page)
        self._pages.setCurrentWidget(page)
        page.begin()
        if not gc.get_freeze_count():
            # What is loaded by now stays until the end. Looking through all of it for garbage again and again
            # would stop the window for a tenth of a second each time.
            gc.freeze()


def _wear_theme(theme: str) -> None:
    wearing = worn_by(QApplication.instance())
    if wearing is not None:
        wearing.choose(theme)
