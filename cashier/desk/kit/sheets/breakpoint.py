"""How much room a window has, in four steps: what is laid out anew is so at these steps, and at no other width."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize

from cashier.desk.kit.look import current_look

_SMALL_WIDTH_MAX, _SMALL_HEIGHT_MAX = 1179, 679
_LARGE_WIDTH_MIN, _HUGE_WIDTH_MIN = 1600, 2200


class Breakpoint(StrEnum):
    """From a till's small screen to a wide one; larger text makes a window smaller."""

    S = "small"
    M = "medium"
    L = "large"
    XL = "huge"


def breakpoint_of(window: QSize) -> Breakpoint:
    """Return how much room a window of this size has, in logical pixels, with the text as large as it is now."""
    percent = current_look().text_percent
    width, height = window.width() * 100 // percent, window.height() * 100 // percent
    if width <= _SMALL_WIDTH_MAX or height <= _SMALL_HEIGHT_MAX:
        return Breakpoint.S
    if width < _LARGE_WIDTH_MIN:
        return Breakpoint.M
    return Breakpoint.L if width < _HUGE_WIDTH_MIN else Breakpoint.XL
