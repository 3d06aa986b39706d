"""Which fields take a scan, and how: all others (amounts, counts, PINs, reasons, notes) never do."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtWidgets import QDateEdit, QLineEdit, QPlainTextEdit, QWidget

_PROPERTY = "takes_scan"


class Takes(StrEnum):
    """What a field is asked for, as far as it can be scanned."""

    NAME = "name"
    """Whose badge it is."""
    REFERENCE = "reference"
    """What stands on a cheque, or on the paper of another terminal."""
    CODE = "code"
    """Whatever a scanner reads, such as a new badge."""
    SEARCH = "search"
    """Words to look for."""


def mark(field: QLineEdit, takes: Takes) -> None:
    """Write on ``field`` what it takes."""
    field.setProperty(_PROPERTY, takes.value)


def what_takes(widget: QWidget | None) -> Takes | None:
    """Return what ``widget`` takes of a scan; None: nothing."""
    value = None if widget is None else widget.property(_PROPERTY)
    return None if value is None else Takes(value)


def field_in(window: QWidget, takes: Takes) -> QLineEdit | None:
    """Return the field of ``window`` that is seen, may be filled, and is asked for this."""
    for each in window.findChildren(QLineEdit):
        if what_takes(each) is takes and each.isVisible() and each.isEnabled() and not each.isReadOnly():
            return each
    return None


def is_written_in(page: QWidget) -> bool:
    """Tell whether somebody wrote something in ``page`` that would be lost; words to look for are not missed."""
    return any(
        isinstance(each, QLineEdit | QPlainTextEdit)
        and each.isVisible()
        and not each.isReadOnly()
        and not isinstance(each.parentWidget(), QDateEdit)
        and what_takes(each) is not Takes.SEARCH
        and bool(each.text() if isinstance(each, QLineEdit) else each.toPlainText())
        for each in page.findChildren(QWidget)
    )


def fill(field: QLineEdit, text: str) -> None:
    """Put a scan in the place of what stands in ``field``; nothing is decided. After a name comes the PIN."""
    field.setText(text[: field.maxLength()])
    field.textEdited.emit(field.text())
    field.setFocus()
    if what_takes(field) is Takes.NAME:
        _go_on_from(field)


def _go_on_from(field: QWidget) -> None:
    following = field.nextInFocusChain()
    while following is not None and following is not field:
        if isinstance(following, QLineEdit) and following.isVisibleTo(field.window()) and following.isEnabled():
            following.setFocus()
            return
        following = following.nextInFocusChain()
