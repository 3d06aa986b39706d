"""Saving the sheet of evidence for a dispute, to be uploaded in Stripe's dashboard."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from cashier.desk.context import DeskContext
from cashier.desk.documents.handout import write_whole
from cashier.desk.documents.save_dialog import ask_where_to_save
from cashier.disputes.service import EvidenceSheet
from cashier.errors import CashierError
from cashier.language import m


class EvidenceHandout(QObject):
    """Asks where to, makes the sheet, and writes it."""

    saved = Signal(object)
    """Carries a ``Message`` that says where it is."""
    not_saved = Signal(object)
    """A ``CashierError``."""

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
