"""The colours of Cashier: calm greys and one accent, shared by the windows and the paper.

Text on its own background keeps a contrast of at least 4.5 to 1, edges of controls at least 3 to 1 (WCAG 2.2, AA):
https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

from __future__ import annotations

from enum import StrEnum


class Colour(StrEnum):
    """A colour by its purpose; the value is ``#RRGGBB``. Nothing else in the program names a colour."""

    INK = "#1F2937"
    """Text and icons."""
    INK_SOFT = "#4B5A6B"
    """Labels and secondary text."""
    INK_DISABLED = "#5F6B78"
    """Text of what cannot be used now."""
    INK_ON_ACCENT = "#FFFFFF"
    """Text and icons on ``ACCENT`` and on the strong tones."""

    PAPER = "#FFFFFF"
    """Behind lists, fields and cards."""
    GROUND = "#F3F6F8"
    """Behind everything."""
    GROUND_DISABLED = "#E9EEF2"
    """Behind what cannot be used now, and table heads."""
    HAIRLINE = "#D5DDE4"
    """Between rows and sections: decoration only."""
    EDGE = "#7C8A99"
    """Around fields and plain buttons."""

    ACCENT = "#0B5F73"
    """The one thing to do next, selection marks, the logo."""
    ACCENT_STRONG = "#084A5A"
    """``ACCENT`` under the pointer or pressed."""
    ACCENT_SOFT = "#E2F0F3"
    """Behind a selected row."""
    FOCUS = "#1D6FD8"
    """Around what has the keyboard."""

    GOOD = "#15633C"
    """Paid, ready."""
    GOOD_SOFT = "#E3F3E9"
    """Behind ``GOOD``."""
    CAUTION = "#7A4A00"
    """Waiting, part paid, not known."""
    CAUTION_SOFT = "#FCF1DA"
    """Behind ``CAUTION``."""
    BAD = "#A31D1D"
    """Failed, overdue, contradiction."""
    BAD_SOFT = "#FCE8E7"
    """Behind ``BAD``."""
