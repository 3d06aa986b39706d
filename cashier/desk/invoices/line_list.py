"""The lines of an invoice, painted as far as they are seen: a bill of a thousand lines opens like one of ten."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from cashier.desk.kit.controls import Text, label
from cashier.desk.kit.look import shade
from cashier.desk.kit.words import percent, quantity
from cashier.desk.kit.wrapped import paint_wrapped, wrapped_height
from cashier.invoices.views import LineView
from cashier.language import NOTHING, Message, joined, m, verbatim
from cashier.palette import Colour

_SPACE_BETWEEN_LINES = 8
_SPACE_BEFORE_AMOUNT = 16
_BELOW_WORDS = 1
_WIDTHS_KEPT = 8
_Index = QModelIndex | QPersistentModelIndex


class LineList(QListView):
    """As high as its lines need at its width; it never scrolls by itself, what is around it does."""

    def __init__(self, lines: Sequence[LineView]) -> None:
        """Show ``lines``."""
        super().__init__()
        self.setObjectName("detail_lines")
        self.setAccessibleName(str(m("Services")))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setModel(_Lines(lines, self))
        self._painter = _LinePainter(lines, self)
        self.setItemDelegate(self._painter)

    def hasHeightForWidth(self) -> bool:
        """Tell that narrow lines are higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return how high all lines are together."""
        return self._painter.height_of_all(width)

    def sizeHint(self) -> QSize:
        """Ask for the height at the present width."""
        return QSize(0, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Be as narrow as it has to."""
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the lines out anew where the width changes where their words break."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()


class _Lines(QAbstractListModel):
    """The lines in words, for screen readers."""

    def __init__(self, lines: Sequence[LineView], parent: QObject) -> None:
        super().__init__(parent)
        self._lines = lines

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Count the lines."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Say a line: what, how often and for how much, and what it comes to."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        line = self._lines[index.row()]
        return str(joined(" · ", (verbatim(line.description), _factors(line), verbatim(line.total))))


class _LinePainter(QStyledItemDelegate):
    """Paints a line: its words, below them how it was reckoned, and on the right what it comes to."""

    def __init__(self, lines: Sequence[LineView], parent: QWidget) -> None:
        super().__init__(parent)
        self._lines, self._list = lines, parent
        self._body, self._caption = _font_of(Text.BODY, parent), _font_of(Text.CAPTION, parent)
        self._in_body, self._in_caption = QFontMetrics(self._body), QFontMetrics(self._caption)
        self._widths = [self._in_body.horizontalAdvance(line.description) for line in lines]
        # Digits are equally wide, so that the widest amount is the greatest or the least.
        totals = sorted((line.total for line in lines), key=lambda total: total.amount_minor)
        widest = (self._in_body.horizontalAdvance(str(total)) for total in (totals[:1] + totals[-1:]))
        self._amount_width = max(widest, default=0)
        self._heights: dict[int, list[int]] = {}

    def height_of_all(self, width: int) -> int:
        """Return how high all lines are at this width, with the space between them."""
        return max(0, sum(self._heights_at(width)) - _SPACE_BETWEEN_LINES)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return how high a line is at the width of its list."""
        width = self._list.width()
        return QSize(width, self._heights_at(width)[index.row()])

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Paint the line at ``index``."""
        line, area = self._lines[index.row()], QRect(option.rect)
        words_width = self._words_width(area.width())
        painter.save()
        painter.setFont(self._body)
        painter.setPen(shade(Colour.INK))
        height = self._heights_at(area.width())[index.row()] - self._in_caption.height() - _SPACE_BETWEEN_LINES
        words = QRect(area.left(), area.top(), words_width, height)
        paint_wrapped(painter, words, 0, line.description)
        amount = QRect(area.right() + 1 - self._amount_width, area.top(), self._amount_width, self._in_body.height())
        painter.drawText(amount, Qt.AlignmentFlag.AlignRight, str(line.total))
        painter.setFont(self._caption)
        painter.setPen(shade(Colour.INK_SOFT))
        below = QRect(area.left(), area.top() + height, words_width, self._in_caption.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, str(_factors(line)))
        painter.restore()

    def _heights_at(self, width: int) -> list[int]:
        """Return how high each line is at this width, which Qt asks for again and again."""
        if width not in self._heights:
            available = max(1, self._words_width(width))
            once = self._in_body.height()
            below = _BELOW_WORDS + self._in_caption.height() + _SPACE_BETWEEN_LINES
            if len(self._heights) >= _WIDTHS_KEPT:
                self._heights.clear()
            self._heights[width] = [
                (once if needed <= available else wrapped_height(self._in_body, line.description, available)) + below
                for line, needed in zip(self._lines, self._widths, strict=True)
            ]
        return self._heights[width]

    def _words_width(self, width: int) -> int:
        return width - self._amount_width - _SPACE_BEFORE_AMOUNT


def _font_of(style: Text, parent: QWidget) -> QFont:
    """Return the font of labels in this style: the style sheet has it, and tells it only to labels."""
    sample = label(NOTHING, style)
    sample.setParent(parent)
    sample.ensurePolished()
    font = sample.font()
    sample.deleteLater()
    return font


def _factors(line: LineView) -> Message:
    factors = joined(" × ", [verbatim(quantity(line.quantity_milli)), verbatim(line.unit_price)])
    if not line.tax_basis_points:
        return factors
    return m("{factors} + {rate} tax {amount}", factors=factors, rate=percent(line.tax_basis_points), amount=line.tax)
