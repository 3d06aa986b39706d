"""Saving the sheet of evidence for a dispute, and sending evidence to the bank."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from cashier.desk.context import DeskContext
from cashier.desk.documents.handout import write_whole
from cashier.desk.documents.save_dialog import ask_where_to_save
from cashier.desk.history.evidence_dialog import EvidenceDialog
from cashier.disputes.service import EvidenceSheet
from cashier.disputes.views import DisputeView, EvidenceDraft
from cashier.errors import CashierError
from cashier.language import m


class EvidenceHandout(QObject):
    """Asks where to, makes the sheet, and writes it; or shows what would be sent, and sends it."""

    saved = Signal(object)
    """Carries a ``Message`` that says where it is."""
    not_saved = Signal(object)
    """A ``CashierError``."""
    sent = Signal(object)
    """Carries a ``Message`` that says what became of it."""

    def __init__(self, context: DeskContext, window: QWidget) -> None:
        """Hand sheets out above ``window``."""
        super().__init__(window)
        self._context, self._window = context, window

    def save(self, dispute_id: str) -> None:
        """Let somebody choose a file for the sheet of a dispute."""
        ask_where_to_save(
            self._window,
            name="save_evidence_dialog",
            title=m("Save the evidence sheet"),
            file_name=f"evidence-{dispute_id}.pdf",
            then=partial(self._make, dispute_id),
        )

    def ask_to_send(self, dispute_id: str) -> None:
        """Show what would be stated about a dispute, and send it when somebody says so."""
        self._context.thread.ask(
            self,
            self._context.services.disputes.evidence_draft(dispute_id, self._context.actor),
            then=self._show_draft,
            failed=self.not_saved.emit,
        )

    def _show_draft(self, draft: EvidenceDraft) -> None:
        dialog = EvidenceDialog(self._context, draft, self._window.window())
        dialog.sent.connect(self._tell_sent)
        dialog.open()

    def _tell_sent(self, dispute: DisputeView) -> None:
        self.sent.emit(m("The evidence about {amount} is sent. The bank decides now.", amount=dispute.amount))

    def _make(self, dispute_id: str, chosen: Path) -> None:
        self._context.thread.ask(
            self,
            self._context.services.disputes.evidence_sheet(dispute_id, self._context.actor),
            then=partial(self._write, chosen),
            failed=self.not_saved.emit,
        )

    def _write(self, path: Path, sheet: EvidenceSheet) -> None:
        try:
            write_whole(path, sheet.pdf)
        except CashierError as error:
            self.not_saved.emit(error)
            return
        self.saved.emit(m("The evidence sheet was saved as {file}. Upload it in Stripe’s dashboard.", file=path.name))
