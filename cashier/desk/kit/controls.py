"""The building blocks of all windows: buttons, words, status pills, cards and notices in one style."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from cashier.desk.kit.icons import Picture, icon
from cashier.desk.kit.look import fade_in, scaled
from cashier.desk.kit.wrapped import WrappedLabel
from cashier.language import NOTHING, Message
from cashier.palette import Colour

_ICON_SIDE = 20
_NARROW_COLUMNS, _ROOMY_COLUMNS = 2, 8
_NOTICE_EDGE = 10
"""How many buttons of a notice stand side by side: below its words, and beside them."""


class Text(StrEnum):
    """The sizes of text there are; ``resources/style.qss`` says how each looks."""

    OUTCOME = "outcome"
    """What was paid, or what goes back in cash: read by two people across a counter."""
    DISPLAY = "display"
    """The one amount that matters."""
    HEADLINE = "headline"
    """The name of a page or dialog."""
    TITLE = "title"
    """The name of a part of it, or a message."""
    BODY = "body"
    CAPTION = "caption"
    """Names of facts; secondary words."""


class Tone(StrEnum):
    """What a colour says; always together with words or an icon."""

    NEUTRAL = "neutral"
    ACCENT = "accent"
    DUE = "due"
    """Owed, and nothing is wrong with it."""
    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    PAST = "past"
    """It is over, and kept to be seen."""


ICON_OF: Mapping[Tone, str] = {
    Tone.NEUTRAL: "info",
    Tone.ACCENT: "info",
    Tone.DUE: "invoice",
    Tone.GOOD: "success",
    Tone.CAUTION: "warning",
    Tone.BAD: "error",
    Tone.PAST: "info",
}
"""The icon that goes with each tone."""
INK_OF: Mapping[Tone, Colour] = {
    Tone.NEUTRAL: Colour.INK_SOFT,
    Tone.ACCENT: Colour.ACCENT,
    Tone.DUE: Colour.DUE,
    Tone.GOOD: Colour.GOOD,
    Tone.CAUTION: Colour.CAUTION,
    Tone.BAD: Colour.BAD,
    Tone.PAST: Colour.INK_DISABLED,
}
"""The colour of text and icons in each tone."""
GROUND_OF: Mapping[Tone, Colour] = {
    Tone.NEUTRAL: Colour.GROUND_DISABLED,
    Tone.ACCENT: Colour.ACCENT_SOFT,
    Tone.DUE: Colour.DUE_SOFT,
    Tone.GOOD: Colour.GOOD_SOFT,
    Tone.CAUTION: Colour.CAUTION_SOFT,
    Tone.BAD: Colour.BAD_SOFT,
    Tone.PAST: Colour.GROUND_DISABLED,
}
"""What lies behind ``INK_OF``."""


def label(text: Message, style: Text = Text.BODY, *, name: str = "", wraps: bool = False) -> QLabel:
    """Make a label in one of the text styles. Its text is never taken for HTML."""
    made = WrappedLabel(str(text)) if wraps else QLabel(str(text))
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("textStyle", style.value)
    made.setObjectName(name)
    made.setWordWrap(wraps)
    return made


def separator() -> QFrame:
    """Make a hairline between two parts."""
    line = QFrame()
    line.setProperty("frame", "line")
    return line


class PrimaryButton(QPushButton):
    """The one thing to do next. A window has at most one that is visible, and in a dialog Enter presses that one."""

    def __init__(self, text: Message, icon_name: str = "", *, name: str) -> None:
        """Show ``text`` and, if named, an icon; ``name`` is the object's name."""
        super().__init__(_beside_icon(str(text), icon_name))
        self.setObjectName(name)
        self.setProperty("rank", "primary")
        # Otherwise Qt gives and takes what Enter means as the keyboard wanders, and may leave it to a hidden button.
        self.setAutoDefault(False)
        self.setIconSize(QSize(scaled(_ICON_SIDE), scaled(_ICON_SIDE)))
        if icon_name:
            self.setIcon(icon(icon_name, Colour.INK_ON_ACCENT))

    def showEvent(self, event: QShowEvent) -> None:
        """Be what Enter means in the dialog from now on: those of faces before it keep quiet about it."""
        super().showEvent(event)
        if not event.spontaneous():
            # Qt tells the dialog only of a change, and not of what was said before the button had a dialog.
            self.setDefault(False)
            self.setDefault(True)


class PlainButton(QPushButton):
    """Anything else there is to do."""

    def __init__(self, text: Message, icon_name: str = "", *, name: str, quiet: bool = False) -> None:
        """Show ``text`` and, if named, an icon; a ``quiet`` one has no edge until the pointer is on it."""
        super().__init__(_beside_icon(str(text), icon_name))
        self.setObjectName(name)
        self.setProperty("rank", "quiet" if quiet else "plain")
        self.setAutoDefault(False)
        self.setIconSize(QSize(scaled(_ICON_SIDE), scaled(_ICON_SIDE)))
        if icon_name:
            self.setIcon(icon(icon_name, Colour.ACCENT if not quiet else Colour.INK_SOFT))


class DangerButton(PlainButton):
    """What cannot be taken back or turns somebody down: it stands apart, and Enter never presses it."""

    def __init__(self, text: Message, icon_name: str = "", *, name: str) -> None:
        """Show ``text`` and, if named, an icon."""
        super().__init__(text, icon_name, name=name)
        self.setProperty("rank", "danger")
        if icon_name:
            self.setIcon(icon(icon_name, Colour.BAD))


class Chip(QPushButton):
    """A button that stays pressed: one of several lists, or of several filters."""

    def __init__(self, text: Message, *, name: str) -> None:
        """Show ``text``."""
        super().__init__(str(text))
        self.setObjectName(name)
        self.setProperty("rank", "chip")
        self.setCheckable(True)
        self.setAutoDefault(False)

    def sizeHint(self) -> QSize:
        """Have room for the words in bold, as they are while it is chosen; Qt keeps what it measured before."""
        hint = super().sizeHint()
        bold = self.font()
        bold.setBold(True)
        more = QFontMetrics(bold).horizontalAdvance(self.text()) - self.fontMetrics().horizontalAdvance(self.text())
        return QSize(hint.width() + max(0, more), hint.height())


PICTURED = frozenset({Tone.GOOD, Tone.CAUTION, Tone.BAD})
"""The tones in which a status has a picture beside its word, for whoever does not see the colour."""
_PILL_PICTURE = 14


class StatusPill(QLabel):
    """A status in a word, on its tone, with the picture of that."""

    def __init__(self, text: Message = NOTHING, tone: Tone = Tone.NEUTRAL, *, name: str = "") -> None:
        """Show ``text`` in ``tone``."""
        super().__init__()
        self.setObjectName(name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setProperty("pill", True)
        self._tone = tone
        self.show_status(text, tone)

    def show_status(self, text: Message, tone: Tone) -> None:
        """Change word and tone."""
        self.setText(str(text))
        self.setAccessibleName(str(text))
        self._tone = tone
        self.setContentsMargins(scaled(_PILL_PICTURE + 6) if tone in PICTURED and text else 0, 0, 0, 0)
        set_tone(self, tone)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture before the word."""
        super().paintEvent(event)
        if self.contentsMargins().left():
            side = scaled(_PILL_PICTURE)
            place = QRect(scaled(8), (self.height() - side) // 2, side, side)
            icon(ICON_OF[self._tone], INK_OF[self._tone]).paint(QPainter(self), place)


class Card(QFrame):
    """A white sheet with a hairline around it."""

    def __init__(self, parent: QWidget | None = None, *, name: str = "") -> None:
        """Make an empty card; give it a layout."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("frame", "card")


class Notice(QFrame):
    """A sentence that matters, with an icon, on its tone; hidden while it has nothing to say."""

    def __init__(self, *, name: str, is_narrow: bool = False) -> None:
        """Make a hidden notice; a narrow one has its buttons below its words."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("frame", "notice")
        self._picture = Picture(side=20)
        self._words = label(NOTHING, Text.BODY, name=f"{name}_text", wraps=True)
        self._buttons = QGridLayout()
        self._buttons.setSpacing(8)
        self._added: list[QPushButton] = []
        self._columns = _NARROW_COLUMNS if is_narrow else _ROOMY_COLUMNS
        upper = QHBoxLayout()
        upper.setSpacing(10)
        side = Qt.AlignmentFlag.AlignTop if is_narrow else Qt.AlignmentFlag.AlignVCenter
        upper.addWidget(self._picture, 0, side)
        upper.addWidget(self._words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_NOTICE_EDGE, 6, _NOTICE_EDGE, 6)
        layout.setSpacing(8)
        layout.addLayout(upper)
        if is_narrow:
            layout.addLayout(self._buttons)
        else:
            upper.addLayout(self._buttons)
        self.hide()

    def add_button(self, button: QPushButton) -> None:
        """Put ``button`` at the end of the notice."""
        self._added.append(button)
        self._place_buttons()

    def _place_buttons(self) -> None:
        """Put those that are not hidden one after the other; who is hidden leaves no gap between them."""
        columns = self._columns_with_room()
        for place, button in enumerate(sorted(self._added, key=QWidget.isHidden)):
            self._buttons.addWidget(button, *divmod(place, columns))

    def _columns_with_room(self) -> int:
        """Return how many buttons stand beside each other below the words: one, where two would be cut."""
        if self._columns != _NARROW_COLUMNS:
            return self._columns
        widest = max((each.sizeHint().width() for each in self._added if not each.isHidden()), default=0)
        room = self.contentsRect().width() - 2 * _NOTICE_EDGE
        return 1 if 2 * widest + self._buttons.spacing() > room else _NARROW_COLUMNS

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below each other where the notice became too narrow for two."""
        super().resizeEvent(event)
        self._place_buttons()

    @property
    def text(self) -> str:
        """What it says now; empty while hidden."""
        return "" if self.isHidden() else self._words.text()

    def say(self, words: Message, tone: Tone) -> None:
        """Show ``words``, and tell them to a screen reader when they are new."""
        text = str(words)
        is_new = text != self.text
        self._words.setText(text)
        self._picture.show_icon(ICON_OF[tone], INK_OF[tone])
        set_tone(self, tone)
        set_tone(self._words, tone)
        self.setAccessibleName(text)
        self._place_buttons()
        appears = self.isHidden()
        self.show()
        if appears:
            fade_in(self)
        if is_new:
            announce(self)

    def fall_silent(self) -> None:
        """Hide it."""
        self.hide()


def set_tone(widget: QWidget, tone: Tone) -> None:
    """Give ``widget`` the colours of ``tone``."""
    if widget.property("tone") != tone.value:
        widget.setProperty("tone", tone.value)
        # A style sheet looks at properties only when it is applied: https://doc.qt.io/qt-6/stylesheet-examples.html
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def announce(widget: QWidget) -> None:
    """Tell a screen reader that what ``widget`` says has changed and matters."""
    if widget.isVisible():
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))


def _beside_icon(text: str, icon_name: str) -> str:
    """Leave a little more room between an icon and its word than Qt does."""
    return f"\u2009{text}" if icon_name and text else text
