"""What a page was refused: told once, logged once, counted always, so that asking for ever gets a page nowhere."""

from __future__ import annotations

import logging
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from cashier.language import Message

log = logging.getLogger(__name__)

_TOLD_MAX = 12
"""So many sentences about one page are read by somebody; more would hide what matters."""
_LOGGED_MAX = 40
_ASKED_MAX = 150
"""No page that somebody pays on asks for so much that it does not get."""
_WRITTEN_MAX = 20_000
"""Lines that a page may write to its console, where nobody reads them: each takes time of the desk's."""


class Wish(StrEnum):
    """What pages ask for and do not get."""

    ANSWER = "answer"
    CERTIFICATE = "certificate"
    DOWNLOAD = "download"
    FILE = "file"
    FULL_SCREEN = "screen"
    PAGE = "page"
    PASSKEY = "passkey"
    SIGNING_IN = "sign-in"
    PERMISSION = "permission"
    POPUP = "popup"
    PRINTING = "printing"
    PROXY = "proxy"
    TALK = "talk"


class Refusals(QObject):
    """What is refused to the pages of one payment. The same once more is neither told nor logged."""

    told = Signal(object)
    """A ``Message`` for the person at the desk."""
    flooded = Signal()
    """A page asks for things without end. Emitted once, until it is begun anew."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self._logged: set[tuple[str, ...]] = set()
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what a page asked for, as another takes its place; the log still has each thing once."""
        self._told: set[tuple[str, ...]] = set()
        self._asked = 0
        self._written = 0

    def note(self, wish: Wish, words: Message | None, **facts: str) -> None:
        """Know that a page was refused what it wished for; ``words`` tell it, once for the same ``facts``."""
        key = (wish.value, *facts.values())
        if self._is_new(key):
            log.info("web page refused", extra={"wish": wish.value, **facts})
        if words is not None and key not in self._told and len(self._told) < _TOLD_MAX:
            self._told.add(key)
            self.told.emit(words)
        self.count()

    def count(self) -> None:
        """Know that a page asked for something, which it may get, but not without end."""
        self._asked += 1
        if self._asked == _ASKED_MAX:
            self._tell_flood()

    def note_request(self, **facts: str) -> None:
        """Know that something was not fetched: pages go on without it, and ask again as often as they like."""
        if self._is_new(("", *facts.values())):
            log.info("web request blocked", extra=facts)

    def note_written(self) -> None:
        """Know that a page wrote to its console."""
        self._written += 1
        if self._written == _WRITTEN_MAX:
            self._tell_flood()

    def _tell_flood(self) -> None:
        log.warning("web page closed: it asks without end")
        self.flooded.emit()

    def _is_new(self, key: tuple[str, ...]) -> bool:
        """Tell whether this is to be logged, which it is once; nor is there an end to what a page may think of."""
        is_new = key not in self._logged and len(self._logged) < _LOGGED_MAX
        if is_new:
            self._logged.add(key)
        return is_new
