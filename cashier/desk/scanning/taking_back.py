"""How a field was before a scan began, so that what landed there can be taken back to the letter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import shiboken6
from PySide6.QtCore import QDate, QPersistentModelIndex
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QDateEdit, QLineEdit, QPlainTextEdit, QWidget


def way_back(widget: QWidget) -> Callable[[], None]:
    """Return what makes ``widget`` again as it is now. Whoever listens hears of it as of an edit."""
    match widget:
        case QLineEdit():
            return partial(
                _restore_line,
                widget,
                widget.text(),
                widget.cursorPosition(),
                (widget.selectionStart(), len(widget.selectedText())),
            )
        case QPlainTextEdit():
            return partial(_restore_words, widget, widget.toPlainText(), widget.textCursor().position())
        case QComboBox():
            return partial(_restore_choice, widget, widget.currentIndex())
        case QDateEdit():
            return partial(_restore_day, widget, widget.date(), widget.currentSection())
        case QAbstractItemView():
            return partial(_restore_row, widget, QPersistentModelIndex(widget.currentIndex()))
        case _:
            return partial(_restore_nothing, widget)


def _restore_line(field: QLineEdit, text: str, cursor: int, selection: tuple[int, int]) -> None:
    if not shiboken6.isValid(field):
        return
    if field.text() != text:
        field.setText(text)
        field.textEdited.emit(text)
    field.setCursorPosition(cursor)
    start, length = selection
    if start >= 0 and length:
        field.setSelection(start, length)


def _restore_words(field: QPlainTextEdit, text: str, cursor: int) -> None:
    if shiboken6.isValid(field) and field.toPlainText() != text:
        field.setPlainText(text)
        place = field.textCursor()
        place.setPosition(cursor)
        field.setTextCursor(place)


def _restore_choice(box: QComboBox, index: int) -> None:
    if shiboken6.isValid(box) and box.currentIndex() != index:
        box.setCurrentIndex(index)
        box.activated.emit(index)


def _restore_day(field: QDateEdit, day: QDate, section: QDateEdit.Section) -> None:
    if shiboken6.isValid(field):
        # Also where the day is the same: half a year may stand there.
        field.setDate(day)
        field.setCurrentSection(section)


def _restore_row(rows: QAbstractItemView, before: QPersistentModelIndex) -> None:
    """Go back to the row ``before``: letters go to the next row that begins with them."""
    if shiboken6.isValid(rows) and QPersistentModelIndex(rows.currentIndex()) != before:
        if before.isValid():
            rows.setCurrentIndex(before.model().index(before.row(), before.column(), before.parent()))
        else:
            rows.selectionModel().clear()


def _restore_nothing(_widget: QWidget) -> None:
    """Nothing was typed there, as in a button."""
