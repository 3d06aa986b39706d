"""Whether every word on the screen has the room that it needs: another language is longer, and nothing may be cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QHeaderView, QLabel, QMainWindow, QToolButton, QWidget

from cashier.desk.kit.sheets.sheet_stack import SheetStack
from cashier.desk.kit.wrapped import WrappedLabel
from cashier.desk.paying.choosing.tender_tile import TenderTile

_TOLERANCE = 1


@dataclass(frozen=True, kw_only=True)
class Cut:
    """Words that need more room than they have, in logical pixels."""

    name: str
    words: str
    needed: int
    given: int


def cut_words(window: QWidget) -> Iterator[Cut]:
    """Find the labels, buttons and headings that are seen in ``window``, and whose words are cut.

    Of what lies below a sheet nothing is found: the sheet covers it.
    """
    window = _uppermost_in(window)
    for label in window.findChildren(QLabel):
        if label.isVisible() and label.text() and label.pixmap().isNull():
            yield from _cut_label(label)
            yield from _cut_at_the_side(label, label.text())
    for button in window.findChildren(QAbstractButton):
        if button.isVisible() and button.text() and not isinstance(button, QToolButton):
            yield from _cut(button.objectName(), button.text(), button.minimumSizeHint().width(), button.width())
            if isinstance(button, TenderTile) and not button.has_room:
                yield Cut(
                    name=button.objectName(), words=button.text(), needed=button.width() + 2, given=button.width()
                )
            yield from _cut_at_the_side(button, button.text())
    for header in window.findChildren(QHeaderView):
        if header.isVisible() and header.orientation() is Qt.Orientation.Horizontal:
            yield from _cut_headings(header)


def _uppermost_in(window: QWidget) -> QWidget:
    top = SheetStack.of(window).top if isinstance(window, QMainWindow) else None
    return window if top is None else top


def _cut_label(label: QLabel) -> Iterator[Cut]:
    name, words = label.objectName(), label.text()
    room = label.contentsRect().width() - 2 * label.margin()
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        yield from _cut(name, words, needed, label.height())
        longest = max((_width(label.fontMetrics(), word) for word in words.split()), default=0)
        if isinstance(label, WrappedLabel):
            longest = label.widest_word()
        yield from _cut(name, words, longest, room)
    else:
        lines = max(_width(label.fontMetrics(), line) for line in words.splitlines() or [""])
        yield from _cut(name, words, lines, room)


def _cut_at_the_side(widget: QWidget, words: str) -> Iterator[Cut]:
    """Find what stands over the edge of what holds it: no list or sheet of the desk scrolls sideways."""
    seen = widget.visibleRegion().boundingRect()
    if not seen.isEmpty():
        yield from _cut(widget.objectName(), words, widget.width(), seen.width())


def _cut_headings(header: QHeaderView) -> Iterator[Cut]:
    model = header.model()
    for section in range(header.count()):
        words = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        if words and not header.isSectionHidden(section):
            needed = _width(header.fontMetrics(), words)
            yield from _cut(f"heading {section}", words, needed, header.sectionSize(section))


def _cut(name: str, words: str, needed: int, given: int) -> Iterator[Cut]:
    if needed > given + _TOLERANCE:
        yield Cut(name=name, words=words, needed=needed, given=given)


def _width(metrics: QFontMetrics, words: str) -> int:
    return metrics.horizontalAdvance(words)
