"""What every page of the desk is to the window around it: how it is entered, kept up to date, and left."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from cashier.desk.context import DeskContext


class Page(QWidget):
    """One page. Its words, key and right are those of the command that leads there."""

    left = Signal()
    """Esc, or the button: back to the invoices."""
    invoice_wanted = Signal(int)
    """Carries the key of an invoice to be shown at the till."""
    receipt_wanted = Signal(int)
    """Carries the key of a receipt to look at."""
    refund_wanted = Signal(object)
    """Carries the id of a payment of which money is to go back."""
    counted = Signal(int)
    """How much waits there for somebody; it stands beside the way to the page."""
    troubled = Signal(object)
    """Something went wrong in the background and is shown nowhere; carries a ``CashierError``."""

    def __init__(self, context: DeskContext) -> None:
        """Belong to the desk of ``context``, and show nothing yet."""
        super().__init__()
        self.context = context

    @property
    def is_shown(self) -> bool:
        """Tell whether it is the page on the screen, also behind a dialog or the lock."""
        around = self.parentWidget()
        return around is not None and self.isVisibleTo(around)

    def begin(self) -> None:
        """Somebody has signed in: a page that stays may begin to count or to finish things. It is not shown yet."""

    def enter(self, patient_id: int | None) -> None:
        """It is shown now: fetch what belongs in it, and take the keyboard.

        ``patient_id`` is whose invoice was chosen at the till, where one came from there.
        """
        self.setFocus()

    def refresh(self) -> None:
        """Something changed: count what waits, and read again what is seen; what is chosen stays chosen."""
