"""Signing in, unlocking, and changing a PIN. The first page there is; it is shown before anything heavy is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from cashier.desk.kit.controls import Card, Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.icons import LogoPicture
from cashier.desk.kit.language_box import offer_languages, show_language
from cashier.desk.kit.look import is_touched, scaled
from cashier.desk.kit.sheets.scrolled import Scrolled
from cashier.desk.kit.touch.keypad import Keypad
from cashier.desk.scanning.fields import Takes, fill
from cashier.desk.scanning.recogniser import Scan, let_scan
from cashier.errors import CashierError
from cashier.language import NOTHING, Message, current_language, m, verbatim

_WIDTH = 460
_EDGE, _GAP = 36, 8
_WRONG_HEIGHT = 64


class SignInStep(Enum):
    """What the page asks for."""

    SIGN_IN = auto()
    UNLOCK = auto()
    """The PIN of who is signed in."""
    SWITCH = auto()
    """Name and PIN of anybody; somebody else begins afresh."""
    CHANGE_PIN = auto()
    """A new PIN, after the right one."""


class Asked(Enum):
    """What can be asked for; the value is the name of the field."""

    NAME = "sign_in_name"
    PIN = "sign_in_pin"
    NEW_PIN = "sign_in_new_pin"
    NEW_PIN_AGAIN = "sign_in_new_pin_again"


@dataclass(frozen=True, kw_only=True)
class _Face:
    asks: tuple[Asked, ...]
    button: Message
    busy: Message
    other: Message = NOTHING


FACES: Mapping[SignInStep, _Face] = {
    SignInStep.SIGN_IN: _Face(asks=(Asked.NAME, Asked.PIN), button=m("Sign in"), busy=m("Signing in …")),
    SignInStep.UNLOCK: _Face(
        asks=(Asked.PIN,), button=m("Unlock"), busy=m("Unlocking …"), other=m("I am somebody else")
    ),
    SignInStep.SWITCH: _Face(
        asks=(Asked.NAME, Asked.PIN), button=m("Sign in"), busy=m("Signing in …"), other=m("Back to the locked till")
    ),
    SignInStep.CHANGE_PIN: _Face(
        asks=(Asked.NEW_PIN, Asked.NEW_PIN_AGAIN),
        button=m("Change and sign in"),
        busy=m("Changing …"),
        other=m("Not now"),
    ),
}
"""What stands on the page at each step."""
_TITLES = {
    Asked.NAME: m("Name or badge"),
    Asked.PIN: m("PIN"),
    Asked.NEW_PIN: m("New PIN or password"),
    Asked.NEW_PIN_AGAIN: m("The same once more"),
}


class SignInPage(QWidget):
    """Takes name and PIN; who it is, is decided elsewhere."""

    sign_in_wanted = Signal(str, str)
    """Carries name (or what a badge says) and PIN."""
    unlock_wanted = Signal(str)
    """Carries the PIN of who is signed in."""
    pin_change_wanted = Signal(str, str, str)
    """Carries name, PIN and new PIN."""
    language_wanted = Signal(str)
    """Read all of this in another language, until somebody signs out. Whoever hears it makes another page."""
    theme_wanted = Signal(str)
    """Show all windows in other colours from now on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty page that waits for ``open_for``."""
        super().__init__(parent)
        self.setObjectName("sign_in_page")
        self._hospital = label(verbatim(" "), Text.HEADLINE, name="sign_in_hospital", wraps=True)
        self._desk = label(m("Starting …"), Text.CAPTION, name="sign_in_desk", wraps=True)
        self._heading = label(NOTHING, Text.TITLE, name="sign_in_heading", wraps=True)
        self._fields = {asked: _field(asked) for asked in Asked}
        self._holders = {asked: _holder(asked, field) for asked, field in self._fields.items()}
        self._card = Card(name="sign_in_card")
        self._notice = Notice(name="sign_in_notice")
        self._badge = ""
        """What a scan put into the name's field."""
        self._button = PrimaryButton(m("Sign in"), name="sign_in")
        self._other = PlainButton(NOTHING, name="sign_in_other", quiet=True)
        # The others are offered when somebody can sign in: their files are not read before the first paint.
        self._language = QComboBox()
        self._language.setObjectName("sign_in_language")
        self._language.setAccessibleName(str(m("Language")))
        show_language(self._language, current_language())
        self._theme = QComboBox()
        self._theme.setObjectName("sign_in_theme")
        self._theme.setAccessibleName(str(m("Colours")))
        self._step = SignInStep.SIGN_IN
        self._locked_for = ""
        self._is_open = False
        self._is_busy = False
        self._lay_out()
        for asked, field in self._fields.items():
            field.returnPressed.connect(self._go_on)
            field.textChanged.connect(self._show_readiness)
            if asked is not Asked.NAME:
                field.installEventFilter(self)
        self._button.clicked.connect(self._send)
        self._other.clicked.connect(self._do_otherwise)
        self._language.activated.connect(self._ask_for_language)
        self._theme.activated.connect(lambda _index: self.theme_wanted.emit(self._theme.currentData()))
        self._ask(SignInStep.SIGN_IN)

    @property
    def step(self) -> SignInStep:
        """What it asks for now."""
        return self._step

    def open_for(self, *, hospital: str, desk: Message) -> None:
        """The services are there: say where we are and let people in."""
        self._hospital.setText(hospital)
        self._desk.setText(str(desk))
        offer_languages(self._language)
        self._is_open = True
        self._show_readiness()

    def close_again(self) -> None:
        """The services are being opened once more."""
        self._is_open = False
        self._desk.setText(str(m("Starting …")))
        self._show_readiness()

    @property
    def typed_name(self) -> str:
        """The name as somebody typed it; empty where it came from a badge."""
        name = self._fields[Asked.NAME].text()
        return "" if name == self._badge else name

    def offer_themes(self, themes: Mapping[str, Message], now: str) -> None:
        """Offer ``themes``, by the values of the settings; ``now`` is the one that is worn."""
        self._theme.clear()
        for value, words in themes.items():
            self._theme.addItem(str(words), value)
        self._theme.setCurrentIndex(self._theme.findData(now))

    def begin(self, name: str = "") -> None:
        """Be ready for the next person; who signed in last has only the PIN to type, under the ``name`` of then."""
        self._locked_for = ""
        self._ask(SignInStep.SIGN_IN)
        if name:
            self._fields[Asked.NAME].setText(name)
            self._fields[Asked.PIN].setFocus()

    def begin_locked(self, display_name: str, *, switches: bool) -> None:
        """Stand before the till of ``display_name``, who can come back; ``switches``: somebody else is expected."""
        self._locked_for = display_name
        self._ask(SignInStep.SWITCH if switches else SignInStep.UNLOCK)

    def ask_for_new_pin(self, reason: CashierError) -> None:
        """The PIN was right, and has to be changed first."""
        self._ask(SignInStep.CHANGE_PIN, keeps=(Asked.NAME, Asked.PIN))
        self._notice.say(reason.words, Tone.CAUTION)
        self._show_readiness()

    def take_scan(self, scan: Scan) -> None:
        """A badge is the name, where one is asked for; no scan is ever a PIN."""
        if Asked.NAME in FACES[self._step].asks and not self._is_busy:
            fill(self._fields[Asked.NAME], scan.text)
            self._badge = self._fields[Asked.NAME].text()
        else:
            self._notice.say(m("A scan is no PIN, and nothing was entered. Type the PIN."), Tone.CAUTION)
            self._show_readiness()

    def correct_scan(self, scan: Scan, badge: str) -> None:
        """Read what was scanned as ``badge``, as it is known; empty, or where somebody wrote since: leave it."""
        name = self._fields[Asked.NAME]
        if badge and name.text() == scan.text and not self._is_busy:
            name.setText(badge)
            self._badge = name.text()

    def show_refusal(self, error: CashierError) -> None:
        """Say under the fields why this did not work, and let it be tried again."""
        self._is_busy = False
        asks = FACES[self._step].asks
        for asked in asks:
            if asked is not Asked.NAME:
                self._fields[asked].clear()
        self._notice.say(error.words, Tone.BAD)
        self._show_readiness()
        self._fields[Asked.PIN if Asked.PIN in asks else asks[0]].setFocus()

    def _lay_out(self) -> None:
        card = self._card
        picture = LogoPicture(side=scaled(48))
        column = QVBoxLayout(card)
        column.setContentsMargins(_EDGE, 24, _EDGE, 20)
        column.setSpacing(6)
        where = QVBoxLayout()
        where.setSpacing(0)
        where.addWidget(self._hospital)
        where.addWidget(self._desk)
        upper = QHBoxLayout()
        upper.setSpacing(14)
        upper.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(where, 1)
        column.addLayout(upper)
        column.addSpacing(10)
        column.addWidget(self._heading)
        column.addSpacing(6)
        for holder in self._holders.values():
            column.addWidget(holder)
        column.addWidget(self._line_kept_free())
        column.addWidget(self._button)
        column.addWidget(self._other)
        column.addSpacing(14)
        looks = QHBoxLayout()
        looks.setSpacing(_GAP)
        looks.addStretch(1)
        looks.addWidget(self._language)
        looks.addWidget(self._theme)
        looks.addStretch(1)
        column.addLayout(looks)
        # Large text in a small window needs more room than there is: it scrolls.
        inside = QWidget()
        layout = QVBoxLayout(inside)
        row = QHBoxLayout()
        row.setSpacing(24)
        row.addStretch(1)
        row.addWidget(card)
        if is_touched():
            row.addWidget(Keypad(self._fields[Asked.PIN]), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        layout.addStretch(2)
        layout.addLayout(row)
        layout.addStretch(3)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(Scrolled(inside))

    def _line_kept_free(self) -> QWidget:
        """Keep room for two lines of what is wrong: nothing moves when it is said."""
        line = QWidget()
        line.setMinimumHeight(scaled(_WRONG_HEIGHT))
        column = QVBoxLayout(line)
        column.setContentsMargins(0, 0, 0, 4)
        column.addWidget(self._notice)
        column.addStretch(1)
        return line

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Say that Caps Lock is on as soon as a letter shows it: what is typed cannot be read."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.text().isalpha():
            is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if event.text() != event.text().swapcase() and event.text().isupper() is not is_shifted:
                self._notice.say(m("Caps Lock is on."), Tone.CAUTION)
                self._show_readiness()
        return super().eventFilter(watched, event)

    def _ask(self, step: SignInStep, *, keeps: tuple[Asked, ...] = ()) -> None:
        self._step = step
        self._is_busy = False
        face = FACES[step]
        for asked, field in self._fields.items():
            self._holders[asked].setVisible(asked in face.asks)
            if asked not in keeps:
                field.clear()
        self._heading.setText(str(_heading(step, self._locked_for)))
        self._heading.setVisible(bool(self._heading.text()))
        self._other.setText(str(face.other))
        self._other.setVisible(bool(face.other))
        # Behind a lock stands a till in the language of who is signed in.
        self._language.setVisible(step is SignInStep.SIGN_IN)
        self._theme.setVisible(step is SignInStep.SIGN_IN and self._theme.count() > 0)
        self._notice.fall_silent()
        self._show_readiness()
        self._fields[face.asks[0]].setFocus()

    def _ask_for_language(self, _index: int) -> None:
        self.language_wanted.emit(self._language.currentData())

    def _do_otherwise(self) -> None:
        if self._step is SignInStep.UNLOCK:
            self._ask(SignInStep.SWITCH)
        else:
            self._ask(SignInStep.UNLOCK if self._locked_for else SignInStep.SIGN_IN)

    def _go_on(self) -> None:
        """Enter goes to the first field that is empty; a scanner presses it after a badge."""
        for asked in FACES[self._step].asks:
            if not self._fields[asked].text():
                self._fields[asked].setFocus()
                return
        self._send()

    def _send(self) -> None:
        if not self._button.isEnabled():
            return
        name, pin, new_pin, again = (field.text() for field in self._fields.values())
        self._notice.fall_silent()
        if self._step is SignInStep.CHANGE_PIN and new_pin != again:
            self.show_refusal(CashierError(m("The two entries differ."), advice=m("Type the new PIN twice.")))
            return
        self._is_busy = True
        self._show_readiness()
        match self._step:
            case SignInStep.UNLOCK:
                self.unlock_wanted.emit(pin)
            case SignInStep.CHANGE_PIN:
                self.pin_change_wanted.emit(name, pin, new_pin)
            case _:
                self.sign_in_wanted.emit(name, pin)

    def _show_readiness(self) -> None:
        face = FACES[self._step]
        has_all = all(self._fields[asked].text().strip() for asked in face.asks)
        self._button.setEnabled(self._is_open and not self._is_busy and has_all)
        self._button.setText(str(face.busy if self._is_busy else face.button))
        # A card in the middle of a page gets its ordinary height, which knows nothing of wrapped words.
        beside = self._language.sizeHint().width() + _GAP + self._theme.sizeHint().width()
        width = max(scaled(_WIDTH), beside + 2 * _EDGE + 2)
        self._card.setFixedWidth(width)
        self._card.setMinimumHeight(self._card.heightForWidth(width))

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep no PIN behind the till."""
        super().hideEvent(event)
        for asked, field in self._fields.items():
            if asked is not Asked.NAME:
                field.clear()

    def showEvent(self, event: QShowEvent) -> None:
        """Make room for the words in the style that they have only now."""
        super().showEvent(event)
        self._show_readiness()


def _heading(step: SignInStep, locked_for: str) -> Message:
    match step:
        case SignInStep.UNLOCK:
            return m("Locked for {person}", person=locked_for)
        case SignInStep.SWITCH:
            return m("{person} can come back until somebody else signs in", person=locked_for)
        case SignInStep.CHANGE_PIN:
            return m("Change your PIN")
        case SignInStep.SIGN_IN:
            return NOTHING


def _field(asked: Asked) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(asked.value)
    field.setAccessibleName(str(_TITLES[asked]))
    field.setProperty("room", "large")
    field.setMaxLength(80)
    if asked is Asked.NAME:
        let_scan(field, Takes.NAME)
    else:
        field.setEchoMode(QLineEdit.EchoMode.Password)
        field.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
    return field


def _holder(asked: Asked, field: QLineEdit) -> QWidget:
    """Put the name of a field above it."""
    holder = QWidget()
    words = label(_TITLES[asked], Text.CAPTION)
    words.setBuddy(field)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 6)
    column.setSpacing(6)
    column.addWidget(words)
    column.addWidget(field)
    return holder
