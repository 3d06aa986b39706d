"""Where a dialog stands and how large it is: in the middle of its window, and never beyond the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog

_EDGE = 32
_TITLE_BAR = 48


class GrowingDialog(QDialog):
    """A dialog that may need more room while it is open: it then moves up, and its buttons stay on the screen."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the lower edge, where the buttons are, on the screen."""
        super().resizeEvent(event)
        if self.isVisible():
            _keep_on_screen(self)


def place(dialog: QDialog, size: QSize) -> None:
    """Give ``dialog`` a ``size`` and put it in the middle of the window it belongs to."""
    room = dialog.screen().availableGeometry()
    dialog.resize(min(size.width(), room.width() - _EDGE), min(size.height(), room.height() - _TITLE_BAR))
    parent = dialog.parentWidget()
    area = dialog.rect()
    area.moveCenter((parent.window().frameGeometry() if parent is not None else room).center())
    dialog.move(
        max(room.left(), min(area.left(), room.right() - area.width())),
        max(room.top(), min(area.top(), room.bottom() - area.height())),
    )


def grow(dialog: QDialog) -> None:
    """Leave ``dialog`` where the cashier has put it, but make room for what it has to say, within the screen."""
    room = dialog.screen().availableGeometry()
    wanted = min(dialog.sizeHint().height(), room.height() - _TITLE_BAR)
    dialog.resize(dialog.width(), max(dialog.height(), wanted))
    _keep_on_screen(dialog)


def _keep_on_screen(dialog: QDialog) -> None:
    room = dialog.screen().availableGeometry()
    overhang = dialog.frameGeometry().bottom() - room.bottom()
    if overhang > 0:
        dialog.move(dialog.x(), max(room.top(), dialog.y() - overhang))
