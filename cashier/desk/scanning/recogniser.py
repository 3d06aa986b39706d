"""The one recogniser of scans: it looks at the keys of all widgets of the desk before these do.

What a scan typed before it could be known as one is taken back, and its Enter or Tab reaches nobody. Then the field
that had the keyboard is filled where it takes scans; otherwise whoever listens nearest around it is told; where
nobody does, it is said that nothing was done.

Chromium's widgets are left alone: a filter of ours on them ends the program (PySide 6.11). What is scanned into
Stripe's page therefore stands there, but its Enter is kept back at the window, and it is said what to do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from cashier.desk.kit.controls import Tone
from cashier.desk.kit.sheets.sheet import surface_of
from cashier.desk.scanning.fields import Takes, fill, mark, what_takes
from cashier.desk.scanning.readings import GROUP_SEPARATOR, Key, is_of_a_card, readings_of
from cashier.desk.scanning.rhythm import Burst, Rhythm
from cashier.desk.scanning.scan_note import say_of_scan
from cashier.desk.scanning.taking_back import way_back
from cashier.language import Message, m

log = logging.getLogger(__name__)

_KEYS = frozenset({QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.ShortcutOverride})
_ENDS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
_MODIFIERS = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_CapsLock, Qt.Key.Key_NumLock, Qt.Key.Key_AltGr, Qt.Key.Key_Control, Qt.Key.Key_Alt}
)
_OF_ORDERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_ALT_GR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_CONTROLS = frozenset(
    {Qt.Key(code) for code in range(Qt.Key.Key_A, Qt.Key.Key_Z + 1)}
    | {Qt.Key.Key_BracketLeft, Qt.Key.Key_Backslash, Qt.Key.Key_BracketRight}
)
"""With Ctrl, what scanners send of a code's control characters: group separator, end of a text, form feed …"""
_DIGITS = frozenset(Qt.Key(code) for code in range(Qt.Key.Key_0, Qt.Key.Key_9 + 1))
_LINE_FEEDS = frozenset({Qt.Key.Key_J, Qt.Key.Key_M})
_SURELY_QUICK = 3
"""So many keys in one go are typed by no hand right before an order."""
_OF_CHROMIUM = ("QWebEngineView", "QQuickWidget")
_FILLED = frozenset({Takes.REFERENCE, Takes.CODE, Takes.SEARCH})
"""By whatever is scanned there; whether it is a badge has to be asked first."""
_SHOWN_MAX = 40
_CODES_ABOVE_EVDEV = {"xcb": 8, "wayland": 8}


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What a scanner read. ``readings``: see ``readings.py``; ``is_secret`` where a PIN or a key was asked for."""

    readings: tuple[str, ...]
    window: QWidget
    is_secret: bool

    @property
    def text(self) -> str:
        """The likeliest reading."""
        return self.readings[0]

    @property
    def words(self) -> Message:
        """How it is spoken of: what came where a PIN is asked for may be one, and is not shown."""
        return m("A scan") if self.is_secret else m("Scan “{text}”", text=self.shown)

    @property
    def shown(self) -> str:
        """The likeliest reading, no longer than a line has room for."""
        return self.text if len(self.text) <= _SHOWN_MAX else f"{self.text[: _SHOWN_MAX - 1]}…"


class Recogniser(QObject):
    """Tells scans from typing, and takes them to whoever is to have them."""

    def __init__(self, application: QApplication) -> None:
        """Look at the keys of each field and button of ``application`` from the moment it has the keyboard."""
        super().__init__(application)
        self.setObjectName("scan_recogniser")
        self.clock: Callable[[], int] = _milliseconds
        """Counts where the window system tells no time of a key."""
        self._listeners: dict[QWidget, Callable[[Scan], None]] = {}
        self._code_offset = _CODES_ABOVE_EVDEV.get(QGuiApplication.platformName(), 0)
        self._ended_at: int | None = None
        self._receiver: QWidget | None = None
        self._first: QWidget | None = None
        self.configure(Rhythm())
        application.focusChanged.connect(lambda _before, now: self.watch(now))
        application.focusWindowChanged.connect(self._watch_window)
        self.watch(application.focusWidget())
        self._watch_window(application.focusWindow())

    def configure(self, rhythm: Rhythm, *, prefix: str = "", suffix: str = "") -> None:
        """Follow the settings of this machine; ``prefix`` and ``suffix`` are put around what a scanner reads."""
        self._rhythm, self._prefix, self._suffix = rhythm, prefix, suffix
        self._forget()

    def listen(self, widget: QWidget, then: Callable[[Scan], None]) -> None:
        """Take scans that come in ``widget``, or in what lies in it or opens above it, to ``then``."""
        self._listeners[widget] = then
        widget.destroyed.connect(lambda: self._listeners.pop(widget, None))

    def watch(self, widget: QWidget | None) -> None:
        """Look at the keys of ``widget``; needed for what takes keys without having the keyboard, such as a menu."""
        if widget is not None and not _is_of_chromium(widget):
            widget.installEventFilter(self)

    def _watch_window(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let keys through until they turn out to be a scan."""
        if event.type() not in _KEYS or not isinstance(event, QKeyEvent):
            return False
        if isinstance(watched, QWindow):
            page = _page_with_keyboard()
            return page is not None and self._look_at(page, event)
        return isinstance(watched, QWidget) and self._look_at(watched, event)

    def _look_at(self, watched: QWidget, event: QKeyEvent) -> bool:
        now = event.timestamp() or self.clock()
        if event.type() == QEvent.Type.KeyRelease:
            return event.key() in _ENDS and self._is_tail(now)
        if event.type() == QEvent.Type.ShortcutOverride:
            if self._is_of_codes(event):
                return self._note_code(watched, event, now)
            is_end = event.key() in _ENDS and (self._burst.is_scan_ended_at(now) or self._is_tail(now))
            if is_end or self._is_control(event, now):
                # Enter is a key of some lists; here it is none.
                event.accept()
                return True
            return False
        return self._take_key(watched, event, now)

    def _take_key(self, watched: QWidget, event: QKeyEvent, now: int) -> bool:
        """Take a key that was pressed; tell whether it goes no further."""
        if self._is_on_its_way_out(watched):
            return False
        if event.key() in _MODIFIERS:
            return False
        if event.key() in _ENDS:
            return self._end(watched, event, now)
        if self._is_control(event, now):
            if self._burst.times:
                self._burst.times.append(now)
                self._keys.append(Key(text=GROUP_SEPARATOR))
            return True
        if self._is_of_codes(event):
            # It was counted when it was no order yet.
            return self._codes > 1
        text = event.text()
        if event.isAutoRepeat() or _is_order(event) or len(text) != 1 or not text.isprintable():
            self._forget()
            return False
        goes_on = self._burst.goes_on_at(now)
        if not goes_on:
            self._begin()
        self._note(watched)
        self._burst.times.append(now)
        is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        scan_code = max(event.nativeScanCode() - self._code_offset, 0)
        self._keys.append(Key(text=text, scan_code=scan_code, is_shifted=is_shifted))
        # A blank in the middle of a scan presses no button.
        return goes_on and text == " " and isinstance(watched, QAbstractButton)

    def _end(self, watched: QWidget, event: QKeyEvent, now: int) -> bool:
        if self._is_tail(now):
            # Enter and line feed, or Enter and Tab: a scanner may send both.
            return True
        if event.isAutoRepeat() or _is_order(event) or not self._burst.is_scan_ended_at(now):
            self._forget()
            return False
        is_coded = bool(self._codes)
        readings = readings_of(self._keys, prefix=self._prefix, suffix=self._suffix)
        first, ways = self._first, [way for _widget, way in reversed(self._ways)]
        self._forget()
        self._ended_at = now
        for restore in ways:
            restore()
        place = first if first is not None and shiboken6.isValid(first) and first.isVisible() else watched
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        if is_coded:
            said = m("A scanner pressed Alt and numbers. Nothing was entered: set it to send characters.")
            say_of_scan(_window_of(place), said, Tone.CAUTION)
        elif readings:
            self._deliver(place, readings)
        return True

    def _deliver(self, place: QWidget, readings: tuple[str, ...]) -> None:
        is_secret = isinstance(place, QLineEdit) and place.echoMode() != QLineEdit.EchoMode.Normal
        scan = Scan(readings=readings, window=_window_of(place), is_secret=is_secret)
        if is_of_a_card(readings):
            self._tell_of_card(scan.window)
            return
        if _is_of_chromium(place):
            say_of_scan(scan.window, m("A scan was typed into the page. Take it out before you go on."), Tone.CAUTION)
            return
        place.setFocus()
        if what_takes(place) in _FILLED and isinstance(place, QLineEdit) and not place.isReadOnly():
            fill(place, scan.text)
            say_of_scan(scan.window, m("{scan} was entered.", scan=scan.words))
            return
        around: QWidget | None = place
        while around is not None:
            if around in self._listeners:
                self._listeners[around](scan)
                return
            around = around.parentWidget()
        say_of_nothing_done(scan)

    def _tell_of_card(self, window: QWidget) -> None:
        said = m("A card was swiped. Nothing of it is shown or kept: cards are read by the card reader alone.")
        log.info("card swiped into a keyboard")
        say_of_scan(window, said, Tone.CAUTION)

    @staticmethod
    def _is_of_codes(event: QKeyEvent) -> bool:
        """Tell whether this is a digit of a character's number, as scanners in their “ALT mode” press them."""
        held = event.modifiers() & _OF_ORDERS
        return held == Qt.KeyboardModifier.AltModifier and event.key() in _DIGITS and not event.isAutoRepeat()

    def _note_code(self, watched: QWidget, event: QKeyEvent, now: int) -> bool:
        """Count Alt and a digit, which is an order where it stands alone; tell whether it goes no further."""
        if self._is_on_its_way_out(watched):
            return False
        if not self._burst.goes_on_at(now):
            self._begin()
        self._note(watched)
        self._burst.times.append(now)
        self._codes += 1
        if self._codes > 1:
            event.accept()
            return True
        return False

    def _is_on_its_way_out(self, watched: QWidget) -> bool:
        """Tell whether a widget around the one that had the key sees it once more."""
        inner = self._receiver
        return inner is not None and watched is not inner and shiboken6.isValid(inner) and watched.isAncestorOf(inner)

    def _begin(self) -> None:
        self._forget()
        self._burst = Burst(rhythm=self._rhythm)

    def _note(self, watched: QWidget) -> None:
        """Remember how ``watched`` was before the first key of this burst that it gets."""
        self._receiver = watched
        if self._first is None:
            self._first = watched
        if all(watched is not widget for widget, _way in self._ways):
            self._ways.append((watched, way_back(watched)))

    def _forget(self) -> None:
        self._burst = Burst(rhythm=self._rhythm)
        self._keys: list[Key] = []
        self._ways: list[tuple[QWidget, Callable[[], None]]] = []
        self._first = self._receiver = None
        self._codes = 0

    def _is_control(self, event: QKeyEvent, now: int) -> bool:
        """Tell whether this is a control character of a scanner: between parts, before its end, or a line feed after.

        They come as Ctrl and a key, which would be orders of the desk otherwise.
        """
        is_within = len(self._burst.times) >= _SURELY_QUICK and self._burst.goes_on_at(now)
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            return is_within
        if event.modifiers() != Qt.KeyboardModifier.ControlModifier:
            return False
        if event.key() in _LINE_FEEDS and self._is_tail(now):
            return True
        return is_within and event.key() in _CONTROLS

    def _is_tail(self, now: int) -> bool:
        if self._ended_at is None or self._burst.times:
            return False
        return 0 <= now - self._ended_at <= self._rhythm.pause_ms


def _is_order(event: QKeyEvent) -> bool:
    """Tell whether Ctrl, Alt or the like is held; on Windows, AltGr is Ctrl and Alt."""
    held = event.modifiers() & _OF_ORDERS
    return bool(held) and held != _ALT_GR


def _milliseconds() -> int:
    return int(monotonic() * 1000)


def _page_with_keyboard() -> QWidget | None:
    """Return Chromium's widget where it has the keyboard; all others are looked at themselves."""
    focused: QWidget | None = QApplication.focusWidget()
    popup: QWidget | None = QApplication.activePopupWidget()
    return focused if focused is not None and popup is None and _is_of_chromium(focused) else None


def _is_of_chromium(widget: QWidget) -> bool:
    return any(widget.inherits(each) for each in _OF_CHROMIUM)


def _window_of(widget: QWidget) -> QWidget:
    """Return the sheet or window around ``widget``; where that is a menu or a list, the one from which it drops."""
    window = widget.window()
    below: QWidget | None = window.parentWidget()
    return (
        _window_of(below) if window.windowType() == Qt.WindowType.Popup and below is not None else surface_of(widget)
    )


def say_of_nothing_done(scan: Scan) -> None:
    """Say that a scan is not wanted where it came."""
    say_of_scan(scan.window, m("{scan} is not wanted here. Nothing was entered.", scan=scan.words), Tone.CAUTION)


def recogniser() -> Recogniser:
    """Return the application's recogniser, which is made at its first use."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        raise RuntimeError("a window is made before the application")
    found = application.findChild(Recogniser, "scan_recogniser")
    return found if isinstance(found, Recogniser) else Recogniser(application)


def listen_for_scans(widget: QWidget, then: Callable[[Scan], None]) -> None:
    """Take scans that come in ``widget``, or in what lies in it or opens above it, to ``then``."""
    recogniser().listen(widget, then)


def let_scan(field: QLineEdit, takes: Takes) -> None:
    """Let ``field`` be filled by a scan."""
    mark(field, takes)
    field.installEventFilter(recogniser())
