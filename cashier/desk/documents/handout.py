"""Handing a document out: choose where to, count it, then print or save it. Nothing here waits for a printer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QIODevice, QObject, QSaveFile, Signal
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.documents.printing import find_printer, print_pdf
from cashier.desk.documents.save_dialog import ask_where_to_save
from cashier.desk.documents.thermal_picture import pictures_for
from cashier.errors import CashierError, Refused
from cashier.language import Message, m
from cashier.printing.thermal import Came, NotKnownToBePrintedError, ThermalPrinter, receipt_printer_of


class Document(Protocol):
    """A document as a service hands it out. ``title`` begins a sentence: ``Receipt D1-000042, copy 1,``."""

    @property
    def title(self) -> Message: ...

    @property
    def file_name(self) -> str: ...

    @property
    def pdf(self) -> bytes: ...

    @property
    def language(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of document in words; its ``name`` is what the program calls it."""

    name: str
    words: Message
    paper: Message
    """What a screen reader calls the paper that is shown."""
    saving: Message
    """Above the dialog that asks for a file."""


RECEIPT = Kind(name="receipt", words=m("Receipt"), paper=m("The receipt"), saving=m("Save receipt"))
SLIP = Kind(name="slip", words=m("Slip"), paper=m("The slip"), saving=m("Save slip"))
DECISION = Kind(name="decision", words=m("Decision"), paper=m("The decision"), saving=m("Save decision"))
REPORT = Kind(name="report", words=m("Report"), paper=m("The report"), saving=m("Save report"))


async def as_shown(shown: Document) -> Document:
    """Hand out what is shown: nobody counts its copies."""
    return shown


_CAME: Mapping[Came, Callable[[Message], Message]] = {
    Came.PRINTED: lambda document: m("{document} is printed.", document=document),
    Came.RECEIVED: lambda document: m("{document} was sent to the receipt printer.", document=document),
}


class Handout(QObject):
    """Prints and saves one document for a window. What counts copies gives the next one at each handing out.

    When printing or saving fails, the same document is taken at the next attempt: nothing was handed out.
    """

    handed_out = Signal(object)
    """A ``Message``: a sentence that says what came out."""
    not_handed_out = Signal(object)
    """A ``CashierError``."""

    def __init__(
        self,
        context: DeskContext,
        fetch: Callable[[], Coroutine[Any, Any, Document]],
        parent: QWidget,
        *,
        kind: Kind,
        file_name: str,
    ) -> None:
        """Hand out what ``fetch`` gives, which is of a ``kind``; ``file_name`` is suggested for saving it."""
        super().__init__(parent)
        self._context = context
        self._fetch = fetch
        self._kind, self._file_name = kind, file_name
        self._window = parent
        self._unused: Document | None = None
        self._is_busy = self._is_for_sheets = False

    def print(self) -> None:
        """Print on this desk's printer, or let the cashier choose one where none is set; receipts on their own."""
        printer = receipt_printer_of(self._context.services.settings)
        if printer is not None and self._kind is RECEIPT and not self._is_for_sheets:
            self._print_on_roll(printer)
        else:
            self._print_on_sheets()

    def _print_on_sheets(self) -> None:
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
        """Let the cashier choose a file, and write the document to it as PDF."""
        ask_where_to_save(
            self._window,
            name=f"save_{self._kind.name}_dialog",
            title=self._kind.saving,
            file_name=self._file_name,
            then=self._save_to,
        )

    def _choose_printer(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self._window)
        dialog.setObjectName("print_dialog")
        dialog.accepted.connect(lambda: self._print_on(printer))
        dialog.finished.connect(dialog.deleteLater)
        # QPrintDialog's own open() wants the name of a slot.
        QDialog.open(dialog)

    def _print_on(self, printer: QPrinter) -> None:
        def send(document: Document) -> Message:
            print_pdf(document.pdf, printer, title=document.file_name)
            return m("{document} was sent to the printer.", document=document.title)

        self._hand_out(send)

    def _print_on_roll(self, printer: ThermalPrinter) -> None:
        """Ask the printer first: as long as it cannot print, nothing is counted as handed out."""
        if self._is_busy:
            return
        self._is_busy = True
        self._context.thread.ask(
            self,
            printer.look(),
            then=lambda _status: self._take_document(lambda document: self._send_to_roll(printer, document)),
            failed=self._give_up,
        )

    def _send_to_roll(self, printer: ThermalPrinter, document: Document) -> None:
        pictures = pictures_for(document.pdf, self._context.services.settings.paper.receipts)
        if pictures is None:
            # It was made for a sheet once and stays so: the same one goes there.
            self._is_busy, self._is_for_sheets = False, True
            self._print_on_sheets()
            return

        def printed(came: Came) -> None:
            self._is_busy, self._unused = False, None
            self.handed_out.emit(_CAME[came](document.title))

        def failed(error: CashierError) -> None:
            if isinstance(error, NotKnownToBePrintedError):
                self._unused = None
            self._give_up(error)

        self._context.thread.ask(self, printer.print(pictures), then=printed, failed=failed)

    def _save_to(self, chosen: Path) -> None:
        def write(document: Document) -> Message:
            write_whole(chosen, document.pdf)
            return m("{document} was saved as {file}.", document=document.title, file=chosen.name)

        self._hand_out(write)

    def _hand_out(self, deliver: Callable[[Document], Message]) -> None:
        if self._is_busy:
            return
        self._is_busy = True

        def send(document: Document) -> None:
            self._is_busy = False
            try:
                said = deliver(document)
            except CashierError as error:
                self.not_handed_out.emit(error)
                return
            self._unused = None
            self.handed_out.emit(said)

        self._take_document(send)

    def _take_document(self, send: Callable[[Document], None]) -> None:
        """Send what is handed out next: what could not be sent before, or else the next copy."""

        def take(document: Document) -> None:
            self._unused = document
            send(document)

        if self._unused is not None:
            take(self._unused)
        else:
            self._context.thread.ask(self, self._fetch(), then=take, failed=self._give_up)

    def _give_up(self, error: CashierError) -> None:
        self._is_busy = False
        self.not_handed_out.emit(error)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all. Raises ``Refused`` with the reason."""
    file = QSaveFile(str(path))
    is_written = file.open(QIODevice.OpenModeFlag.WriteOnly) and file.write(content) == len(content) and file.commit()
    if not is_written:
        raise Refused(
            m("{file} cannot be saved: {trouble}.", file=path.name, trouble=file.errorString()),
            advice=m("Choose another folder, or free some space; an older file of that name is unchanged."),
        )
