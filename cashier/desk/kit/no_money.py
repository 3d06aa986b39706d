"""Where no money moves, every screen says so all the time in words and stripes: the cashier's and the patient's."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.kit.controls import label
from cashier.desk.kit.look import shade
from cashier.language import NOTHING, Message, m
from cashier.palette import Colour
from cashier.settings import Settings

STRIPES = 6
"""How wide the frame of stripes is, in pixels at every size of text."""
_SLANT = 2
"""How many frames' widths a stripe is wide."""


def words_without_money(settings: Settings) -> Message:
    """Say that no money moves, and why: the sandbox, or Stripe's own test mode; nothing where it does."""
    if settings.moves_money:
        return NOTHING
    if settings.training:
        return m("TRAINING – no money moves")
    return m("STRIPE TEST MODE – no money moves, and only Stripe's test cards work")


class NoMoneyBanner(QFrame):
    """A line across the screen; it is not there without words."""

    def __init__(self, words: Message, *, name: str) -> None:
        """Say ``words``."""
        super().__init__()
        self.setObjectName(f"{name}_banner")
        self.setProperty("tells", "no money")
        self._words = label(words, name=f"{name}_text", wraps=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 3, 16, 3)
        row.addWidget(self._words)
        if not words:
            self.hide()

    def say(self, words: Message) -> None:
        """Say them again, in the language that is spoken now."""
        self._words.setText(str(words))


class NoMoneyFrame(QWidget):
    """Stripes round all that a window shows, where no money moves; elsewhere only what holds the window's parts."""

    def __init__(self, words: Message) -> None:
        """Have stripes if there are ``words`` about it."""
        super().__init__()
        self.setObjectName("no_money_frame")
        self._is_striped = bool(words)
        inside = STRIPES if words else 0
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(inside, inside, inside, inside)
        self._column.setSpacing(0)

    @property
    def column(self) -> QVBoxLayout:
        """Where the window's parts go, one below the other."""
        return self._column

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the stripes; whatever changes inside of them asks for this as well, and needs none."""
        inside = self.rect().adjusted(STRIPES, STRIPES, -STRIPES, -STRIPES)
        if self._is_striped and not (event.region() - QRegion(inside)).isEmpty():
            painter = QPainter(self)
            paint_stripes(painter, self.rect(), STRIPES)
            painter.end()


def paint_stripes(painter: QPainter, around: QRect, wide: int) -> None:
    """Draw a frame of slanted stripes, ``wide`` pixels, just inside ``around``."""
    inside = around.adjusted(wide, wide, -wide, -wide)
    left, top, right, foot = around.left(), around.top(), around.right() + 1, around.bottom() + 1
    painter.save()
    painter.setClipRegion(QRegion(around) - QRegion(inside))
    painter.fillRect(around, shade(Colour.TRAINING_GROUND))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shade(Colour.TRAINING))
    # A stripe is where x + y lies between two numbers. Each side has its own: whole ones cross the window unseen.
    step = 2 * _SLANT * wide
    for at in range(left + top - step, right + foot, step):
        for y in (top, foot - wide):
            painter.drawPolygon(_slanted(at - y, y, step // 2, wide))
        for x in (left, right - wide):
            painter.drawPolygon([QPoint(each.y(), each.x()) for each in _slanted(at - x, x, step // 2, wide)])
    painter.restore()


def _slanted(x: int, y: int, long: int, high: int) -> list[QPoint]:
    """Return the corners of a piece of a stripe that begins at ``x`` and ``y``, and leans to the left."""
    return [QPoint(x, y), QPoint(x + long, y), QPoint(x + long - high, y + high), QPoint(x - high, y + high)]
