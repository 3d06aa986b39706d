"""Words over several lines: between words where that is possible, within one that is wider than a line."""

from __future__ import annotations

import re
from unicodedata import combining

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

_BETWEEN_WORDS = Qt.TextFlag.TextWordWrap.value
_BREAK = "\u200b"
"""Seen as nothing, and a line may end there."""
_HEIGHT_MAX = 1 << 20
_WIDTH_MIN = 96
_SHORT = 12
"""Words of so few letters need not be measured: they fit."""


def breakable(metrics: QFontMetrics, text: str, width: int) -> str:
    """Return ``text`` for lines of ``width`` pixels: wider words may be broken after a hyphen, or else anywhere."""
    return " ".join(_breakable(metrics, word, width) for word in text.split(" "))


def _breakable(metrics: QFontMetrics, word: str, width: int) -> str:
    if metrics.horizontalAdvance(word) <= width:
        return word
    # Each part with the hyphen that ends it.
    return _BREAK.join(_broken(metrics, part, width) for part in re.findall(r"[^-]*-|[^-]+", word))


def _broken(metrics: QFontMetrics, part: str, width: int) -> str:
    if metrics.horizontalAdvance(part) <= width:
        return part
    # A mark belongs to the letter before it.
    return part[:1] + "".join(letter if combining(letter) else _BREAK + letter for letter in part[1:])


def paint_wrapped(painter: QPainter, area: QRect, flags: int, text: str) -> None:
    """Paint ``text`` over several lines, none of them cut."""
    painter.drawText(area, flags | _BETWEEN_WORDS, breakable(painter.fontMetrics(), text, area.width()))


def wrapped_height(metrics: QFontMetrics, text: str, width: int) -> int:
    """Return how many pixels high ``text`` is at this ``width``."""
    area = QRect(0, 0, width, _HEIGHT_MAX)
    return metrics.boundingRect(area, _BETWEEN_WORDS, breakable(metrics, text, width)).height()


class WrappedLabel(QLabel):
    """A label over several lines that never asks for more width than there is: one long word would hide the rest."""

    def minimumSizeHint(self) -> QSize:
        """Have room for a short word; longer ones can be broken."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), _WIDTH_MIN), hint.height())

    def widest_word(self) -> int:
        """Return how wide (pixels) the widest of the words is that are never broken."""
        metrics = self.fontMetrics()
        words = [each for each in self.text().split() if len(each) <= _SHORT]
        return max((metrics.horizontalAdvance(each) for each in words), default=0)

    def heightForWidth(self, width: int) -> int:
        """Have room for the lines of words that are broken, too."""
        height = super().heightForWidth(width)
        if width > 0 and self._breaks_words(width):
            height = max(height, wrapped_height(self.fontMetrics(), self.text(), width))
        return height

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint words that are wider than a line by ourselves: Qt would cut them."""
        area = self.contentsRect()
        if not self._breaks_words(area.width()):
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        paint_wrapped(painter, area, self.alignment().value, self.text())
        painter.end()

    def _breaks_words(self, width: int) -> bool:
        metrics = self.fontMetrics()
        return any(metrics.horizontalAdvance(word) > width for word in self.text().split() if len(word) > _SHORT)
