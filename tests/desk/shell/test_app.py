"""The desk as a program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from cashier.settings import Settings
from tests.conftest import FileWriter
from tests.surroundings.processes import run

_HEAVY = ("sqlalchemy", "stripe", "reportlab", "aiohttp", "PySide6.QtWebEngineWidgets", "PySide6.QtPdf")


def test_the_first_window_waits_for_nothing_heavy() -> None:
    script = f"import sys, cashier.desk.shell.app; print(*[name for name in {_HEAVY} if name in sys.modules])"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert loaded.split() == []


def test_without_a_screen_the_desk_says_so_and_what_to_do() -> None:
    done = run("desk", environment={"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""})

    assert done.status == 2
    assert done.errors.startswith("cashier desk: There is no screen for the desk's window.\nStart it in a graphical")


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_desk_in_good_order(
    offline_settings: Settings, secrets: dict[str, str], write_settings: FileWriter, which: signal.Signals
) -> None:
    command = [sys.executable, "-m", "cashier", "desk", "--settings", str(write_settings(offline_settings))]
    with subprocess.Popen(command, env=os.environ | secrets, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        opened = next((line for line in process.stderr if "services opened" in line), None)

        process.send_signal(which)
        rest = process.stderr.read()

    assert opened is not None
    assert "services closed" in rest
    assert process.returncode == 0
