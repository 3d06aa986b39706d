"""What the patient display shows, at any size: words and amounts grow with the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QLabel, QLayout, QVBoxLayout, QWidget

from cashier.desk.kit.controls import INK_OF, label, separator, set_tone
from cashier.desk.kit.icons import icon
from cashier.desk.kit.no_money import NoMoneyBanner
from cashier.desk.kit.qr_code import QrCode
from cashier.desk.kit.style import FAMILY
from cashier.desk.patient_screen.patient_faces import PATIENT_WORDS, PHONE_OUT_OF_REACH, WELCOME, PatientFace
from cashier.language import NOTHING, Message, m, mc, verbatim
from cashier.money import Money
from cashier.settings import is_on_this_machine

# Sizes are in units, of which the window has at least so many across and down.
_UNITS, _UNITS_UPRIGHT = (64, 36), (42, 64)
_SIZE_MIN = (480, 300)
_NOTICE, _TEXT, _HEADING, _AMOUNT = 1.1, 1.5, 2.5, 5.6
_ICON_PIXELS_MAX = 96
_AMOUNT_SHARE = 0.9
"""How much of its column the largest amount may fill."""


class PatientSheet(QWidget):
    """The hospital's name above, and below it one face at a time."""

    def __init__(self, hospital: str, notice: Message = NOTHING) -> None:
        """Welcome the patients of ``hospital``; a ``notice`` stands above everything."""
        super().__init__()
        self._notice = NoMoneyBanner(notice, name="patient_notice")
        self.setObjectName("patient_sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._face = WELCOME
        self._hospital = label(verbatim(hospital), name="patient_hospital", wraps=True)
        self._disc = QLabel()
        self._disc.setObjectName("patient_disc")
        self._disc.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = label(NOTHING, name="patient_title", wraps=True)
        self._amount = label(NOTHING, name="patient_amount")
        self._text = label(NOTHING, name="patient_text", wraps=True)
        self._cash = QFrame()
        self._cash.setObjectName("patient_cash")
        self._tendered = label(NOTHING, name="patient_tendered")
        self._change = label(NOTHING, name="patient_change")
        self._code = QrCode(name="patient_code", says=m("QR code of the payment page"))
        self._lay_out()
        self.show_face(WELCOME)

    @property
    def face(self) -> PatientFace:
        """What is shown now."""
        return self._face

    def show_face(self, face: PatientFace) -> None:
        """Show ``face``; what it has no value for is not there."""
        self._face = face
        words = PATIENT_WORDS[face.kind]
        self._title.setText(str(words.title))
        set_tone(self._title, words.tone)
        set_tone(self._disc, words.tone)
        is_out_of_reach = face.address is not None and is_on_this_machine(face.address)
        _say(self._text, str(PHONE_OUT_OF_REACH if is_out_of_reach else words.text))
        _say(self._amount, _written(face.amount))
        self._tendered.setText(_written(face.tendered))
        self._change.setText(_written(face.change))
        self._cash.setVisible(face.tendered is not None)
        self._code.show_address(face.address)
        self._code.setVisible(face.address is not None)
        self.setAccessibleName(" ".join(each.text() for each in (self._title, self._amount, self._text)).strip())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let everything grow with the window."""
        super().resizeEvent(event)
        self._fit()

    def _lay_out(self) -> None:
        for each in (self._hospital, self._title, self._amount, self._text):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
        cash = QGridLayout(self._cash)
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
        self._body.addLayout(self._words, 1)
        self._body.addWidget(self._code, 1)
        self._page = QVBoxLayout(self)
        # The contents follow the window, never the window its contents.
        self._page.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._page.addWidget(self._notice)
        self._page.addWidget(self._hospital)
        self._page.addWidget(separator())
        self._page.addLayout(self._body, 1)
        self.setMinimumSize(*_SIZE_MIN)

    def _fit(self) -> None:
        """Find the unit for this size, and make every word, space and picture a multiple of it."""
        is_upright = self.height() > self.width()
        wide, high = _UNITS_UPRIGHT if is_upright else _UNITS
        unit = max(6.0, min(self.width() / wide, self.height() / high))
        self._body.setDirection(QBoxLayout.Direction.TopToBottom if is_upright else QBoxLayout.Direction.LeftToRight)
        edge = round(1.6 * unit)
        self._page.setContentsMargins(edge, edge, edge, edge)
        self._page.setSpacing(edge)
        self._body.setSpacing(edge)
        self._words.setSpacing(round(0.8 * unit))
        is_halved = self._face.address is not None and not is_upright
        width = (self.width() - 3 * edge) / 2 if is_halved else self.width() - 2 * edge
        amount = min(_AMOUNT * unit, _fitting(self._amount.text(), width * _AMOUNT_SHARE))
        disc = round(min(5.4 * unit, 2.0 * _ICON_PIXELS_MAX))
        self._disc.setFixedSize(disc, disc)
        words = PATIENT_WORDS[self._face.kind]
        self._disc.setPixmap(icon(words.icon, INK_OF[words.tone]).pixmap(round(disc * 0.55), round(disc * 0.55)))
        self.setStyleSheet(
            f"#patient_notice_text {{ font-size: {_NOTICE * unit:.0f}px; }}"
            f"#patient_hospital, #patient_text {{ font-size: {_TEXT * unit:.0f}px; }}"
            f"#patient_title {{ font-size: {_HEADING * unit:.0f}px; }}"
            f"#patient_amount {{ font-size: {amount:.0f}px; }}"
            f"#patient_disc {{ border-radius: {disc // 2}px; }}"
            f"#patient_cash QLabel {{ font-size: {_HEADING * unit:.0f}px; }}"
            f"#patient_cash_name {{ padding-right: {2 * unit:.0f}px; }}"
        )


def _fitting(text: str, width: float) -> float:
    """Return the size in pixels at which ``text`` in bold is ``width`` wide."""
    font = QFont(FAMILY)
    font.setPixelSize(100)
    font.setBold(True)
    return 100 * width / max(1.0, QFontMetricsF(font).horizontalAdvance(text))


def _written(amount: Money | None) -> str:
    return str(amount) if amount is not None else ""


def _say(words: QLabel, text: str) -> None:
    words.setText(text)
    words.setVisible(bool(text))
