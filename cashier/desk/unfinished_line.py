"""The line above the list that tells of payments which this desk has not finished."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal

from cashier.desk.context import DeskContext
from cashier.desk.controls import Notice, PlainButton, Tone
from cashier.payments.views import PaymentView


class UnfinishedLine(Notice):
    """Names the oldest unfinished payment, with a way to its invoice; hidden while there is none."""

    invoice_wanted = Signal(int)
    """Carries the key of its invoice."""
    looking_failed = Signal(object)
    """Carries a ``CashierError``."""

    def __init__(self, context: DeskContext) -> None:
        """Say nothing before ``look``."""
        super().__init__(name="unfinished_notice")
        self._context = context
        self._invoice_id: int | None = None
        show = PlainButton("Show the invoice", "view", name="show_unfinished")
        show.clicked.connect(self._show_invoice)
        self.add_button(show)

    def look(self, *, is_wanted: Callable[[], bool]) -> None:
        """Ask what is unfinished; it is told only if ``is_wanted`` when the answer comes."""
        self._context.thread.ask(
            self,
            self._context.services.payments.unfinished_at(self._context.station.desk_id),
            then=partial(self._tell, is_wanted),
            failed=self.looking_failed.emit,
        )

    def _tell(self, is_wanted: Callable[[], bool], payments: tuple[PaymentView, ...]) -> None:
        if not payments or not is_wanted():
            self.fall_silent()
            return
        oldest = payments[0]
        numbers = ", ".join(share.invoice_number for share in oldest.shares)
        self._invoice_id = oldest.shares[0].invoice_id if oldest.shares else None
        more = f" {len(payments) - 1} more besides." if len(payments) > 1 else ""
        self.say(
            f"A payment of {oldest.amount} for {numbers or 'a deposit'} is not finished at this desk.{more}",
            Tone.CAUTION,
        )

    def _show_invoice(self) -> None:
        if self._invoice_id is not None:
            self.invoice_wanted.emit(self._invoice_id)
