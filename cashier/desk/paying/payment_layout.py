"""How the payment dialog is laid out: a column of what is paid and asked, and the patient's page beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.kit.look import scaled
from cashier.language import Message, joined, verbatim

_COLUMN_WIDTH_BESIDE_PAGE = 330
_WIDTH_MAX = 16_777_215


class StepStack(QWidget):
    """The steps of a dialog, one at a time. Unlike a stack of Qt's, it takes room for the one that is shown alone."""

    def __init__(self, *steps: QWidget) -> None:
        """Show the first of ``steps``."""
        super().__init__()
        self._steps = steps
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for step in steps:
            layout.addWidget(step)
        self.show_step(steps[0])

    def show_step(self, shown: QWidget) -> None:
        """Show this step and hide the others."""
        for step in self._steps:
            if step is not shown:
                step.hide()
        shown.show()


class PaymentLayout:
    """Puts the parts into ``dialog``: ``above`` stay whatever is shown of ``steps``."""

    def __init__(
        self, dialog: QDialog, *, above: list[QWidget], steps: list[QWidget], page: QWidget, number: str
    ) -> None:
        """Show the first of ``steps``, about the invoice ``number``; ``fit`` makes room."""
        self._dialog = dialog
        self._number = number
        self._steps = StepStack(*steps)
        self._column = QWidget()
        column = QVBoxLayout(self._column)
        column.setContentsMargins(20, 20, 20, 18)
        column.setSpacing(16)
        for part in above:
            column.addWidget(part)
        column.addWidget(self._steps, 1)
        layout = QHBoxLayout(dialog)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._column)
        layout.addWidget(page, 1)

    def show(self, step: QWidget, title: Message) -> None:
        """Show one of the steps, and in the window's title what it is about."""
        self._steps.show_step(step)
        self._dialog.setWindowTitle(str(joined(" · ", [title, verbatim(self._number)])))

    def fit(self, *, has_page: bool) -> None:
        """Leave the most of the sheet to the page while there is one."""
        if has_page:
            self._column.setFixedWidth(scaled(_COLUMN_WIDTH_BESIDE_PAGE))
        else:
            self._column.setMaximumWidth(_WIDTH_MAX)
            self._column.setMinimumWidth(0)
