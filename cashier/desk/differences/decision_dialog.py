"""Looking at the paper of a decision about money that went away again, and handing it out."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cashier.desk.context import DeskContext
from cashier.desk.documents.document_dialog import DocumentDialog
from cashier.desk.documents.handout import DECISION, as_shown


class DecisionDialog(DocumentDialog):
    """Shows what was decided. It never changes, so that nobody counts how often it is handed out."""

    def __init__(self, context: DeskContext, difference_id: int, parent: QWidget | None) -> None:
        """Show the paper of the difference with this key above ``parent``; it is read in the background."""
        reversals = context.services.reversals
        super().__init__(
            context,
            parent,
            kind=DECISION,
            look=lambda language: reversals.paper(difference_id, language),
            hand_out=as_shown,
        )
