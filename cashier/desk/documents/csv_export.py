"""Exporting what a page has found: where to, meanwhile no second time, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from cashier.desk.documents.save_dialog import ask_where_to_save
from cashier.desk.kit.controls import Notice, PlainButton, Tone
from cashier.desk.page import Page
from cashier.errors import CashierError
from cashier.language import Message

Written = Coroutine[Any, Any, int]


class CsvExport(QObject):
    """One page's export. Its ``button`` can be pressed again once the file is there, or is not to be had."""

    def __init__(
        self,
        page: Page,
        button: PlainButton,
        notice: Notice,
        *,
        title: Message,
        meanwhile: Message,
        saved: Callable[[int, str], Message],
    ) -> None:
        """Say in ``notice`` what happens; ``saved`` words how many rows stand in the file of a name."""
        super().__init__(page)
        self._page, self._button, self._notice = page, button, notice
        self._title, self._meanwhile, self._saved = title, meanwhile, saved

    def ask(self, file_name: str, export: Callable[[Path, bool], Written]) -> None:
        """Ask where to, suggesting ``file_name``; then ``export`` to that path, and whether it replaces a file."""

        def write(path: Path) -> None:
            self._button.setEnabled(False)
            self._notice.say(self._meanwhile, Tone.NEUTRAL)
            # The dialog has asked about a file that is there.
            self._page.context.thread.ask(
                self,
                export(path, path.exists()),
                then=lambda written: self._tell(self._saved(written, path.name), Tone.GOOD),
                failed=self._tell_trouble,
            )

        ask_where_to_save(self._page, name="export_dialog", title=self._title, file_name=file_name, then=write)

    def _tell_trouble(self, error: CashierError) -> None:
        self._tell(error.words, Tone.BAD)

    def _tell(self, words: Message, tone: Tone) -> None:
        self._button.setEnabled(True)
        self._notice.say(words, tone)
