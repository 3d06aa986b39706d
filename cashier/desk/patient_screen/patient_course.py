"""How far a payment has come, for the patient: three steps side by side, each a shape and a word."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from cashier.desk.kit.controls import label
from cashier.desk.kit.icons import icon
from cashier.desk.kit.look import shade
from cashier.language import NOTHING, Message
from cashier.palette import Colour

STEPS = 3


class PatientCourse(QWidget):
    """Done is a disc with a tick, now a ring with a point, and what comes an empty ring."""

    def __init__(self) -> None:
        """Show no steps yet."""
        super().__init__()
        self.setObjectName("patient_course")
        self._line = _Line()
        self._words = [label(NOTHING, name="patient_step", wraps=True) for _ in range(STEPS)]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.addWidget(self._line, 0, 0, 1, STEPS)
        for place, words in enumerate(self._words):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(words, 1, place)
            self._grid.setColumnStretch(place, 1)

    def show_steps(self, steps: Sequence[Message], now: int) -> None:
        """Show ``steps``, of which the one at place ``now`` is what happens now; those before it are done."""
        for words, step in zip(self._words, steps, strict=False):
            words.setText(str(step))
        self._line.show_place(now)
        self.setVisible(bool(steps))

    def fit(self, *, disc: int, gap: int) -> None:
        """Draw the steps ``disc`` pixels large, ``gap`` above their words."""
        self._line.setFixedHeight(disc)
        self._grid.setVerticalSpacing(gap)
        self._grid.setHorizontalSpacing(gap)


class _Line(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._now = 0

    def show_place(self, now: int) -> None:
        self._now = now
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc, wide = float(self.height()), max(2.0, self.height() / 10)
        middles = [QPointF(self.width() * (2 * place + 1) / (2 * STEPS), disc / 2) for place in range(STEPS)]
        for place, (left, right) in enumerate(itertools.pairwise(middles)):
            painter.setPen(QPen(shade(Colour.GOOD if place < self._now else Colour.EDGE), wide))
            painter.drawLine(left + QPointF(disc, 0), right - QPointF(disc, 0))
        for place, middle in enumerate(middles):
            self._draw(painter, place, QRectF(middle.x() - disc / 2, 0, disc, disc), wide)

    def _draw(self, painter: QPainter, place: int, around: QRectF, wide: float) -> None:
        colour = Colour.GOOD if place < self._now else Colour.ACCENT if place == self._now else Colour.EDGE
        half = wide / 2
        painter.setPen(QPen(shade(colour), wide))
        painter.setBrush(shade(Colour.GOOD if place < self._now else Colour.PAPER))
        painter.drawEllipse(around.adjusted(half, half, -half, -half))
        if place < self._now:
            inside = around.height() / 5
            tick = around.adjusted(inside, inside, -inside, -inside).toAlignedRect()
            icon("check", Colour.INK_ON_ACCENT).paint(painter, tick)
        elif place == self._now:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade(colour))
            painter.drawEllipse(around.center(), around.height() / 5, around.height() / 5)
