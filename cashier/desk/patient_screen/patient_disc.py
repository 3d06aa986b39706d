"""The picture of a situation, on a disc in its tone."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from cashier.desk.kit.controls import GROUND_OF, INK_OF, Tone
from cashier.desk.kit.icons import icon
from cashier.desk.kit.look import current_look, shade

_PICTURE_SHARE = 0.55


class PatientDisc(QWidget):
    """Drawn for the pixels that it has, so that it is sharp on every screen."""

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self.setObjectName("patient_disc")
        self._icon, self._tone = "", Tone.ACCENT

    def show_icon(self, name: str, tone: Tone) -> None:
        """Show the icon ``name`` in ``tone``."""
        self._icon, self._tone = name, tone
        self.update()

    def fit(self, side: int) -> None:
        """Be ``side`` pixels wide and high."""
        self.setFixedSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the disc and what is on it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_edged = current_look().theme.is_high_contrast
        painter.setPen(QPen(shade(INK_OF[self._tone]), 2) if is_edged else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(shade(GROUND_OF[self._tone]))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        if self._icon:
            edge = round(self.width() * (1 - _PICTURE_SHARE) / 2)
            icon(self._icon, INK_OF[self._tone]).paint(painter, self.rect().adjusted(edge, edge, -edge, -edge))
