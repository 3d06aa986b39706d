"""Looking at a shift's report, and handing it out."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from cashier.desk.context import DeskContext
from cashier.desk.documents.document_dialog import DocumentDialog
from cashier.desk.documents.handout import REPORT, Document


class ReportDialog(DocumentDialog):
    """Shows an X or a Z report. A Z report is handed out once, then as copies; an X report is what is shown."""

    def __init__(self, context: DeskContext, shift_id: int, parent: QWidget, *, is_final: bool) -> None:
        """Show the report of the shift ``shift_id`` above ``parent``; ``is_final`` when the shift is closed."""
        shifts = context.services.shifts
        super().__init__(
            context,
            parent,
            kind=REPORT,
            look=lambda language: shifts.report(shift_id, context.actor, language),
            hand_out=(lambda shown: shifts.hand_out(shift_id, context.actor, shown.language))
            if is_final
            else _as_shown,
        )


async def _as_shown(shown: Document) -> Document:
    return shown
