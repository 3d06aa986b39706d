"""Words over several lines: between words where that is possible, within one that is wider than a line."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

_BETWEEN_WORDS = Qt.TextFlag.TextWordWrap.value
_ANYWHERE = Qt.TextFlag.TextWrapAnywhere.value
_HEIGHT_MAX = 1 << 20
_WIDTH_MIN = 96
_SHORT = 12
"""Words of so few letters need not be measured: they fit."""


def wrap_flag(metrics: QFontMetrics, text: str, width: int) -> int:
    """Return how Qt has to break ``text`` so that no line is wider than ``width`` pixels."""
    needed = metrics.boundingRect(QRect(0, 0, width, _HEIGHT_MAX), _BETWEEN_WORDS, text).width()
    return _BETWEEN_WORDS if needed <= width else _ANYWHERE


def wrapped_height(metrics: QFontMetrics, text: str, width: int) -> int:
    """Return how many pixels high ``text`` is at this ``width``."""
    flag = wrap_flag(metrics, text, width)
    return metrics.boundingRect(QRect(0, 0, width, _HEIGHT_MAX), flag, text).height()


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
        painter.drawText(area, self.alignment().value | _ANYWHERE, self.text())
        painter.end()

    def _breaks_words(self, width: int) -> bool:
        metrics = self.fontMetrics()
        return any(metrics.horizontalAdvance(word) > width for word in self.text().split() if len(word) > _SHORT)
