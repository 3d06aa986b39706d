"""What may be higher than a sheet: it scrolls, while the words above it and the buttons below stay where they are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from cashier.desk.kit.look import scaled

_HEIGHT_MIN = 96
"""What is seen of it at least, in pixels: a field with its title."""


class Scrolled(QScrollArea):
    """Wants as much height as what is in it; where a sheet has less, that scrolls. Never sideways."""

    def __init__(self, inside: QWidget) -> None:
        """Hold ``inside``."""
        super().__init__(widgetResizable=True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        self._inside = inside
        inside.installEventFilter(self)

    def hasHeightForWidth(self) -> bool:
        """Tell that wrapped words in it need more or less height with the width."""
        return self._inside.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        """Return the height of all that is in it."""
        return max(self._inside.heightForWidth(width), self._inside.minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Return the size of all that is in it, and of the bar beside it that may be needed."""
        return self._inside.sizeHint() + QSize(self.verticalScrollBar().sizeHint().width(), 0)

    def minimumSizeHint(self) -> QSize:
        """Return the width of what is in it, and the height of some lines."""
        least = self._inside.minimumSizeHint()
        return QSize(least.width(), min(least.height(), scaled(_HEIGHT_MIN)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Want more or less room when what is in it does."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


def scrolled_column(layout: QVBoxLayout) -> QVBoxLayout:
    """Add a column to ``layout`` that scrolls where the sheet has no room for all of it, and return it."""
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(layout.spacing())
    layout.addWidget(Scrolled(inside), 1)
    return column
