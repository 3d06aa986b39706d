"""Telling the cashier what went wrong and what to do, without stopping anything else."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.kit.controls import PrimaryButton, Text, label
from cashier.desk.kit.icons import Picture
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.scrolled import scrolled_column
from cashier.desk.kit.sheets.sheet import Question, surface_of
from cashier.errors import CashierError, Contradiction, Unreachable
from cashier.language import m
from cashier.palette import Colour

_WIDTH = 480


class ProblemDialog(Question):
    """What happened and what to do, with one button. Deletes itself when it closes."""

    def __init__(self, error: CashierError, parent: QWidget | None) -> None:
        """Show ``error`` above ``parent``."""
        super().__init__(parent)
        self.error = error
        self.setObjectName("problem_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(m("Please read")))
        self.setFixedWidth(scaled(_WIDTH))

        # Not reached may become reached; a contradiction or a refusal will not go away by itself.
        name, colour = ("error", Colour.BAD) if isinstance(error, Contradiction) else ("warning", Colour.CAUTION)
        picture = Picture("plug" if isinstance(error, Unreachable) else name, colour, side=32)
        message = label(error.message, Text.TITLE, name="problem_message", wraps=True)
        advice = label(error.advice, Text.BODY, name="problem_advice", wraps=True)
        if not error.advice:
            advice.hide()
        for each in (message, advice):
            each.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = PrimaryButton(m("OK"), name="problem_ok")
        close.clicked.connect(self.accept)

        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(message)
        words.addWidget(advice)
        words.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        upper.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 20)
        layout.setSpacing(20)
        scrolled_column(layout).addLayout(upper)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName(str(error.message))
        self.setAccessibleDescription(str(error.advice))
        close.setFocus()


def show_problem(owner: QObject | None, error: CashierError) -> None:
    """Open a dialog about ``error`` above the sheet or window of ``owner``; the same message is not opened twice."""
    surface = _surface_of(owner)
    if surface is not None:
        for open_already in surface.window().findChildren(ProblemDialog):
            if open_already.isVisible() and str(open_already.error) == str(error):
                open_already.raise_()
                return
    dialog = ProblemDialog(error, surface)
    dialog.open()
    QAccessible.updateAccessibility(QAccessibleEvent(dialog, QAccessible.Event.Alert))


def _surface_of(owner: QObject | None) -> QWidget | None:
    """Return the sheet or the window that ``owner`` lives in, or the active window."""
    while owner is not None:
        if isinstance(owner, QWidget):
            return surface_of(owner)
        owner = owner.parent()
    return QApplication.activeWindow()
