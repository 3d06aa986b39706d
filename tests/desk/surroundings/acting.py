"""Lets a test follow a script as the tour does: the same steps, waited for by pytest-qt."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from cashier.desk.service_thread import ServiceThread
from cashier.desk.tour.script import Script, Wait
from cashier.errors import CashierError

T = TypeVar("T")


def act(qtbot: QtBot, script: Script) -> None:
    """Run ``script`` to its end; a wait that is not met in time fails the test with its words."""
    for wait in script:
        wait_for(qtbot, wait)


def wait_for(qtbot: QtBot, wait: Wait) -> None:
    """Wait for one thing."""

    def assert_met() -> None:
        assert wait.is_met(), f"waited for {wait.what}"

    qtbot.waitUntil(assert_met, timeout=int(wait.seconds * 1000))


def answer(qtbot: QtBot, thread: ServiceThread, coroutine: Coroutine[Any, Any, T]) -> T:
    """Ask the services and wait for the answer; an error is raised."""
    answers: list[T] = []
    errors: list[CashierError] = []
    owner = QObject()
    thread.ask(owner, coroutine, then=answers.append, failed=errors.append)
    qtbot.waitUntil(lambda: bool(answers or errors), timeout=15_000)
    if errors:
        raise errors[0]
    return answers[0]
