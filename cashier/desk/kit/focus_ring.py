"""The ring around what has the keyboard: outside its edge, so that it covers and moves nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QWidget,
)
from shiboken6 import isValid

from cashier.desk.kit.look import scaled, shade
from cashier.palette import Colour

RING, GAP = 3, 2
"""Width of the ring, and its distance from the edge, in pixels: WCAG 2.2, 2.4.13, asks for two and 3 to 1."""
_CORNER = 6
_RINGED = (QPushButton, QLineEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox, QRadioButton, QCheckBox)
_MOVING = frozenset(
    {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ParentChange}
)


class FocusRing(QWidget):
    """Stands over one window, lets every click through, and follows what has the keyboard in it."""

    def __init__(self, window: QWidget) -> None:
        """Ring what has the keyboard in ``window`` from now on."""
        super().__init__(window)
        self.setObjectName("focus_ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._around: QWidget | None = None
        self._followed: list[QWidget] = []
        self.hide()

    def follow(self, widget: QWidget | None) -> None:
        """Ring ``widget`` and stay around it wherever it goes; nothing for None."""
        for each in self._followed:
            if isValid(each):
                each.removeEventFilter(self)
        self._followed = []
        self._around = widget
        while widget is not None and widget is not self.window():
            # Where one of those moves in which it lies, it moves without being told.
            widget.installEventFilter(self)
            self._followed.append(widget)
            widget = widget.parentWidget()
        self._place()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Move with what is ringed."""
        if event.type() in _MOVING:
            self._place()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ring, and nothing in it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(shade(Colour.FOCUS), RING))
        half = (RING + 1) // 2
        corner = scaled(_CORNER) + GAP
        painter.drawRoundedRect(self.rect().adjusted(half, half, -half, -half), corner, corner)

    def _place(self) -> None:
        around = self._around
        if around is None or not isValid(around) or not around.isVisible():
            self.hide()
            return
        window = self.window()
        wide = RING + GAP
        place = QRect(around.mapTo(window, QPoint(0, 0)), around.size()).adjusted(-wide, -wide, wide, wide)
        seen = _seen_part(around, window) & place
        if seen.isEmpty():
            self.hide()
            return
        self.setGeometry(place)
        if seen == place:
            self.clearMask()
        else:
            self.setMask(seen.translated(-place.topLeft()))
        self.raise_()
        self.show()


def _seen_part(widget: QWidget, window: QWidget) -> QRect:
    """Return which part of ``window`` is left for ``widget`` by the long sheets that it scrolls in."""
    seen = window.rect()
    within = widget.parentWidget()
    while within is not None and within is not window:
        if isinstance(within, QScrollArea):
            viewport = within.viewport()
            place = QRect(viewport.mapTo(window, QPoint(0, 0)), viewport.size())
            # A field as wide as the sheet is ringed beside it as well.
            seen &= place.adjusted(-RING - GAP, 0, RING + GAP, 0)
        within = within.parentWidget()
    return seen


class FocusRings(QObject):
    """Gives each window of an application its ring when something in it gets the keyboard."""

    def __init__(self, application: QApplication) -> None:
        """Begin with what has the keyboard next in ``application``."""
        super().__init__(application)
        self._shown: FocusRing | None = None
        application.focusChanged.connect(self._go)

    def _go(self, _old: QWidget | None, now: QWidget | None) -> None:
        if now is None:
            # The program lost the keyboard, or one window is followed by the next: the place is kept until then.
            return
        ring = _ring_of(now.window()) if _is_ringed(now) else None
        if self._shown is not None and self._shown is not ring and isValid(self._shown):
            self._shown.follow(None)
        self._shown = ring
        if ring is not None:
            ring.follow(now)


def _is_ringed(widget: QWidget) -> bool:
    """Tell whether ``widget`` gets a ring: lists ring their chosen row, Stripe's page what has the keyboard in it."""
    return isinstance(widget, _RINGED) and not isinstance(widget.parentWidget(), QAbstractItemView)


def _ring_of(window: QWidget) -> FocusRing:
    found = window.findChild(FocusRing, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return found if isinstance(found, FocusRing) else FocusRing(window)
