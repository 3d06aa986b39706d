"""What the patient display shows, at any size: words and amounts grow with the window.

On screens from 7 inches (800×480, 1024×600, 600×1024 and more) every word is read from 70 cm: its capitals are at
least 20 minutes of arc high, which is 4.1 mm (ISO 9241-303 asks for 16, and prefers 20 to 22); in training 16.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cashier.desk.kit.controls import PlainButton, label, separator, set_tone
from cashier.desk.kit.no_money import NoMoneyBanner, paint_stripes
from cashier.desk.kit.qr_code import QrCode
from cashier.desk.kit.style import FAMILY
from cashier.desk.patient_screen.patient_course import PatientCourse
from cashier.desk.patient_screen.patient_disc import PatientDisc
from cashier.desk.patient_screen.patient_faces import PATIENT_WORDS, PHONE_OUT_OF_REACH, WELCOME, PatientFace
from cashier.language import NOTHING, Message, current_language, m, mc, name_of_language, verbatim
from cashier.money import Money
from cashier.settings import is_on_this_machine

# Sizes are in units, of which the window has at least so many across and down.
_UNITS, _UNITS_UPRIGHT = (64, 36), (36, 60)
_SIZE_MIN = (480, 400)
_NOTICE, _TEXT, _HEADING, _AMOUNT_MIN, _AMOUNT_MAX = 2.1, 2.5, 2.9, 3.0, 12.0
_EDGE, _GAP, _DISC, _STEP = 1.4, 0.6, 4.2, 1.8
_CODE_SHARE, _CODE_SHARE_UPRIGHT = 0.4, 0.55
"""How much of the window's width is the code's."""
_AMOUNT_SHARE = 0.92
"""How much of its column the largest amount may fill."""
_AMOUNT_WANTED = 0.4
"""How much of the window's width it fills at least, as far as the words allow."""
_ACROSS_MAX = 0.66
"""How much of a wide window it fills at most."""


class PatientSheet(QWidget):
    """The hospital's name and the languages above, and below them one face at a time."""

    language_wanted = Signal(str)
    """The patient touched the name of another language."""

    def __init__(self, hospital: str, notice: Message = NOTHING, *, languages: Sequence[str] = ()) -> None:
        """Welcome the patients of ``hospital``, who may read one of ``languages``; a ``notice`` stands above all."""
        super().__init__()
        self._language = current_language()
        self._is_striped = bool(notice)
        self._notice = NoMoneyBanner(notice, name="patient_notice")
        self.setObjectName("patient_sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._face = WELCOME
        self._unit = 6.0
        self._hospital = label(verbatim(hospital), name="patient_hospital", wraps=True)
        self._languages = [self._language_button(each) for each in languages]
        self._disc = PatientDisc()
        self._title = label(NOTHING, name="patient_title", wraps=True)
        self._amount = label(NOTHING, name="patient_amount")
        self._text = label(NOTHING, name="patient_text", wraps=True)
        self._cash = QFrame()
        self._cash.setObjectName("patient_cash")
        self._tendered = label(NOTHING, name="patient_tendered")
        self._change = label(NOTHING, name="patient_change")
        self._code = QrCode(name="patient_code", says=m("QR code of the payment page"))
        self._course = PatientCourse()
        self._lay_out()
        self.show_face(WELCOME)

    @property
    def face(self) -> PatientFace:
        """What is shown now."""
        return self._face

    @property
    def language(self) -> str:
        """What its words were made in."""
        return self._language

    def show_face(self, face: PatientFace) -> None:
        """Show ``face``; what it has no value for is not there."""
        self._face = face
        words = PATIENT_WORDS[face.kind]
        self._title.setText(str(words.title))
        set_tone(self._title, words.tone)
        self._disc.show_icon(words.icon, words.tone)
        is_out_of_reach = face.address is not None and is_on_this_machine(face.address)
        # Beside the change nothing else has to be read.
        text = NOTHING if face.change is not None else PHONE_OUT_OF_REACH if is_out_of_reach else words.text
        _say(self._text, str(text))
        _say(self._amount, _written(face.amount) if words.has_amount else "")
        set_tone(self._amount, words.tone)
        self._tendered.setText(_written(face.tendered))
        self._change.setText(_written(face.change))
        self._cash.setVisible(face.tendered is not None)
        self._code.show_address(face.address)
        self._code.setVisible(face.address is not None)
        self._course.show_steps(words.steps, words.now)
        self.setAccessibleName(" ".join(each.text() for each in (self._title, self._amount, self._text)).strip())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let everything grow with the window."""
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw stripes round everything where no money moves."""
        super().paintEvent(event)
        if self._is_striped:
            paint_stripes(QPainter(self), self.rect(), self._stripes)

    @property
    def _stripes(self) -> int:
        return round(0.6 * self._unit) if self._is_striped else 0

    def _language_button(self, language: str) -> QPushButton:
        # Nobody here has to know where else it is spoken.
        words = verbatim(name_of_language(language).partition(" (")[0])
        button = PlainButton(words, name=f"patient_language_{language}", quiet=True)
        button.setProperty("patient", "language")
        button.setCheckable(True)
        button.setChecked(language == current_language())
        # The display never takes the keyboard from the desk.
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.language_wanted.emit(language))
        return button

    def _lay_out(self) -> None:
        for each in (self._title, self._amount, self._text):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
        cash = QGridLayout(self._cash)
        cash.setContentsMargins(0, 0, 0, 0)
        cash.setVerticalSpacing(0)
        for row, (name, value) in enumerate(
            ((mc("of cash", "Received"), self._tendered), (mc("of cash", "Change"), self._change))
        ):
            cash.addWidget(label(name, name="patient_cash_name"), row, 0)
            cash.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight)
        self._words = QVBoxLayout()
        self._words.addStretch(1)
        self._words.addWidget(self._disc, 0, Qt.AlignmentFlag.AlignCenter)
        for each in (self._title, self._amount, self._text):
            self._words.addWidget(each)
        self._words.addWidget(self._cash, 0, Qt.AlignmentFlag.AlignCenter)
        self._words.addStretch(1)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.addLayout(self._words, 3)
        self._body.addWidget(self._code, 2)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        # In training nobody pays here, and the words about it need the place.
        self._head.addWidget(self._notice if self._is_striped else self._hospital, 1)
        languages = QHBoxLayout()
        languages.addStretch(1)
        for button in self._languages:
            languages.addWidget(button)
        self._head.addLayout(languages)
        self._page = QVBoxLayout(self)
        # The contents follow the window, never the window its contents.
        self._page.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._page.addLayout(self._head)
        self._page.addWidget(separator())
        self._page.addLayout(self._body, 1)
        self._page.addWidget(self._course)
        self.setMinimumSize(*_SIZE_MIN)

    def _fit(self) -> None:
        """Find the unit for this size, and make every word, space and picture a multiple of it."""
        is_upright = self.height() > self.width()
        wide, high = _UNITS_UPRIGHT if is_upright else _UNITS
        unit = self._unit = max(6.0, min(self.width() / wide, self.height() / high))
        direction = QBoxLayout.Direction.TopToBottom if is_upright else QBoxLayout.Direction.LeftToRight
        self._body.setDirection(direction)
        self._head.setDirection(direction)
        self._body.setStretch(0, 0 if is_upright and self._face.address is not None else 3)
        edge, gap = round(_EDGE * unit), round(_GAP * unit)
        around = edge + self._stripes
        self._page.setContentsMargins(around, around, around, around)
        self._page.setSpacing(gap)
        self._body.setSpacing(edge)
        self._words.setSpacing(gap)
        self._course.fit(disc=round(_STEP * unit), gap=round(0.3 * unit))
        # Beside an amount the words say what to do; the picture has room only without it, or on a high screen.
        self._disc.setVisible(is_upright or not self._amount.text())
        self._disc.fit(round(_DISC * unit))
        self._style(amount=_AMOUNT_MIN * unit)
        # The course gives way where the amount needs its room.
        if PATIENT_WORDS[self._face.kind].steps:
            self._course.show()
            wanted = min(_fitting(self._amount.text(), self.width() * _AMOUNT_WANTED), _AMOUNT_MAX * unit)
            self._course.setVisible(self._room_for_amount(is_upright=is_upright) >= wanted)
        self._style(amount=self._amount_pixels(is_upright=is_upright))

    def _amount_pixels(self, *, is_upright: bool) -> float:
        """Return how large the largest figure can be: it gets what the words leave, and never less than they have."""
        largest = self._change if self._face.change is not None else self._amount
        has_code = self._face.address is not None
        across = self._width_of_words(is_upright=is_upright) * (
            _AMOUNT_SHARE if has_code or is_upright else _ACROSS_MAX
        )
        # What stands beside the change is its name.
        across -= self._name_width() if largest is self._change else 0
        room = self._room_for_amount(is_upright=is_upright)
        return max(_AMOUNT_MIN * self._unit, min(_AMOUNT_MAX * self._unit, _fitting(largest.text(), across), room))

    def _width_of_words(self, *, is_upright: bool) -> int:
        width = self.width() - 2 * round(_EDGE * self._unit) - 2 * self._stripes
        if self._face.address is not None and not is_upright:
            width -= self._width_of_code(width, _CODE_SHARE) + round(_EDGE * self._unit)
        return width

    def _width_of_code(self, width: int, share: float) -> int:
        return max(self._code.minimumWidth(), round(width * share))

    def _room_for_amount(self, *, is_upright: bool) -> float:
        """Return the size in pixels of a figure that is as high as the words beside it leave room for."""
        gap = round(_GAP * self._unit)
        around = 2 * (round(_EDGE * self._unit) + self._stripes)
        inside, width = self.width() - around, self._width_of_words(is_upright=is_upright)
        used = around + self._head.totalHeightForWidth(inside) + 4 * gap
        if not self._course.isHidden():
            used += self._course.heightForWidth(inside) + gap
        if not self._disc.isHidden():
            used += self._disc.height() + gap
        used += sum(each.heightForWidth(width) + gap for each in (self._title, self._text) if not each.isHidden())
        if self._face.address is not None and is_upright:
            used += self._width_of_code(inside, _CODE_SHARE_UPRIGHT) + round(_EDGE * self._unit)
        if self._face.change is not None:
            # What was paid and what was received stay small.
            used += 2 * (QFontMetrics(_bold(_HEADING * self._unit)).height() + gap)
        return (self.height() - used) * 100 / QFontMetricsF(_bold(100)).height()

    def _name_width(self) -> int:
        return max(each.sizeHint().width() for each in self._cash.findChildren(QLabel, "patient_cash_name")) + round(
            2 * self._unit
        )

    def _style(self, *, amount: float) -> None:
        unit = self._unit
        heading = _HEADING * unit
        is_change = self._face.change is not None
        self.setStyleSheet(
            f"QLabel, QPushButton {{ font-size: {_TEXT * unit:.0f}px; }}"
            f"#patient_notice_text {{ font-size: {_NOTICE * unit:.0f}px; }}"
            f"#patient_title {{ font-size: {heading:.0f}px; }}"
            f"#patient_amount {{ font-size: {heading if is_change else amount:.0f}px; }}"
            f"#patient_change {{ font-size: {amount:.0f}px; }}"
            f"#patient_tendered {{ font-size: {heading:.0f}px; }}"
            f"#patient_cash_name {{ padding-right: {2 * unit:.0f}px; }}"
            f"QPushButton {{ min-height: {max(40, round(3.4 * unit))}px; }}"
            f"QPushButton {{ padding: 0px {unit:.0f}px; }}"
        )
        for each in self.findChildren(QWidget):
            each.ensurePolished()


def _bold(pixels: float) -> QFont:
    font = QFont(FAMILY)
    font.setPixelSize(max(1, round(pixels)))
    font.setBold(True)
    return font


def _fitting(text: str, width: float) -> float:
    """Return the size in pixels at which ``text`` in bold is ``width`` wide."""
    return 100 * width / max(1.0, QFontMetricsF(_bold(100)).horizontalAdvance(text))


def _written(amount: Money | None) -> str:
    return str(amount) if amount is not None else ""


def _say(words: QLabel, text: str) -> None:
    words.setText(text)
    words.setVisible(bool(text))
