"""Whether this machine has a screen. Nothing of Qt is needed to know: Qt itself would end the program."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from cashier.errors import Misconfigured
from cashier.language import m


def has_screen(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether a window can be shown."""
    return sys.platform != "linux" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def require_screen(environment: Mapping[str, str] = os.environ) -> None:
    """Raise ``Misconfigured`` where Qt would find no screen, unless it was told what to use instead."""
    if not has_screen(environment) and not environment.get("QT_QPA_PLATFORM"):
        raise Misconfigured(
            m("There is no screen for the desk's window."),
            advice=m("Start it in a graphical session. Without one, “cashier demo” shows itself in pictures."),
        )
