"""What pages with a list have in common: a heading, the list, and beside it a sheet about what is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cashier.desk.kit.controls import Card, Text, label
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.scrolled import Scrolled
from cashier.language import NOTHING, Message

_HANDLE_WIDTH = 14
_LAST_HEIGHT_MIN = 180
"""Pixels that a list has at least: its headings, some rows, and its foot."""


def heading(
    title: Message, caption: Message = NOTHING, *, chips: Sequence[QWidget] = (), buttons: Sequence[QWidget]
) -> QHBoxLayout:
    """Put the title, the chips that choose what is listed, and at the right the buttons into one line."""
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(label(title, Text.HEADLINE, wraps=not chips))
    if caption:
        words.addWidget(label(caption, Text.CAPTION))
    upper = QHBoxLayout()
    upper.setSpacing(8)
    upper.addLayout(words, 0 if chips else 1)
    if chips:
        upper.addSpacing(20)
    for each in chips:
        upper.addWidget(each)
    upper.addStretch(0 if not chips else 1)
    for each in buttons:
        upper.addWidget(each)
    return upper


def list_or_words(holder: QWidget, table: QTableView, nothing: QLabel) -> QStackedLayout:
    """Let ``holder`` show the table, or the words that say why it is empty; the words come first."""
    stack = QStackedLayout(holder)
    stack.setContentsMargins(1, 1, 1, 1)
    nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
    stack.addWidget(nothing)
    stack.addWidget(table)
    return stack


def sheet_scroll() -> QScrollArea:
    """Make the place of a sheet that may be longer than the window."""
    made = QScrollArea(widgetResizable=True)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return made


def in_card(name: str, *parts: QWidget) -> Card:
    """Put ``parts`` below each other into a card; the first one gets the room."""
    made = Card(name=name)
    column = QVBoxLayout(made)
    column.setContentsMargins(1, 1, 1, 1)
    column.setSpacing(12)
    for place, part in enumerate(parts):
        column.addWidget(part, 0 if place else 1)
    return made


def side_by_side(list_card: QWidget, sheet_card: QWidget, *, widths: tuple[int, int]) -> QSplitter:
    """Put the list and the sheet beside each other; of a wider window the list gets the rest."""
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.setHandleWidth(_HANDLE_WIDTH)
    splitter.setChildrenCollapsible(False)
    splitter.addWidget(list_card)
    splitter.addWidget(sheet_card)
    splitter.setStretchFactor(0, 1)
    splitter.setSizes([scaled(width) for width in widths])
    return splitter


def fill(page: QWidget, *parts: QWidget | QLayout) -> None:
    """Fill ``page`` with ``parts`` from the top; the last one gets the room.

    Where the last one would have next to none, as with large text in a small window, the whole page scrolls.
    """
    inside = QWidget()
    around = QVBoxLayout(page)
    around.setContentsMargins(0, 0, 0, 0)
    around.addWidget(Scrolled(inside))
    layout = QVBoxLayout(inside)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(12)
    if isinstance(parts[-1], QWidget):
        parts[-1].setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        parts[-1].setMinimumHeight(scaled(_LAST_HEIGHT_MIN))
    for part in parts:
        if isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addWidget(part, 1 if part is parts[-1] else 0)
