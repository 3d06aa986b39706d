"""Keys on the screen for amounts: what they press reaches the field that has the keyboard, which it keeps."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from cashier.desk.kit.controls import PlainButton
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.sheet import surface_of
from cashier.language import Message, m, verbatim
from cashier.language.number_style import current_style
from cashier.money import exponent_of

_GAP, _KEY_WIDTH_MIN = 6, 52
_ROWS = ("789", "456", "123")
"""As low as digits can be: the last column is that of zeros, and the keypad leaves room for what it types into."""
_DELETE = "\b"
_CODES = {_DELETE: Qt.Key.Key_Backspace, ".": Qt.Key.Key_Period, ",": Qt.Key.Key_Comma}


class Keypad(QWidget):
    """Digits as a till has them, the decimal sign of the locale, and one that takes back.

    The first key after a field got the keyboard replaces what stands in it, wherever a finger put the cursor.
    """

    def __init__(self, home: QLineEdit, currency: str | None = None) -> None:
        """Type amounts in ``currency``, or else mere digits; into ``home`` where no field around has the keyboard."""
        super().__init__()
        self.setObjectName("keypad")
        self._home = home
        self._entered: tuple[QWidget, str] | None = None
        """What got the keyboard last, with what stood in it then; None once the keypad typed into it."""
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        for row, digits in enumerate(_ROWS):
            for column, digit in enumerate(digits):
                self._add(digit, verbatim(digit), row, column)
        for row, typed in enumerate(_zeros(currency)):
            self._add(typed, verbatim(typed), row, 3, rows=1 if currency else len(_ROWS))
        back = self._add(_DELETE, verbatim("⌫"), 0, 4, rows=len(_ROWS))
        back.setObjectName("keypad_back")
        back.setAccessibleName(str(m("Delete the last digit")))
        back.setAutoRepeat(True)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._note_entered)

    def _add(self, typed: str, words: Message, row: int, column: int, *, rows: int = 1) -> QPushButton:
        key = PlainButton(words, name=f"keypad_{typed}")
        key.setProperty("room", "key")
        key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        key.setMinimumWidth(scaled(_KEY_WIDTH_MIN))
        key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred if rows == 1 else _EXPANDING)
        key.clicked.connect(lambda _checked, typed=typed: self._type(typed))
        self._grid.addWidget(key, row, column, rows, 1)
        return key

    def _note_entered(self, _before: QWidget | None, now: QWidget | None) -> None:
        if isinstance(now, QLineEdit):
            self._entered = (now, now.text())

    def _type(self, typed: str) -> None:
        field = self._field()
        if self._entered == (field, field.text()):
            field.selectAll()
        self._entered = None
        for each in typed:
            code = _CODES.get(each) or Qt.Key(ord(each))
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.sendEvent(field, QKeyEvent(kind, code, Qt.KeyboardModifier.NoModifier, each))

    def _field(self) -> QLineEdit:
        """Return what has the keyboard; where that is no field of this sheet, ``home``, which gets it."""
        focused = self.window().focusWidget()
        if isinstance(focused, QLineEdit) and surface_of(self).isAncestorOf(focused) and focused.isEnabled():
            return focused
        self._home.setFocus()
        self._entered = (self._home, self._home.text())
        return self._home


def _zeros(currency: str | None) -> tuple[str, ...]:
    """Return what stands beside the digits."""
    if currency is None:
        return ("0",)
    return ("0", "00", current_style().decimal if exponent_of(currency) else "000")


_EXPANDING = QSizePolicy.Policy.Expanding
