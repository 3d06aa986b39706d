"""Looking at the slip of a payment that is pending at the bank, and handing it out."""

from __future__ import annotations

import uuid

from PySide6.QtWidgets import QWidget

from cashier.desk.context import DeskContext
from cashier.desk.documents.document_dialog import DocumentDialog
from cashier.desk.documents.handout import SLIP, as_shown


class SlipDialog(DocumentDialog):
    """Shows what is pending, as it is now. It is no receipt, so that nobody counts how often it is handed out."""

    def __init__(self, context: DeskContext, payment_id: uuid.UUID, parent: QWidget | None) -> None:
        """Show the slip of the payment ``payment_id`` above ``parent``; it is read in the background."""
        slips = context.services.pending_slips
        super().__init__(
            context, parent, kind=SLIP, look=lambda language: slips.slip(payment_id, language), hand_out=as_shown
        )
