"""What card readers say and show while the cashier still chooses: whether they are ready, and the amount."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from cashier.desk.context import DeskContext
from cashier.desk.paying.choosing.tender_offers import TenderOffer
from cashier.money import Money

_PAUSE_MILLISECONDS = 500
"""How long the amount must stay as it is before the reader shows it: not every digit that is typed."""


class ReaderWatch(QObject):
    """Asks about readers once for each bill. What it cannot find out changes nothing: beginning tells."""

    told = Signal(int, object)
    """Carries a reader's key and its ``ReaderCondition``."""

    def __init__(self, context: DeskContext, parent: QObject) -> None:
        """Watch the readers of the desk in ``context``."""
        super().__init__(parent)
        self._context = context
        self._wanted: tuple[int, Money] | None = None
        self._shown_by: int | None = None
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MILLISECONDS)
        self._pause.timeout.connect(self._show)

    def ask(self, offers: Sequence[TenderOffer]) -> None:
        """Find out whether each reader that is offered is ready."""
        for reader_id in sorted(
            {each.reader_id for each in offers if each.reader_id is not None and not each.why_not}
        ):
            self._context.thread.ask(
                self,
                self._context.services.readers.readiness(reader_id),
                then=partial(self.told.emit, reader_id),
                failed=lambda _error: None,
            )

    def follow(self, offer: TenderOffer | None, amount: Money | None) -> None:
        """Have the chosen reader show ``amount`` in a moment; another way to pay clears it."""
        wanted = None
        if offer is not None and offer.tender is not None and offer.reader_id is not None and amount:
            # Where the card is typed, a reader must not show a cart before.
            wanted = None if offer.tender.row.is_typed else (offer.reader_id, amount)
        if wanted == self._wanted:
            return
        self.rest()
        self._wanted = wanted
        if wanted is not None:
            self._pause.start()

    def let_go(self) -> None:
        """A payment begins: from now on the reader shows what Stripe has it show."""
        self._pause.stop()
        self._wanted = self._shown_by = None

    def rest(self) -> None:
        """Take back what a reader shows. Safe to repeat."""
        self._pause.stop()
        self._wanted = None
        if self._shown_by is not None:
            self._context.thread.ask(
                self._context.thread,
                self._context.services.readers.clear_amount(self._shown_by),
                failed=lambda _error: None,
            )
            self._shown_by = None

    def _show(self) -> None:
        if self._wanted is None:
            return
        reader_id, amount = self._wanted
        self._shown_by = reader_id
        self._context.thread.ask(
            self, self._context.services.readers.show_amount(reader_id, amount), failed=lambda _error: None
        )
