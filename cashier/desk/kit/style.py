"""The look of all windows: typeface, colours and ``resources/style.qss``."""

from __future__ import annotations

from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from cashier.palette import Colour
from cashier.resources import RESOURCES

FAMILY = "Noto Sans"
"""Its figures all have the same width, so amounts stand in columns."""
BASE_POINTS = 11

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


def apply_style(application: QApplication) -> None:
    """Give ``application`` our typeface, palette and style sheet. Call it before the first window."""
    for name in ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"):
        QFontDatabase.addApplicationFont(str(RESOURCES / "fonts" / name))
    application.setFont(QFont(FAMILY, BASE_POINTS))
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(_palette())
    application.setStyleSheet(_style_sheet())


def _palette() -> QPalette:
    palette = QPalette()
    for role, colour in _ROLES.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(Colour.INK_DISABLED))
    return palette


def _style_sheet() -> str:
    template = Template((RESOURCES / "style.qss").read_text(encoding="utf-8"))
    # Members by name, because two names may have the same colour.
    places = {name: colour.value for name, colour in Colour.__members__.items()}
    return template.substitute(places, ICONS=(RESOURCES / "icons").as_posix())
