"""How the payment dialog is laid out: whose money above, the buttons below, and between them step and page."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.kit.focus_ring import GAP, RING
from cashier.desk.kit.look import scaled
from cashier.desk.kit.sheets.scrolled import Scrolled
from cashier.language import Message, joined, verbatim

_WIDTH_BESIDE_PAGE = 240
_WIDTH_MAX = 16_777_215
_SPACING = 8


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

    def leave_room(self, pixels: int) -> None:
        """Leave so much above and below whatever is shown."""
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(0, pixels, 0, pixels)

    def show_step(self, shown: QWidget) -> None:
        """Show this step and hide the others."""
        for step in self._steps:
            if step is not shown:
                step.hide()
        shown.show()


class PaymentLayout:
    """Puts the parts into ``dialog``: ``above`` and the place of the buttons stay whatever is shown of ``steps``."""

    def __init__(
        self,
        dialog: QDialog,
        *,
        above: list[QWidget],
        steps: Mapping[QWidget, QWidget],
        page: QWidget,
        number: str,
    ) -> None:
        """Show the first of ``steps``, each with its foot, about the invoice ``number``; ``fit`` makes room."""
        self._dialog = dialog
        self._number = number
        self._feet = steps
        self._steps, self._foot = StepStack(*steps), StepStack(*steps.values())
        middle = QHBoxLayout()
        middle.setSpacing(16)
        # With large text on a small screen a step is higher than the sheet; whose money it is, and the buttons, stay.
        self._scrolled = Scrolled(self._steps)
        middle.addWidget(self._scrolled)
        middle.addWidget(page, 1)
        layout = QVBoxLayout(dialog)
        layout.setContentsMargins(20, 12, 20, 14)
        # What is beside is left within the step, for the ring around its first and its last field.
        layout.setSpacing(_SPACING - RING - GAP)
        self._steps.leave_room(RING + GAP)
        upper = QVBoxLayout()
        upper.setSpacing(_SPACING)
        for part in above:
            upper.addWidget(part)
        layout.addLayout(upper)
        layout.addLayout(middle, 1)
        layout.addWidget(self._foot)

    def show(self, step: QWidget, title: Message) -> None:
        """Show one of the steps, and in the window's title what it is about."""
        self._steps.show_step(step)
        self._foot.show_step(self._feet[step])
        self._dialog.setWindowTitle(str(joined(" · ", [title, verbatim(self._number)])))

    def fit(self, *, has_page: bool) -> None:
        """Leave the most of the sheet to the page while there is one."""
        if has_page:
            self._scrolled.setFixedWidth(scaled(_WIDTH_BESIDE_PAGE))
        else:
            self._scrolled.setMinimumWidth(0)
            self._scrolled.setMaximumWidth(_WIDTH_MAX)
