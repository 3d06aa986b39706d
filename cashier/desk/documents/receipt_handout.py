"""Handing a receipt out: the first one out is the original, each further one a copy."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from cashier.desk.context import DeskContext
from cashier.desk.documents.handout import RECEIPT, Handout


class ReceiptHandout(Handout):
    """Prints and saves one receipt for a window."""

    def __init__(self, context: DeskContext, receipt_id: int, number: str, parent: QWidget) -> None:
        """Hand out the receipt ``receipt_id``, which has the full ``number``."""
        fetch = partial(context.services.receipts.hand_out, receipt_id, context.actor)
        super().__init__(context, fetch, parent, kind=RECEIPT, file_name=f"receipt-{number}.pdf")
