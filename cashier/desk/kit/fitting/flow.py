"""Buttons beside each other in as many rows as they need: none is ever cut or covered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cashier.desk.kit.look import scaled

_GAP_ACROSS, _GAP_DOWN = 8, 4


class Flow(QWidget):
    """What stands at the left, and what stands at the right. Where a row is too narrow, the next ones go below it."""

    def __init__(self, left: Sequence[QWidget], right: Sequence[QWidget] = ()) -> None:
        """Hold these from now on; who is hidden leaves no gap."""
        super().__init__()
        self._left, self._right = tuple(left), tuple(right)
        for each in (*left, *right):
            each.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def put(self, left: Sequence[QWidget], right: Sequence[QWidget] = ()) -> None:
        """Show the same in another order."""
        self._left, self._right = tuple(left), tuple(right)
        self.updateGeometry()
        self._place()

    def hasHeightForWidth(self) -> bool:
        """Tell that a narrower one is higher."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return how high (pixels) all rows are."""
        return max((place.bottom() + 1 for _, place in self._places(width)), default=0)

    def sizeHint(self) -> QSize:
        """Want one row."""
        shown = [_size(each) for each in self._shown(self._left) + self._shown(self._right)]
        width = sum(each.width() for each in shown) + max(0, len(shown) - 1) * scaled(_GAP_ACROSS)
        return QSize(width, self.heightForWidth(max(self.width(), self.minimumSizeHint().width())))

    def minimumSizeHint(self) -> QSize:
        """Need room for the widest of them."""
        shown = [_size(each) for each in self._shown(self._left) + self._shown(self._right)]
        return QSize(
            max((each.width() for each in shown), default=0), max((each.height() for each in shown), default=0)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put everything in its place."""
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        """Follow what was hidden, shown, or says something else."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place()
        return super().event(event)

    def _place(self) -> None:
        for widget, place in self._places(self.width()):
            widget.setGeometry(place)

    def _places(self, width: int) -> Iterator[tuple[QWidget, QRect]]:
        left, right = self._shown(self._left), self._shown(self._right)
        rows = [*((row, False) for row in _rows(left, width)), *((row, True) for row in _rows(right, width))]
        if left and right and _width(left + right) <= width:
            rows = [(left, False), (right, True)]
        top = 0
        for number, (row, is_right) in enumerate(rows):
            height = max(_size(each).height() for each in row)
            at = width - _width(row) if is_right else 0
            for each in row:
                yield each, QRect(QPoint(at, top), QSize(min(_size(each).width(), width), height))
                at += _size(each).width() + scaled(_GAP_ACROSS)
            is_beside = not is_right and number + 1 < len(rows) and _width(left + right) <= width
            top += 0 if is_beside else height + scaled(_GAP_DOWN)

    def _shown(self, held: Sequence[QWidget]) -> list[QWidget]:
        return [each for each in held if not each.isHidden()]


def _rows(held: Sequence[QWidget], width: int) -> list[list[QWidget]]:
    """Fill row after row with what is ``held``."""
    rows: list[list[QWidget]] = []
    for each in held:
        if rows and _width([*rows[-1], each]) <= width:
            rows[-1].append(each)
        else:
            rows.append([each])
    return rows


def _width(row: Sequence[QWidget]) -> int:
    return sum(_size(each).width() for each in row) + max(0, len(row) - 1) * scaled(_GAP_ACROSS)


def _size(widget: QWidget) -> QSize:
    return widget.sizeHint().expandedTo(widget.minimumSize()).boundedTo(widget.maximumSize())
