"""The receipt of what was paid: printed, saved or looked at; printed by itself where that is set."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from cashier.desk.context import DeskContext
from cashier.desk.documents.receipt_dialog import ReceiptDialog
from cashier.desk.documents.receipt_handout import ReceiptHandout
from cashier.desk.paying.payment_actions import Action
from cashier.payments.views import PaymentView


class ReceiptInHand(QObject):
    """One receipt at a time; nothing is done while there is none."""

    handed_out = Signal(object)
    """A ``Message``: a sentence that says what came out."""
    not_handed_out = Signal(object)
    """A ``CashierError``."""
    waits = Signal(bool)
    """Whether there is a receipt in hand that nobody printed or saved yet."""

    def __init__(self, context: DeskContext, window: QWidget) -> None:
        """Have nothing in hand; dialogs open over ``window``."""
        super().__init__(window)
        self._context, self._window = context, window
        self._receipt_id: int | None = None
        self._handout: ReceiptHandout | None = None

    def take(self, view: PaymentView) -> bool:
        """Take up the receipt of a paid payment, and print it where the desk is set to; False where it has none."""
        if view.receipt_id is None or view.receipt_number is None:
            return False
        if view.receipt_id == self._receipt_id:
            return True
        self._receipt_id = view.receipt_id
        self._handout = ReceiptHandout(self._context, view.receipt_id, view.receipt_number, self._window)
        self._handout.handed_out.connect(self.handed_out)
        self._handout.handed_out.connect(lambda _said: self.waits.emit(False))
        self._handout.not_handed_out.connect(self.not_handed_out)
        self.waits.emit(True)
        desk = self._context.services.settings.desk
        if (desk.printer or desk.receipt_printer) and desk.prints_receipts:
            self._handout.print()
        return True

    def do(self, action: Action) -> None:
        """Print, save or show it."""
        if self._handout is None or self._receipt_id is None:
            return
        match action:
            case Action.PRINT:
                self._handout.print()
            case Action.SAVE:
                self._handout.save()
            case Action.VIEW:
                ReceiptDialog(self._context, self._receipt_id, self._window).open()
