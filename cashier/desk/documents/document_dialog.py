"""Looking at a document, and handing it out."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.documents.handout import Document, Handout
from cashier.desk.kit.controls import Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.errors import CashierError


class DocumentDialog(QDialog):
    """Shows a document as it is stored. Deletes itself when it closes; open it with ``open()``."""

    def __init__(
        self,
        context: DeskContext,
        parent: QWidget | None,
        *,
        what: str,
        look: Coroutine[Any, Any, Document],
        hand_out: Callable[[Document], Coroutine[Any, Any, Document]],
    ) -> None:
        """Show what ``look`` reads in the background, above ``parent``; ``what`` it is in a word.

        ``hand_out`` gives what is printed or saved for the document that is shown: the original first, then copies.
        """
        super().__init__(parent)
        self.setObjectName(f"{what}_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(what.capitalize())
        self._context, self._what, self._hand_out = context, what, hand_out
        self._handout: Handout | None = None
        self._buffer = QBuffer(self)
        self._document = QPdfDocument(self)
        self._paper = QPdfView(self)
        self._heading = label(what.capitalize(), Text.HEADLINE, name=f"{what}_heading")
        self._notice = Notice(name=f"{what}_notice")
        self._print = PrimaryButton(Command.PRINT_DOCUMENT.on_button(), "print", name=f"{what}_print")
        self._save = PlainButton(Command.SAVE_DOCUMENT.on_button(), "save", name=f"{what}_save")
        self._close = PlainButton(Command.DIALOG_LEAVE.on_button(), "close", name=f"{what}_close")
        self._lay_out()
        self._connect()
        context.thread.ask(self, look, then=self._show, failed=self._tell_problem)

    def _lay_out(self) -> None:
        self._paper.setObjectName(f"{self._what}_paper")
        self._paper.setAccessibleName(f"The {self._what}")
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
        for button in (self._print, self._save):
            button.setEnabled(False)
        listen(self, {Command.PRINT_DOCUMENT: self._print.click, Command.SAVE_DOCUMENT: self._save.click})
        self._close.clicked.connect(self.accept)

    def _show(self, document: Document) -> None:
        self.setWindowTitle(document.title)
        self._heading.setText(document.title)
        self._buffer.setData(QByteArray(document.pdf))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document.load(self._buffer)
        fetch = partial(self._hand_out, document)
        self._handout = Handout(self._context, fetch, self, what=self._what, file_name=document.file_name)
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
