"""Looking at a receipt, and handing it out."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.controls import Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.receipt_handout import ReceiptHandout
from cashier.errors import CashierError
from cashier.receipts.service import ReceiptPdf


class ReceiptDialog(QDialog):
    """Shows a receipt as it is stored. Deletes itself when it closes; open it with ``open()``."""

    def __init__(self, context: DeskContext, receipt_id: int, parent: QWidget | None) -> None:
        """Show the receipt ``receipt_id`` above ``parent``; it is read in the background."""
        super().__init__(parent)
        self.setObjectName("receipt_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Receipt")
        self._context = context
        self._receipt_id = receipt_id
        self._handout: ReceiptHandout | None = None
        self._buffer = QBuffer(self)
        self._document = QPdfDocument(self)
        self._paper = QPdfView(self)
        self._heading = label("Receipt", Text.HEADLINE, name="receipt_heading")
        self._notice = Notice(name="receipt_notice")
        self._print = PrimaryButton("Print  Ctrl+P", "print", name="receipt_print")
        self._save = PlainButton("Save as PDF  Ctrl+S", "save", name="receipt_save")
        self._close = PlainButton("Close  Esc", "close", name="receipt_close")
        self._lay_out()
        self._connect()
        context.thread.ask(
            self, context.services.receipts.document(receipt_id), then=self._show, failed=self._tell_problem
        )

    def _lay_out(self) -> None:
        self._paper.setObjectName("receipt_paper")
        self._paper.setAccessibleName("The receipt")
        self._paper.setPageMode(QPdfView.PageMode.MultiPage)
        self._paper.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self._paper.setDocument(self._document)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self._close)
        buttons.addStretch(1)
        buttons.addWidget(self._save)
        buttons.addWidget(self._print)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addWidget(self._heading)
        layout.addWidget(self._notice)
        layout.addWidget(self._paper, 1)
        layout.addLayout(buttons)
        room = self.screen().availableSize()
        self.resize(min(760, room.width() - 40), min(860, room.height() - 60))

    def _connect(self) -> None:
        for button, keys in (
            (self._print, QKeySequence(QKeySequence.StandardKey.Print)),
            (self._save, QKeySequence(QKeySequence.StandardKey.Save)),
        ):
            button.setEnabled(False)
            QShortcut(keys, self).activated.connect(button.click)
        self._close.clicked.connect(self.accept)

    def _show(self, receipt: ReceiptPdf) -> None:
        self.setWindowTitle(f"Receipt {receipt.number}")
        self._heading.setText(f"Receipt {receipt.number}")
        self._buffer.setData(QByteArray(receipt.pdf))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document.load(self._buffer)
        self._handout = ReceiptHandout(self._context, self._receipt_id, receipt.number, self)
        self._handout.handed_out.connect(self._tell_success)
        self._handout.not_handed_out.connect(self._tell_problem)
        self._print.clicked.connect(self._handout.print)
        self._save.clicked.connect(self._handout.save)
        for button in (self._print, self._save):
            button.setEnabled(True)
        self._print.setFocus()

    def _tell_success(self, said: str) -> None:
        self._notice.say(said, Tone.GOOD)

    def _tell_problem(self, error: CashierError) -> None:
        self._notice.say(str(error), Tone.BAD)
