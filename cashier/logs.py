"""Logs: one line of JSON an event, with secrets and card numbers struck out before anything is written.

Every log record of a process carries the same short reference that is shown to the cashier when
something unexpected happens, so that the hospital's IT finds the place at once.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from cashier.identifiers import redact
from cashier.language import Message

_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class _Lines(logging.Formatter):
    """Formats a record as one line of JSON; the event's facts come from ``extra``."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "from": record.name,
        }
        line.update((key, value) for key, value in record.__dict__.items() if key not in _STANDARD_FIELDS)
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, default=_in_english, ensure_ascii=False))


def _in_english(fact: object) -> str:
    """Whoever helps reads English, whatever the desk speaks."""
    return fact.english if isinstance(fact, Message) else str(fact)


def start(process: str, *, folder: Path | None = None, level: int = logging.INFO) -> None:
    """Send the logs of this ``process`` to standard error, and to a rotating file in ``folder`` if given.

    Repeating it replaces the earlier handlers. Files are kept to ten of 5 MB each.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                folder / f"{process}.log", maxBytes=5_000_000, backupCount=9, encoding="utf-8", delay=True
            )
        )
    for handler in handlers:
        handler.setFormatter(_Lines())
    logging.basicConfig(level=level, handlers=handlers, force=True)
    logging.captureWarnings(True)  # noqa: FBT003 - the standard library's own signature
    for chatty in ("httpx", "httpcore", "stripe", "aiohttp.access", "alembic", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def new_reference() -> str:
    """Make a short reference that a cashier can read out: six characters that cannot be confused."""
    return "".join(secrets.choice("ACDEFHJKLMNPRTUVWXY34679") for _ in range(6))
