"""Using what a patient has on account for the invoices of a bill."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from cashier.desk.context import DeskContext
from cashier.desk.paying.choosing.bill import Bill
from cashier.desk.paying.payment_faces import Face
from cashier.desk.paying.payment_situation import is_refusal
from cashier.errors import CashierError
from cashier.identifiers import new_id
from cashier.language import NOTHING
from cashier.payments.deposits import DepositOrder
from cashier.payments.views import DueChanged


class AccountUse(QObject):
    """One use of the account. Its ids are made once, so that repeating it after a lost answer uses nothing twice."""

    shows = Signal(object, object)
    """Carries the ``Face`` it has now, and what is special about it (a ``Message``)."""
    due_changed = Signal(object)
    """Nothing was used, because another amount is due than was agreed; carries ``DueChanged``."""
    done = Signal(object)
    """Carries the ``Money`` that was used."""

    def __init__(self, context: DeskContext, parent: QObject, bill: Bill) -> None:
        """Prepare to pay the shares of ``bill``."""
        super().__init__(parent)
        self._context = context
        self._amount = bill.amount
        self._orders = [
            DepositOrder(
                use_id=new_id(), invoice_id=share.invoice_id, amount=share.amount, agreed_due=share.agreed_due
            )
            for share in bill.shares
        ]

    def begin(self) -> None:
        """Do it. Safe to repeat."""
        self.shows.emit(Face.SAVING, NOTHING)
        self._context.thread.ask(
            self,
            self._context.services.deposits.use(self._orders, self._context.actor),
            then=lambda _none: self.done.emit(self._amount),
            failed=self._give_up,
        )

    def _give_up(self, error: CashierError) -> None:
        if isinstance(error, DueChanged):
            self.due_changed.emit(error)
            return
        self.shows.emit(Face.REFUSED if is_refusal(error) else Face.NOT_SAVED, error.words)
