"""A way to pay as a tile: drawing, name, how it is, its key (not for fingers); in the same place at every desk."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QRadioButton, QSizePolicy

from cashier.desk.commands.commands import Command
from cashier.desk.kit.fitting.smaller import fitting_font
from cashier.desk.kit.icons import icon
from cashier.desk.kit.look import current_look, for_hands, is_touched, scaled, shade
from cashier.language import NOTHING, Message, joined, verbatim
from cashier.palette import Colour

_PAD, _GAP, _ICON = 10, 10, 24
_EDGE, _CHOSEN_EDGE, _CORNER = 2, 3, 8
_HEIGHT, _HEIGHT_TOUCHED = 52, 88
"""The least; ``resources/style.qss`` has it as well."""
_CAPTION, _KEYCAP = 11 / 12, 10 / 12
"""Sizes of text, as parts of that of the tile's name."""
_KEYCAP_PAD, _KEYCAP_CORNER = 5, 4
_LEAST_NAME, _LEAST_BESIDE = 0.75, 0.7
"""Parts of their size that words get down to where they have no room."""


class TenderTile(QRadioButton):
    """One of several that exclude each other; the whole tile is pressed."""

    def __init__(self, digit: int, *, name: str, drawing: str) -> None:
        """Show the icon ``drawing`` and the key of ``digit``; ``show_words`` says the rest."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("tile", True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._drawing = drawing
        self._key = "" if is_touched() else Command.CHOOSE_TENDER.key.format(digit=digit)
        self._called, self._beside, self._is_ready = "", "", True

    def show_words(self, called: Message, beside: Message = NOTHING, *, is_ready: bool = True) -> None:
        """Say what it is called, and below that how it is; what is not ready says it in another colour as well."""
        self._called, self._beside, self._is_ready = str(called), str(beside), is_ready
        said = joined(" · ", [called, beside])
        # What Qt reads of it is never taken for a key.
        self.setText((f"{said}".replace("&", "&&") + f"   {self._key}").rstrip())
        self.setAccessibleName(str(joined(", ", [called, beside, verbatim(self._key)])))
        self.setToolTip(str(said))
        self.updateGeometry()
        self.update()

    def hitButton(self, place: QPoint) -> bool:
        """Be pressed everywhere."""
        return self.rect().contains(place)

    def sizeHint(self) -> QSize:
        """Be as small as may be; where there is more room, all grow alike."""
        return self.minimumSizeHint()

    @property
    def has_room(self) -> bool:
        """Tell whether all that it says is seen."""
        room = self._room()
        keycap = self._keycap(room) if self._key else QRect()
        bold, small = self._fonts(room, keycap)
        words = self._called.split() if is_touched() else [self._called]
        return max(QFontMetrics(bold).horizontalAdvance(each) for each in words) <= room.width() and (
            QFontMetrics(small).horizontalAdvance(self._beside) <= room.width() - _taken_by(keycap)
        )

    def minimumSizeHint(self) -> QSize:
        """Have room for the name, which is never cut; where fingers press, it may stand in two lines."""
        metrics = QFontMetrics(self._font(bold=True))
        words = self._called.split() if is_touched() else [self._called]
        width = max((metrics.horizontalAdvance(each) for each in words), default=0)
        beside = 2 * scaled(_PAD) + scaled(_ICON) + scaled(_GAP)
        return QSize(ceil(width * _smallest()) + beside + 1, tile_height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the tile; what is chosen has a broad edge as well as its ground."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        room, side = self._room(), scaled(_ICON)
        place = QRect(scaled(_PAD), room.center().y() - side // 2 + 1, side, side)
        icon(self._drawing, Colour.ACCENT).paint(painter, place)
        self._paint_words(painter, room)

    def _room(self) -> QRect:
        """Return where words stand."""
        return self.rect().adjusted(2 * scaled(_PAD) + scaled(_ICON), scaled(4), -scaled(_PAD), -scaled(4))

    def _fonts(self, room: QRect, keycap: QRect) -> tuple[QFont, QFont]:
        """Return the fonts of the name and of what stands below it: before words are cut, they get smaller."""
        words = self._called.split() if is_touched() else [self._called]
        bold, small = self._font(bold=True), self._font(part=_CAPTION)
        for each in words:
            bold = fitting_font(bold, each, room.width(), least=_smallest())
        return bold, fitting_font(small, self._beside, room.width() - _taken_by(keycap), least=_LEAST_BESIDE)

    def _paint_ground(self, painter: QPainter) -> None:
        is_chosen = self.isChecked()
        ground = Colour.SELECTED if is_chosen else Colour.ACCENT_SOFT if self.underMouse() else Colour.PAPER
        edge = _CHOSEN_EDGE if is_chosen else _EDGE
        painter.setBrush(shade(ground))
        painter.setPen(QPen(shade(Colour.ACCENT if is_chosen else Colour.EDGE), edge))
        half = (edge + 1) // 2
        painter.drawRoundedRect(self.rect().adjusted(half, half, -half, -half), scaled(_CORNER), scaled(_CORNER))

    def _paint_words(self, painter: QPainter, room: QRect) -> None:
        keycap = self._keycap(room) if self._key else QRect()
        bold, small = self._fonts(room, keycap)
        below = QFontMetrics(small).height()
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        upper = QFontMetrics(bold).boundingRect(room, flags, self._called).height()
        has_second = bool(self._beside) or not keycap.isNull()
        top = room.top() + max(0, (room.height() - upper - (below if has_second else 0)) // 2)
        painter.setFont(bold)
        painter.setPen(shade(Colour.INK))
        painter.drawText(QRect(room.left(), top, room.width(), upper), flags, self._called)
        line = QRect(room.left(), top + upper, room.width() - _taken_by(keycap), below)
        painter.setFont(small)
        painter.setPen(shade(Colour.INK_SOFT if self._is_ready else Colour.CAUTION))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._beside)
        if not keycap.isNull():
            keycap.moveCenter(QPoint(keycap.center().x(), line.center().y()))
            self._paint_keycap(painter, keycap)

    def _keycap(self, room: QRect) -> QRect:
        metrics = QFontMetrics(self._font(bold=True, part=_KEYCAP))
        width = metrics.horizontalAdvance(self._key) + 2 * scaled(_KEYCAP_PAD)
        return QRect(room.right() - width + 1, room.top(), width, metrics.height() + 2)

    def _paint_keycap(self, painter: QPainter, keycap: QRect) -> None:
        painter.setBrush(shade(Colour.PAPER))
        painter.setPen(QPen(shade(Colour.EDGE), 1))
        painter.drawRoundedRect(keycap, scaled(_KEYCAP_CORNER), scaled(_KEYCAP_CORNER))
        painter.setFont(self._font(bold=True, part=_KEYCAP))
        painter.setPen(shade(Colour.INK_SOFT))
        painter.drawText(keycap, Qt.AlignmentFlag.AlignCenter, self._key)

    def _font(self, *, bold: bool = False, part: float = 1.0) -> QFont:
        font = QFont(self.font())
        font.setBold(bold)
        font.setPointSizeF(font.pointSizeF() * part)
        return font


def _taken_by(keycap: QRect) -> int:
    return 0 if keycap.isNull() else keycap.width() + 4


def _smallest() -> float:
    """Return the part of its size that a name may get down to: never below that of text of 100 percent."""
    return max(_LEAST_NAME, 100 / current_look().text_percent)


def tile_height() -> int:
    """Return how high a tile is at least, in pixels."""
    return for_hands(_HEIGHT, touched=_HEIGHT_TOUCHED)
