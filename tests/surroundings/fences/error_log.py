"""Watching the log of the tests' own process for errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def logged_errors() -> Iterator[list[logging.LogRecord]]:
    """Collect the errors inside the block: ours, and everybody else's.

    Ours are taken from our own loggers: a program that is started in a test replaces the handlers of the root.
    """
    collector, others = _Collector(), _Collector()
    others.records = collector.records
    others.addFilter(lambda record: not record.name.startswith("cashier"))
    ours, root = logging.getLogger("cashier"), logging.getLogger()
    ours.addHandler(collector)
    root.addHandler(others)
    try:
        yield collector.records
    finally:
        ours.removeHandler(collector)
        root.removeHandler(others)


def told(record: logging.LogRecord) -> str:
    """Say what was logged, by whom, and what was raised."""
    raised = f": {record.exc_info[1]!r}" if record.exc_info and record.exc_info[1] else ""
    return f"{record.name}: {record.getMessage()}{raised}"
