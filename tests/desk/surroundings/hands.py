"""Keys as scanners press them, and as hands do: tests type without time between keys, which no hand does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from cashier.desk.scanning.recogniser import recogniser

_UNHURRIED_MS = 200


@contextmanager
def keys_of_hands() -> Iterator[None]:
    """Let each key come well after the one before, as far as the recogniser of scans can tell."""
    scanner = recogniser()
    clock, time = scanner.clock, scanner.clock()

    def later() -> int:
        nonlocal time
        time += _UNHURRIED_MS
        return time

    scanner.clock = later
    try:
        yield
    finally:
        scanner.clock = clock


@contextmanager
def keys_as_they_come() -> Iterator[None]:
    """Let each key have come when it did."""
    scanner = recogniser()
    clock, scanner.clock = scanner.clock, lambda: int(monotonic() * 1000)
    try:
        yield
    finally:
        scanner.clock = clock


def scan(widget: QWidget | None, text: str, *, end: Qt.Key = Qt.Key.Key_Return, ends: int = 1) -> None:
    """Do what a scanner does: type at once, and end at once, however busy this machine is."""
    assert widget is not None, "nothing has the keyboard"
    with at_once():
        QTest.keyClicks(widget, text)
        for _ in range(ends):
            QTest.keyClick(widget, end)


@contextmanager
def at_once() -> Iterator[None]:
    """Let all keys have come in one moment."""
    scanner = recogniser()
    clock, began = scanner.clock, scanner.clock()
    scanner.clock = lambda: began
    try:
        yield
    finally:
        scanner.clock = clock
