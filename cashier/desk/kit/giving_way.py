"""A line that is never cut: where it is too narrow, its parts give way one after the other, in a stated order."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSize, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame

Step = Callable[[bool], object]
"""Makes a part give way where it is told so, and brings it back otherwise."""


class GivingWay(QFrame):
    """A frame with a layout in one line; it takes any width."""

    def __init__(self) -> None:
        """Give way nowhere yet."""
        super().__init__()
        self._steps: tuple[Step, ...] = ()
        self._needed: list[int] = []
        """For each step that was taken, the width (pixels) that was needed without it."""
        # Never while Qt lays out: what is shown or hidden in the middle of that ends the program (PySide 6.11).
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fit)

    def give_way_by(self, *steps: Step) -> None:
        """Take these steps, the first one first, as far as the width asks for it."""
        self._steps = steps
        self._soon.start()

    def minimumSizeHint(self) -> QSize:
        """Hold up no window that gets narrower."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give way, or come back."""
        super().resizeEvent(event)
        self._soon.start()

    def event(self, event: QEvent) -> bool:
        """Give way to other words, too."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._soon.start()
        return done

    def _fit(self) -> None:
        while self._needed and self._needed[-1] <= self.width():
            self._steps[len(self._needed) - 1](False)
            self._needed.pop()
        while len(self._needed) < len(self._steps) and self.width() < (needed := self._wanted_width()):
            self._needed.append(needed)
            self._steps[len(self._needed) - 1](True)

    def _wanted_width(self) -> int:
        layout = self.layout()
        if layout is None:
            return 0
        layout.invalidate()
        return layout.sizeHint().width()
