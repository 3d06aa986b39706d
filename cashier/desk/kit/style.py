"""Typeface, colours and ``resources/style.qss`` of all windows, in the theme, size and density that are worn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from cashier.desk.kit.focus_ring import FocusRings
from cashier.desk.kit.look import Density, Look, look_changed, set_current_look
from cashier.palette import SHADES, Colour
from cashier.resources import RESOURCES

FAMILY = "Noto Sans"
"""Its figures all have the same width, so amounts stand in columns."""
BASE_POINTS = 12
"""The body's text, and that of tables; ``resources/style.qss`` has the other sizes."""

_ROLES = {
    QPalette.ColorRole.Window: Colour.GROUND,
    QPalette.ColorRole.WindowText: Colour.INK,
    QPalette.ColorRole.Base: Colour.PAPER,
    QPalette.ColorRole.AlternateBase: Colour.GROUND,
    QPalette.ColorRole.Text: Colour.INK,
    QPalette.ColorRole.Button: Colour.PAPER,
    QPalette.ColorRole.ButtonText: Colour.INK,
    QPalette.ColorRole.PlaceholderText: Colour.INK_SOFT,
    QPalette.ColorRole.Highlight: Colour.ACCENT,
    QPalette.ColorRole.HighlightedText: Colour.INK_ON_ACCENT,
    QPalette.ColorRole.ToolTipBase: Colour.INK,
    QPalette.ColorRole.ToolTipText: Colour.PAPER,
    QPalette.ColorRole.Link: Colour.ACCENT,
    QPalette.ColorRole.Accent: Colour.ACCENT,
}
_HEIGHTS: Mapping[Density, Mapping[str, str]] = {
    Density.KEYBOARD: {
        "BUTTON": "24px", "QUIET": "24px", "CHIP": "22px", "FIELD": "26px", "LARGE_FIELD": "32px", "DATE": "23px",
        "CHOICE": "28px", "TILE": "52px", "SCROLL_BAR": "14px", "MENU_ITEM": "20px",
    },
    Density.TOUCH: {
        "BUTTON": "36px", "QUIET": "40px", "CHIP": "38px", "FIELD": "38px", "LARGE_FIELD": "40px", "DATE": "35px",
        "CHOICE": "46px", "TILE": "88px", "SCROLL_BAR": "24px", "MENU_ITEM": "34px",
    },
}  # fmt: skip
"""How high the insides of controls are; with padding and edge a button is 40 or 52 pixels high."""
_LENGTH = re.compile(r"\b(\d+(?:\.\d+)?)(pt|px)\b")
_INDICATOR = 14
_HAIR_PIXELS_MAX = 2
"""Edges up to this width stay as they are when the text grows."""


def wear(application: QApplication, look: Look) -> None:
    """Give ``application`` our typeface, and the palette and style sheet of ``look``.

    Call it before the first window. Called again it changes the theme of all windows at once; lengths that windows
    have computed keep the size of text they were made with.
    """
    if application.findChild(FocusRings) is None:
        # Each of these polishes all windows anew: once is enough, whatever is worn later.
        for name in ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"):
            QFontDatabase.addApplicationFont(str(RESOURCES / "fonts" / name))
        application.setStyle(QStyleFactory.create("Fusion"))
        FocusRings(application)
    set_current_look(look)
    font = QFont(FAMILY)
    font.setPointSizeF(BASE_POINTS * look.text_percent / 100)
    if font != application.font():
        application.setFont(font)
    application.setPalette(_palette(look))
    application.setStyleSheet(style_sheet(look))
    look_changed.emit()


def style_sheet(look: Look) -> str:
    """Return ``resources/style.qss`` with the colours and lengths of ``look``."""
    template = Template((RESOURCES / "style.qss").read_text(encoding="utf-8"))
    shades = SHADES[look.theme]
    places = {colour.name: shades[colour] for colour in Colour}
    # Where grounds are plain, an edge carries what a soft ground carries elsewhere.
    places |= {
        f"{tone}_EDGE": shades[Colour[tone]] if look.theme.is_high_contrast else "transparent"
        for tone in ("INK_SOFT", "ACCENT", "DUE", "GOOD", "CAUTION", "BAD")
    }
    places["HOVERED"] = shades[Colour.SELECTED if look.theme.is_high_contrast else Colour.ACCENT_SOFT]
    places["DISABLED_EDGE"] = shades[Colour.INK_DISABLED if look.theme.is_high_contrast else Colour.GROUND_DISABLED]
    places |= {f"{name}_HEIGHT": height for name, height in _HEIGHTS[look.density].items()}
    # What comes in last is no length to be scaled, though a file's path may look like one.
    last = _pictures(look) | _circle(look)
    sized = _sized(template.substitute(places, **{name: f"${{{name}}}" for name in last}), look.text_percent)
    return Template(sized).substitute(last)


def _pictures(look: Look) -> dict[str, str]:
    """Return where the pictures are: Qt's style sheets colour none."""
    dark, light = RESOURCES / "icons", RESOURCES / "icons" / "on_dark"
    words, on_accent = (light, dark) if look.theme.is_dark else (dark, light)
    files = {"CHEVRON": words / "chevron-down.svg", "CHECK": on_accent / "check.svg", "DOT": on_accent / "dot.svg"}
    return {name: path.as_posix() for name, path in files.items()}


def _circle(look: Look) -> dict[str, str]:
    """Return the inside of what is ticked, and the corner that makes it round: with one pixel more it is square."""
    inside = round(_INDICATOR * look.text_percent / 100)
    return {"INDICATOR": f"{inside}px", "CIRCLE": f"{(inside + 2 * _HAIR_PIXELS_MAX) // 2}px"}


def _sized(sheet: str, percent: int) -> str:
    def larger(found: re.Match[str]) -> str:
        number, unit = float(found[1]), found[2]
        if unit == "px" and number <= _HAIR_PIXELS_MAX:
            return found[0]
        grown = number * percent / 100
        return f"{grown:.1f}pt" if unit == "pt" else f"{round(grown)}px"

    return sheet if percent == 100 else _LENGTH.sub(larger, sheet)


def _palette(look: Look) -> QPalette:
    shades = SHADES[look.theme]
    palette = QPalette()
    for role, colour in _ROLES.items():
        palette.setColor(role, QColor(shades[colour]))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(shades[Colour.INK_DISABLED]))
    return palette
