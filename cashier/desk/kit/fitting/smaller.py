"""Words that get somewhat smaller where they would be cut: large text is worth nothing with half of it missing."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetrics


def fitting_font(font: QFont, text: str, width: int, *, least: float) -> QFont:
    """Return ``font`` as large as ``text`` has room in ``width`` pixels; no smaller than ``least`` of its size."""
    needed = QFontMetrics(font).horizontalAdvance(text)
    if needed <= width or not text:
        return font
    made = QFont(font)
    made.setPointSizeF(font.pointSizeF() * max(least, width / needed))
    # Letters have whole pixels: one step more where that is still too wide.
    while made.pointSizeF() > font.pointSizeF() * least and QFontMetrics(made).horizontalAdvance(text) > width:
        made.setPointSizeF(max(font.pointSizeF() * least, made.pointSizeF() - 0.25))
    return made
