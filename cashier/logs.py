"""Logs: one line of JSON an event, with secrets and card numbers struck out before anything is written.

Nobody outside can make the log forget: files change by the day and not by their size, and of one event so many lines
are written a minute. What goes beyond is counted, and the count is a line.

Every log record of a process carries the same short reference that is shown to the cashier when
something unexpected happens, so that the hospital's IT finds the place at once.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

from cashier.identifiers import redact
from cashier.language import Message

_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


_DAYS_KEPT = 30
_DAY_BYTES_MAX = 50_000_000
"""Once a day's file is that large, each event has one line a minute, so that the log never fills the disk."""
_WINDOW_SECONDS = 60.0
_LINES_MAX = 120
_KINDS_MAX = 1_000

_Kind = tuple[str, str]
_ALL_OTHERS: _Kind = ("", "")


_request: ContextVar[str] = ContextVar("request", default="")


class _Lines(logging.Formatter):
    """Formats a record as one line of JSON; the event's facts come from ``extra``, its request from the context."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "from": record.name,
        }
        if request := _request.get():
            line["request"] = request
        line.update((key, value) for key, value in record.__dict__.items() if key not in _STANDARD_FIELDS)
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, default=_in_english, ensure_ascii=False))


def _in_english(fact: object) -> str:
    """Whoever helps reads English, whatever the desk speaks."""
    return fact.english if isinstance(fact, Message) else str(fact)


class _DayFile(logging.handlers.TimedRotatingFileHandler):
    """The file of a day, by the machine's clock; at midnight it gets the day's name, and the next begins."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, when="midnight", backupCount=_DAYS_KEPT, encoding="utf-8", delay=True)

    @property
    def is_full(self) -> bool:
        return self.stream is not None and self.stream.tell() >= _DAY_BYTES_MAX


class _Measured(logging.Handler):
    """Hands so many lines of one event a minute on to ``handlers``, then says how many it left out."""

    def __init__(
        self, handlers: Sequence[logging.Handler], file: _DayFile | None, clock: Callable[[], float]
    ) -> None:
        super().__init__()
        self._handlers = handlers
        self._file = file
        self._clock = clock
        self._begun_at = clock()
        self._lines: Counter[_Kind] = Counter()
        self._left_out: Counter[_Kind] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, or count it. An event is its words in the program, whatever its facts are."""
        if self._clock() - self._begun_at >= _WINDOW_SECONDS:
            self._tell_left_out()
        kind = (record.name, str(record.msg))
        if kind not in self._lines and len(self._lines) >= _KINDS_MAX:
            kind = _ALL_OTHERS
        is_full = self._file is not None and self._file.is_full
        if self._lines[kind] >= (1 if is_full else _LINES_MAX):
            self._left_out[kind] += 1
        else:
            self._lines[kind] += 1
            self._write(record)

    def close(self) -> None:
        """Say what was left out, and close what it writes to."""
        self._tell_left_out()
        for handler in self._handlers:
            handler.close()
        super().close()

    def _tell_left_out(self) -> None:
        for (name, event), lines in self._left_out.items():
            told = logging.LogRecord(__name__, logging.WARNING, "", 0, "lines left out", None, None)
            told.__dict__.update(of=event, by=name, lines=lines)
            self._write(told)
        self._begun_at = self._clock()
        self._lines.clear()
        self._left_out.clear()

    def _write(self, record: logging.LogRecord) -> None:
        for handler in self._handlers:
            handler.handle(record)


def start(
    process: str,
    *,
    folder: Path | None = None,
    level: int = logging.INFO,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Send the logs of this ``process`` to standard error, and to a rotating file in ``folder`` if given.

    Repeating it replaces the earlier handlers. Each day has a file of its own, and the last thirty are kept.
    ``clock`` counts the seconds within which an event has so many lines.
    """
    file = None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = _DayFile(folder / f"{process}.log")
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr), *([file] if file is not None else [])]
    for handler in handlers:
        handler.setFormatter(_Lines())
    logging.basicConfig(level=level, handlers=[_Measured(handlers, file, clock)], force=True)
    logging.captureWarnings(True)  # noqa: FBT003 - the standard library's own signature
    for chatty in ("httpx", "httpcore", "stripe", "aiohttp.access", "alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


@contextlib.contextmanager
def of_request(reference: str) -> Iterator[None]:
    """Have every line that is written inside the block carry the ``reference`` of a request."""
    before = _request.set(reference)
    try:
        yield
    finally:
        _request.reset(before)


def new_reference() -> str:
    """Make a short reference that a cashier can read out: six characters that cannot be confused."""
    return "".join(secrets.choice("ACDEFHJKLMNPRTUVWXY34679") for _ in range(6))
