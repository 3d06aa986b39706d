"""Where the window is: at its first start it fills the screen, later it is where it was left, at this desk.

What was kept is never trusted: what cannot be read, or would lie beside every screen, fills the screen instead.
"""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import quote

from PySide6.QtCore import QByteArray
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

log = logging.getLogger(__name__)

_BYTES_MAX = 4096
_SEEN_MIN = 120
"""So much of a window has to lie on one of the screens, in pixels: a mouse can take it there."""


def show_where_it_was(window: QWidget, folder: Path, desk: str) -> None:
    """Show ``window`` where the one of ``desk`` was left last on this machine, which keeps it in ``folder``."""
    if _is_put_back(window, _kept_at(folder, desk)):
        window.show()
    else:
        window.showMaximized()


def remember_place(window: QWidget, folder: Path, desk: str) -> None:
    """Keep where ``window`` is. A folder that cannot be written is no reason not to end."""
    file = _file(folder, desk)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(window.saveGeometry().data())
    except OSError as error:
        log.info("place of the window not kept", extra={"reason": error.strerror or type(error).__name__})


def _file(folder: Path, desk: str) -> Path:
    return folder / f"window-{quote(desk, safe='')}.place"


def _kept_at(folder: Path, desk: str) -> bytes:
    try:
        with _file(folder, desk).open("rb") as file:
            return file.read(_BYTES_MAX)
    except OSError:
        return b""


def _is_put_back(window: QWidget, kept: bytes) -> bool:
    before = window.geometry()
    if not kept or not window.restoreGeometry(QByteArray(kept)):
        return False
    place = window.normalGeometry() if window.isMaximized() or window.isFullScreen() else window.geometry()
    parts = [each.availableGeometry() & place for each in QGuiApplication.screens()]
    if any(part.width() >= _SEEN_MIN and part.height() >= _SEEN_MIN for part in parts):
        return True
    window.setGeometry(before)
    return False
