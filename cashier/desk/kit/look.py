"""How all windows look now: theme, size of text, density; and what colours and lengths are in it.

One application has one look. Whatever paints by hand asks here while it paints, so that another look shows at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, QPropertyAnimation, Qt, Signal
from PySide6.QtGui import QAccessibilityHints, QColor, QGuiApplication
from PySide6.QtWidgets import QGraphicsOpacityEffect, QWidget
from shiboken6 import isValid

from cashier.palette import SHADES, Colour, Theme

FADE_MS = 120
_LARGE_PERCENT = 115


class Density(StrEnum):
    """What the controls are made for: the values stand in the settings."""

    KEYBOARD = "keyboard"
    TOUCH = "touch"


@dataclass(frozen=True, kw_only=True)
class Look:
    """A theme, the size of text in percent (100 to 150), what controls are made for, and whether things fade in."""

    theme: Theme = Theme.LIGHT
    text_percent: int = 100
    density: Density = Density.KEYBOARD
    has_motion: bool = False


class _Worn(QObject):
    """The look that is worn, and word of the next one."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.look = Look()


_worn = _Worn()
look_changed = _worn.changed
"""Emitted when all windows look otherwise from now on."""


def current_look() -> Look:
    """Return how all windows look now."""
    return _worn.look


def set_current_look(look: Look) -> None:
    """Remember how all windows look from now on; ``cashier.desk.kit.style.wear`` makes them do so."""
    _worn.look = look


def shade(colour: Colour) -> QColor:
    """Return what ``colour`` is in the theme that is worn now."""
    return QColor(SHADES[_worn.look.theme][colour])


def scaled(pixels: int) -> int:
    """Return a length of ``pixels``, given for text of 100 percent, for the size of text that is worn now."""
    return pixels * _worn.look.text_percent // 100


def for_hands(pixels: int, *, touched: int) -> int:
    """Return the height of what is pressed: ``pixels``, or ``touched`` for fingers; scaled with the text."""
    return scaled(touched if is_touched() else pixels)


def is_large() -> bool:
    """Tell whether text is so large that what stands beside each other elsewhere stands below each other."""
    return _worn.look.text_percent > _LARGE_PERCENT


def is_touched() -> bool:
    """Tell whether controls are made for fingers: then there is a keypad, and no key stands on a button."""
    return _worn.look.density is Density.TOUCH


def theme_of_system() -> Theme:
    """Return the theme that this machine's system was asked to show. Needs a running application."""
    hints = QGuiApplication.styleHints()
    is_dark = hints.colorScheme() is Qt.ColorScheme.Dark
    accessibility: QAccessibilityHints = hints.accessibility()
    if accessibility.contrastPreference() is Qt.ContrastPreference.HighContrast:
        return Theme.CONTRAST_DARK if is_dark else Theme.CONTRAST_LIGHT
    return Theme.DARK if is_dark else Theme.LIGHT


def fade_in(widget: QWidget) -> None:
    """Let ``widget``, which was just shown, appear: its opacity alone changes, for ``FADE_MS``."""
    if not current_look().has_motion or not widget.isVisible():
        return
    effect = QGraphicsOpacityEffect(widget)
    widget.setGraphicsEffect(effect)
    fading = QPropertyAnimation(effect, b"opacity", effect)
    fading.setDuration(FADE_MS)
    fading.setStartValue(0.0)
    fading.setEndValue(1.0)

    def be_there() -> None:
        # An effect costs a picture at each repaint: it goes with the fading.
        if isValid(widget) and widget.graphicsEffect() is effect:
            widget.setGraphicsEffect(None)  # type: ignore[arg-type]  # None takes it away

    fading.finished.connect(be_there)
    fading.start()
