"""Handing a receipt out: choose where to, count it, then print or save it. Nothing here waits for a printer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QIODevice, QObject, QSaveFile, QStandardPaths, Signal
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.printing import find_printer, print_pdf
from cashier.errors import CashierError, Refused
from cashier.receipts.service import ReceiptPdf


class ReceiptHandout(QObject):
    """Prints and saves one receipt for a window. The first one out is the original, each further one a copy.

    When printing or saving fails, the same document is taken at the next attempt: nothing was handed out.
    """

    handed_out = Signal(str)
    """A sentence that says what came out."""
    not_handed_out = Signal(object)
    """A ``CashierError``."""

    def __init__(self, context: DeskContext, receipt_id: int, number: str, parent: QWidget) -> None:
        """Hand out the receipt ``receipt_id``, which has the full ``number``."""
        super().__init__(parent)
        self._context = context
        self._receipt_id = receipt_id
        self._number = number
        self._window = parent
        self._unused: ReceiptPdf | None = None
        self._is_busy = False

    def print(self) -> None:
        """Print on this desk's printer, or let the cashier choose one where none is set."""
        name = self._context.services.settings.desk.printer
        if not name:
            self._choose_printer()
            return
        try:
            printer = find_printer(name)
        except CashierError as error:
            self.not_handed_out.emit(error)
            return
        self._print_on(printer)

    def save(self) -> None:
        """Let the cashier choose a file, and write the receipt to it as PDF."""
        dialog = QFileDialog(self._window, "Save receipt")
        dialog.setObjectName("save_receipt_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("PDF (*.pdf)")
        dialog.setDefaultSuffix("pdf")
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog.setDirectory(documents if Path(documents).is_dir() else str(Path.home()))
        dialog.selectFile(f"receipt-{self._number}.pdf")
        dialog.fileSelected.connect(self._save_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _choose_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self._window)
        dialog.setObjectName("print_dialog")
        dialog.accepted.connect(lambda: self._print_on(printer))
        dialog.finished.connect(dialog.deleteLater)
        # QPrintDialog's own open() wants the name of a slot.
        QDialog.open(dialog)

    def _print_on(self, printer: QPrinter) -> None:
        def send(receipt: ReceiptPdf) -> str:
            print_pdf(receipt.pdf, printer, title=receipt.file_name)
            return f"{_name_of(receipt)} was sent to the printer."

        self._hand_out(send)

    def _save_to(self, chosen: str) -> None:
        def write(receipt: ReceiptPdf) -> str:
            write_whole(Path(chosen), receipt.pdf)
            return f"{_name_of(receipt)} was saved as {Path(chosen).name}."

        self._hand_out(write)

    def _hand_out(self, deliver: Callable[[ReceiptPdf], str]) -> None:
        if self._is_busy:
            return
        self._is_busy = True

        def take(receipt: ReceiptPdf) -> None:
            self._is_busy = False
            self._unused = receipt
            try:
                said = deliver(receipt)
            except CashierError as error:
                self.not_handed_out.emit(error)
                return
            self._unused = None
            self.handed_out.emit(said)

        def give_up(error: CashierError) -> None:
            self._is_busy = False
            self.not_handed_out.emit(error)

        if self._unused is not None:
            take(self._unused)
            return
        receipts = self._context.services.receipts
        self._context.thread.ask(
            self, receipts.hand_out(self._receipt_id, self._context.actor), then=take, failed=give_up
        )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all. Raises ``Refused`` with the reason."""
    file = QSaveFile(str(path))
    is_written = file.open(QIODevice.OpenModeFlag.WriteOnly) and file.write(content) == len(content) and file.commit()
    if not is_written:
        raise Refused(
            f"{path.name} cannot be saved: {file.errorString()}.",
            advice="Choose another folder, or free some space; an older file of that name is unchanged.",
        )


def _name_of(receipt: ReceiptPdf) -> str:
    return f"Receipt {receipt.number}" + (f", copy {receipt.copy}," if receipt.copy else "")
