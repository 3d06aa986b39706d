"""Looking at a receipt, and handing it out."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cashier.desk.context import DeskContext
from cashier.desk.documents.document_dialog import DocumentDialog
from cashier.desk.documents.handout import RECEIPT


class ReceiptDialog(DocumentDialog):
    """Shows a receipt as it is stored; printing or saving it hands it out."""

    def __init__(self, context: DeskContext, receipt_id: int, parent: QWidget | None) -> None:
        """Show the receipt ``receipt_id`` above ``parent``; it is read in the background."""
        receipts = context.services.receipts
        super().__init__(
            context,
            parent,
            kind=RECEIPT,
            look=lambda language: receipts.document(receipt_id, language),
            hand_out=lambda shown: receipts.hand_out(receipt_id, context.actor, shown.language),
        )
