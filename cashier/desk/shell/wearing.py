"""Which look the windows wear: what the settings say, until somebody chooses another theme before signing in."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from cashier.desk.kit.look import Density, Look, theme_of_system
from cashier.desk.kit.style import wear
from cashier.language import Message, m
from cashier.palette import Theme
from cashier.settings import Settings

SYSTEM = "system"
THEMES: dict[str, Message] = {
    SYSTEM: m("As the system"),
    Theme.LIGHT: m("Light"),
    Theme.DARK: m("Dark"),
    Theme.CONTRAST_LIGHT: m("High contrast, light"),
    Theme.CONTRAST_DARK: m("High contrast, dark"),
}
"""What can be chosen, by the values of the settings."""


class Wearing(QObject):
    """Dresses one application; where the system decides about the theme, follows it. Belongs to the application."""

    def __init__(self, application: QApplication, settings: Settings) -> None:
        """Make ``application`` look as ``settings`` say."""
        super().__init__(application)
        self.setObjectName("wearing")
        self._application = application
        self._look = settings.look
        self._theme: str = settings.look.theme
        application.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._wear()

    @property
    def theme(self) -> str:
        """What is worn, as the settings would say it."""
        return self._theme

    def choose(self, theme: str) -> None:
        """Wear ``theme``, a key of ``THEMES``, until the program ends."""
        if theme != self._theme:
            self._theme = theme
            self._wear()

    def _follow_system(self) -> None:
        if self._theme == SYSTEM:
            self._wear()

    def _wear(self) -> None:
        look = Look(
            theme=theme_of_system() if self._theme == SYSTEM else Theme(self._theme),
            text_percent=self._look.text_percent,
            density=Density(self._look.density),
            has_motion=self._look.motion and self._application.isEffectEnabled(Qt.UIEffect.UI_General),
        )
        wear(self._application, look)


def wear_what_is_set(application: QApplication, settings: Settings) -> Wearing:
    """Make ``application`` look as the settings say, in the place of what it wore before."""
    earlier = worn_by(application)
    if earlier is not None:
        earlier.setParent(None)
        earlier.deleteLater()
    return Wearing(application, settings)


def worn_by(application: QObject | None) -> Wearing | None:
    """Return what dresses ``application``; None where nothing does."""
    found = application.findChild(Wearing, "wearing") if application is not None else None
    return found if isinstance(found, Wearing) else None
