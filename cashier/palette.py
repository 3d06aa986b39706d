"""The colours of Cashier by their purpose: calm greys, one accent, and what they are in each of the themes.

Paper and pages for browsers are printed in the light theme; windows ask ``cashier.desk.kit.look`` for theirs. In
every theme text keeps at least 4.5 to 1 on its ground, edges of controls and the mark of the keyboard at least 3 to 1
(WCAG 2.2, AA), in those of high contrast 7 to 1 and 4.5 to 1: https://www.w3.org/TR/WCAG22/#contrast-minimum
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Colour(StrEnum):
    """A colour by its purpose. Nothing else in the program names a colour."""

    INK = "ink"
    """Text and icons."""
    INK_SOFT = "ink_soft"
    """Labels and secondary text."""
    INK_DISABLED = "ink_disabled"
    """Text of what cannot be used now."""
    INK_ON_ACCENT = "ink_on_accent"
    """Text and icons on ``ACCENT`` and on the strong tones."""

    PAPER = "paper"
    """Behind lists, fields and cards."""
    GROUND = "ground"
    """Behind everything."""
    GROUND_DISABLED = "ground_disabled"
    """Behind what cannot be used now, and table heads."""
    HAIRLINE = "hairline"
    """Between rows and sections: decoration only."""
    EDGE = "edge"
    """Around fields and plain buttons."""

    ACCENT = "accent"
    """The one thing to do next, selection marks, the logo."""
    ACCENT_STRONG = "accent_strong"
    """``ACCENT`` under the pointer or pressed."""
    ACCENT_SOFT = "accent_soft"
    """Behind what is told about ``ACCENT``, and what the pointer is on."""
    SELECTED = "selected"
    """Behind the chosen row."""
    FOCUS = "focus"
    """Around what has the keyboard."""

    DUE = "due"
    """Owed."""
    DUE_SOFT = "due_soft"
    """Behind ``DUE``."""
    GOOD = "good"
    """Paid, ready."""
    GOOD_SOFT = "good_soft"
    """Behind ``GOOD``."""
    CAUTION = "caution"
    """Waiting, part paid, not known."""
    CAUTION_SOFT = "caution_soft"
    """Behind ``CAUTION``."""
    BAD = "bad"
    """Failed, overdue, contradiction."""
    BAD_SOFT = "bad_soft"
    """Behind ``BAD``."""
    TRAINING = "training"
    """The words that no money moves."""
    TRAINING_GROUND = "training_ground"
    """Behind ``TRAINING``."""

    @property
    def printed(self) -> str:
        """What it is on paper and in pages for browsers, as ``#RRGGBB``."""
        return SHADES[Theme.LIGHT][self]


class Theme(StrEnum):
    """How all windows look: the values stand in the settings."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST_LIGHT = "contrast-light"
    CONTRAST_DARK = "contrast-dark"

    @property
    def is_dark(self) -> bool:
        """Tell whether light words stand on dark grounds."""
        return self in {Theme.DARK, Theme.CONTRAST_DARK}

    @property
    def is_high_contrast(self) -> bool:
        """Tell whether grounds are plain, and edges carry what soft grounds carry elsewhere."""
        return self in {Theme.CONTRAST_LIGHT, Theme.CONTRAST_DARK}


_LIGHT: Mapping[Colour, str] = {
    Colour.INK: "#1F2937",
    Colour.INK_SOFT: "#4B5A6B",
    Colour.INK_DISABLED: "#5F6B78",
    Colour.INK_ON_ACCENT: "#FFFFFF",
    Colour.PAPER: "#FFFFFF",
    Colour.GROUND: "#F3F6F8",
    Colour.GROUND_DISABLED: "#E9EEF2",
    Colour.HAIRLINE: "#D5DDE4",
    Colour.EDGE: "#6B7886",
    Colour.ACCENT: "#0B5F73",
    Colour.ACCENT_STRONG: "#084A5A",
    Colour.ACCENT_SOFT: "#E2F0F3",
    Colour.SELECTED: "#CFE6EC",
    Colour.FOCUS: "#1D4ED8",
    Colour.DUE: "#33409A",
    Colour.DUE_SOFT: "#E9EBFA",
    Colour.GOOD: "#15633C",
    Colour.GOOD_SOFT: "#E3F3E9",
    Colour.CAUTION: "#7A4A00",
    Colour.CAUTION_SOFT: "#FCF1DA",
    Colour.BAD: "#A31D1D",
    Colour.BAD_SOFT: "#FCE8E7",
    Colour.TRAINING: "#4A2E00",
    Colour.TRAINING_GROUND: "#FFC94D",
}
_DARK: Mapping[Colour, str] = {
    Colour.INK: "#E7EDF3",
    Colour.INK_SOFT: "#AAB8C5",
    Colour.INK_DISABLED: "#8F9DAA",
    Colour.INK_ON_ACCENT: "#0C1A1F",
    Colour.PAPER: "#1B242D",
    Colour.GROUND: "#12181F",
    Colour.GROUND_DISABLED: "#28333D",
    Colour.HAIRLINE: "#34414D",
    Colour.EDGE: "#7A8997",
    Colour.ACCENT: "#63C2D8",
    Colour.ACCENT_STRONG: "#8AD6E8",
    Colour.ACCENT_SOFT: "#1E3A44",
    Colour.SELECTED: "#244854",
    Colour.FOCUS: "#7FB2FF",
    Colour.DUE: "#B9C7FF",
    Colour.DUE_SOFT: "#262E52",
    Colour.GOOD: "#6FD39B",
    Colour.GOOD_SOFT: "#15352A",
    Colour.CAUTION: "#F2BE63",
    Colour.CAUTION_SOFT: "#3A2C10",
    Colour.BAD: "#FF9A94",
    Colour.BAD_SOFT: "#43201F",
    Colour.TRAINING: "#FFD58A",
    Colour.TRAINING_GROUND: "#4A3508",
}
_CONTRAST_LIGHT: Mapping[Colour, str] = {
    Colour.INK: "#000000",
    Colour.INK_SOFT: "#000000",
    Colour.INK_DISABLED: "#4A4A4A",
    Colour.INK_ON_ACCENT: "#FFFFFF",
    Colour.PAPER: "#FFFFFF",
    Colour.GROUND: "#FFFFFF",
    Colour.GROUND_DISABLED: "#FFFFFF",
    Colour.HAIRLINE: "#000000",
    Colour.EDGE: "#000000",
    Colour.ACCENT: "#003B4A",
    Colour.ACCENT_STRONG: "#00202A",
    Colour.ACCENT_SOFT: "#FFFFFF",
    Colour.SELECTED: "#D6EEF5",
    Colour.FOCUS: "#0A3FD0",
    Colour.DUE: "#1A237E",
    Colour.DUE_SOFT: "#FFFFFF",
    Colour.GOOD: "#00451F",
    Colour.GOOD_SOFT: "#FFFFFF",
    Colour.CAUTION: "#5A3300",
    Colour.CAUTION_SOFT: "#FFFFFF",
    Colour.BAD: "#8A0000",
    Colour.BAD_SOFT: "#FFFFFF",
    Colour.TRAINING: "#000000",
    Colour.TRAINING_GROUND: "#FFC94D",
}
_CONTRAST_DARK: Mapping[Colour, str] = {
    Colour.INK: "#FFFFFF",
    Colour.INK_SOFT: "#FFFFFF",
    Colour.INK_DISABLED: "#B8B8B8",
    Colour.INK_ON_ACCENT: "#000000",
    Colour.PAPER: "#000000",
    Colour.GROUND: "#000000",
    Colour.GROUND_DISABLED: "#000000",
    Colour.HAIRLINE: "#FFFFFF",
    Colour.EDGE: "#FFFFFF",
    Colour.ACCENT: "#7FE3F7",
    Colour.ACCENT_STRONG: "#B5F0FF",
    Colour.ACCENT_SOFT: "#000000",
    Colour.SELECTED: "#00353F",
    Colour.FOCUS: "#FFD400",
    Colour.DUE: "#C5CFFF",
    Colour.DUE_SOFT: "#000000",
    Colour.GOOD: "#7CF0AE",
    Colour.GOOD_SOFT: "#000000",
    Colour.CAUTION: "#FFD166",
    Colour.CAUTION_SOFT: "#000000",
    Colour.BAD: "#FFA8A0",
    Colour.BAD_SOFT: "#000000",
    Colour.TRAINING: "#000000",
    Colour.TRAINING_GROUND: "#FFC94D",
}
SHADES: Mapping[Theme, Mapping[Colour, str]] = {
    Theme.LIGHT: _LIGHT,
    Theme.DARK: _DARK,
    Theme.CONTRAST_LIGHT: _CONTRAST_LIGHT,
    Theme.CONTRAST_DARK: _CONTRAST_DARK,
}
"""Each colour in each theme, as ``#RRGGBB``."""
