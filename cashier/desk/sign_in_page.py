"""Signing in: name and PIN. The first page there is; it is on the screen before anything heavy is loaded."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from cashier.desk.controls import Card, Notice, PrimaryButton, Text, Tone, label
from cashier.desk.icons import logo
from cashier.errors import CashierError


class SignInPage(QWidget):
    """Takes name and PIN; who it is, is decided elsewhere."""

    sign_in_wanted = Signal(str, str)
    """Carries name and PIN."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty page that waits for ``open_for``."""
        super().__init__(parent)
        self.setObjectName("sign_in_page")
        self._hospital = label(" ", Text.HEADLINE, name="sign_in_hospital", wraps=True)
        self._desk = label("Starting …", Text.CAPTION, name="sign_in_desk", wraps=True)
        self._name = _field("sign_in_name", "Name")
        self._pin = _field("sign_in_pin", "PIN")
        self._pin.setEchoMode(QLineEdit.EchoMode.Password)
        self._pin.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        self._notice = Notice(name="sign_in_notice")
        self._button = PrimaryButton("Sign in", name="sign_in")
        self._is_open = False
        self._is_busy = False
        self._lay_out()
        self._name.returnPressed.connect(self._go_on)
        self._pin.returnPressed.connect(self._sign_in)
        self._button.clicked.connect(self._sign_in)
        self._name.textChanged.connect(self._show_readiness)
        self._pin.textChanged.connect(self._show_readiness)
        self._show_readiness()

    def open_for(self, *, hospital: str, desk: str) -> None:
        """The services are there: say where we are and let people in."""
        self._hospital.setText(hospital)
        self._desk.setText(desk)
        self._is_open = True
        self._show_readiness()

    def close_again(self) -> None:
        """The services are being opened once more."""
        self._is_open = False
        self._desk.setText("Starting …")
        self._show_readiness()

    def begin(self) -> None:
        """Be ready for the next person."""
        self._is_busy = False
        self._pin.clear()
        self._notice.fall_silent()
        self._show_readiness()
        (self._pin if self._name.text() else self._name).setFocus()
        self._name.selectAll()

    def show_refusal(self, error: CashierError) -> None:
        """Say under the fields why this did not work, and let it be tried again."""
        self._is_busy = False
        self._pin.clear()
        self._notice.say(f"{error.message} {error.advice}".strip(), Tone.BAD)
        self._show_readiness()
        self._pin.setFocus()

    def _lay_out(self) -> None:
        card = Card(name="sign_in_card")
        card.setFixedWidth(420)
        picture = QLabel()
        picture.setPixmap(logo().pixmap(64, 64))
        column = QVBoxLayout(card)
        column.setContentsMargins(36, 32, 36, 32)
        column.setSpacing(6)
        column.addWidget(picture)
        column.addSpacing(8)
        column.addWidget(self._hospital)
        column.addWidget(self._desk)
        column.addSpacing(16)
        for name, field in (("Name", self._name), ("PIN", self._pin)):
            words = label(name, Text.CAPTION)
            words.setBuddy(field)
            column.addWidget(words)
            column.addWidget(field)
            column.addSpacing(6)
        column.addWidget(self._notice)
        column.addSpacing(12)
        column.addWidget(self._button)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def _go_on(self) -> None:
        if self._pin.text():
            self._sign_in()
        else:
            self._pin.setFocus()

    def _sign_in(self) -> None:
        if not self._button.isEnabled():
            return
        self._is_busy = True
        self._notice.fall_silent()
        self._show_readiness()
        self.sign_in_wanted.emit(self._name.text(), self._pin.text())

    def _show_readiness(self) -> None:
        has_both = bool(self._name.text().strip()) and bool(self._pin.text())
        self._button.setEnabled(self._is_open and not self._is_busy and has_both)
        self._button.setText("Signing in …" if self._is_busy else "Sign in")


def _field(name: str, words: str) -> QLineEdit:
    field = QLineEdit()
    field.setObjectName(name)
    field.setAccessibleName(words)
    field.setProperty("size", "large")
    field.setMaxLength(80)
    return field
