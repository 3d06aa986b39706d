"""Lets a test follow a script as the tour does: the same steps, waited for by pytest-qt."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from cashier.desk.tour.script import Script, Wait


def act(qtbot: QtBot, script: Script) -> None:
    """Run ``script`` to its end; a wait that is not met in time fails the test with its words."""
    for wait in script:
        wait_for(qtbot, wait)


def wait_for(qtbot: QtBot, wait: Wait) -> None:
    """Wait for one thing."""

    def assert_met() -> None:
        assert wait.is_met(), f"waited for {wait.what}"

    qtbot.waitUntil(assert_met, timeout=int(wait.seconds * 1000))
