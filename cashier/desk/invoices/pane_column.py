"""The column of the pane: what has to be seen above, details below; without room for both, all of it scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from cashier.desk.kit.controls import separator
from cashier.desk.kit.look import scaled

_DETAILS_HEIGHT_MIN = 72
"""Details of fewer pixels are not worth a scroll bar of their own."""


class PaneColumn(QScrollArea):
    """Two parts below each other. As long as both have room, the upper one stays, and the lower one scrolls."""

    def __init__(self, upper: QWidget) -> None:
        """Put ``upper`` above no details yet."""
        super().__init__(widgetResizable=True)
        self.setObjectName("detail_column")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._upper = upper
        lower = self._lower = _Details()
        # Never while Qt lays out: what is resized in the middle of that is forgotten again.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fit)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(upper)
        column.addWidget(separator())
        column.addWidget(lower, 1)
        self.setWidget(page)
        for each in (upper, page, lower):
            each.installEventFilter(self)

    @property
    def scrolled(self) -> int:
        """How far (pixels) the details are scrolled."""
        return self._lower.verticalScrollBar().value()

    def show_details(self, sheet: QWidget, *, scrolled: int = 0) -> None:
        """Show ``sheet`` below, from ``scrolled`` pixels on; what was there before is gone."""
        self._lower.setWidget(sheet)
        sheet.installEventFilter(self)
        self._fit()
        self._lower.verticalScrollBar().setValue(scrolled)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find out anew what has room."""
        super().resizeEvent(event)
        self._soon.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Find out anew what has room when what stands there needs more or less."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._soon.start()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        width = self.maximumViewportSize().width()
        least = scaled(_DETAILS_HEIGHT_MIN)
        sheet = self._lower.widget()
        if sheet is not None and _height_of(self._upper, width) + least > self.height():
            least = max(least, _height_of(sheet, width - self.verticalScrollBar().sizeHint().width()))
        if self._lower.minimumHeight() != least:
            self._lower.setMinimumHeight(least)


class _Details(QScrollArea):
    """As high as it is told: left to itself, it insists on the room of a whole scroll bar."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.setObjectName("detail_scroll")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.minimumHeight())


def _height_of(widget: QWidget, width: int) -> int:
    """Return how high (pixels) ``widget`` is where it is ``width`` wide."""
    return widget.heightForWidth(width) if widget.hasHeightForWidth() else widget.sizeHint().height()
