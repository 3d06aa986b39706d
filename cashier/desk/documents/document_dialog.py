"""Looking at a document, and handing it out."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.documents.handout import Document, Handout, Kind
from cashier.desk.kit.controls import Notice, PlainButton, PrimaryButton, Text, Tone, label
from cashier.desk.kit.language_box import language_box, show_language
from cashier.desk.kit.sheets.sheet import Sheet
from cashier.errors import CashierError
from cashier.language import Message


class DocumentDialog(Sheet):
    """Shows a document as it is stored. Deletes itself when it closes; open it with ``open()``."""

    def __init__(
        self,
        context: DeskContext,
        parent: QWidget | None,
        *,
        kind: Kind,
        look: Callable[[str], Coroutine[Any, Any, Document]],
        hand_out: Callable[[Document], Coroutine[Any, Any, Document]],
    ) -> None:
        """Show what ``look`` reads in the background, above ``parent``, which is of a ``kind``.

        ``look`` is told in which language; at first in none, which is that of the paper itself. Another one may be
        chosen, for what is handed out as well.
        ``hand_out`` gives what is printed or saved for the document that is shown: the original first, then copies.
        """
        super().__init__(parent)
        self.setObjectName(f"{kind.name}_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(str(kind.words))
        self._context, self._kind, self._look, self._hand_out = context, kind, look, hand_out
        self._handout: Handout | None = None
        self._shown: Document | None = None
        self._buffer = QBuffer(self)
        self._document = QPdfDocument(self)
        self._paper = QPdfView(self)
        self._heading = label(kind.words, Text.HEADLINE, name=f"{kind.name}_heading")
        self._language = language_box(f"{kind.name}_language")
        self._notice = Notice(name=f"{kind.name}_notice")
        print_it = Command.DIALOG_GO_ON.on_button(Command.PRINT_DOCUMENT.on_button())
        self._print = PrimaryButton(print_it, "print", name=f"{kind.name}_print")
        self._save = PlainButton(Command.SAVE_DOCUMENT.on_button(), "save", name=f"{kind.name}_save")
        self._close = PlainButton(Command.DIALOG_LEAVE.on_button(), "close", name=f"{kind.name}_close")
        self._lay_out()
        self._connect()
        self._read("")

    def _lay_out(self) -> None:
        self._paper.setObjectName(f"{self._kind.name}_paper")
        self._paper.setAccessibleName(str(self._kind.paper))
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
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self._language)
        layout.addLayout(top)
        layout.addWidget(self._notice)
        layout.addWidget(self._paper, 1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        listen(self, {Command.PRINT_DOCUMENT: self._print.click, Command.SAVE_DOCUMENT: self._save.click})
        self._close.clicked.connect(self.accept)
        self._print.clicked.connect(self._print_it)
        self._save.clicked.connect(self._save_it)
        self._language.activated.connect(lambda _index: self._read(str(self._language.currentData())))

    def _read(self, language: str) -> None:
        for each in (self._print, self._save, self._language):
            each.setEnabled(False)
        self._context.thread.ask(self, self._look(language), then=self._show, failed=self._stay)

    def _stay(self, error: CashierError) -> None:
        """It could not be read: what was shown before can be handed out as before."""
        self._tell_problem(error)
        if self._shown is not None:
            self._show(self._shown)

    def _show(self, document: Document) -> None:
        self.setWindowTitle(str(document.title))
        self._heading.setText(str(document.title))
        self._shown = document
        show_language(self._language, document.language)
        self._document.close()
        self._buffer.close()
        self._buffer.setData(QByteArray(document.pdf))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document.load(self._buffer)
        fetch = partial(self._hand_out, document)
        self._handout = Handout(self._context, fetch, self, kind=self._kind, file_name=document.file_name)
        self._handout.handed_out.connect(self._tell_success)
        self._handout.not_handed_out.connect(self._tell_problem)
        for each in (self._print, self._save, self._language):
            each.setEnabled(True)
        self._print.setFocus()

    def _print_it(self) -> None:
        if self._handout is not None:
            self._handout.print()

    def _save_it(self) -> None:
        if self._handout is not None:
            self._handout.save()

    def _tell_success(self, said: Message) -> None:
        self._notice.say(said, Tone.GOOD)

    def _tell_problem(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)
