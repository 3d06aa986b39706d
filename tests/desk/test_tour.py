"""The tour: the whole program as three processes, used through its window."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.service_thread import ServiceThread
from cashier.desk.shell.main_window import MainWindow
from cashier.desk.tour.runner import Runner, Step
from cashier.desk.tour.script import Script, Wait, check
from cashier.desk.tour.stage import Stage
from cashier.settings import Settings
from tests.surroundings.stripe_description import contradictions_to_stripe


@pytest.mark.timeout(180)
def test_the_tour_holds_and_leaves_pictures_receipts_and_a_summary(tmp_path: Path) -> None:
    folder = tmp_path / "tour"
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}

    done = subprocess.run(
        [sys.executable, "-m", "cashier", "demo", "--invoices", "60", "--tour", str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["held"]
    assert summary["seconds"] < 60
    assert summary["cut"] == []
    assert {payment["state"] for payment in summary["payments"]} == {"paid"}
    assert [payment["tender"] for payment in summary["payments"]] == [
        "checkout", "saved_card", "checkout", "checkout", "cash", "reader", "phone", "bank_transfer", "cheque",
        "online",
    ]  # fmt: skip
    # The ninth is the deposit's.
    numbers = [*range(1, 9), 10]
    receipts = [*(f"T-D1-{number:06d}" for number in numbers), "T-WEB-000001"]
    assert [payment["receipt"] for payment in summary["payments"]] == receipts
    assert len(list(folder.glob("[0-9][0-9]-*.png"))) >= len(summary["steps"])
    assert {file.name for file in folder.glob("*.pdf")} == {"original-receipt.pdf", "copy-of-receipt.pdf"}
    assert contradictions_to_stripe(folder / "stripe.jsonl") == ""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["en_XA", "es"])
def test_nothing_is_cut_in_a_longer_language(tmp_path: Path, language: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}

    done = subprocess.run(
        [sys.executable, "-m", "cashier", "demo", "--invoices", "60", "--tour", str(tmp_path)],
        env=environment | {"CASHIER_LANGUAGE": language},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["language"] == language
    assert summary["cut"] == []


def run(qtbot: QtBot, folder: Path, settings: Settings, *steps: Step) -> tuple[int, dict[str, object]]:
    """Run ``steps`` on a window that nobody signed in to; return the exit status and the summary."""
    window = MainWindow(ServiceThread(settings), settings)
    qtbot.addWidget(window)
    window.show()
    statuses: list[int] = []
    Runner(Stage(window, folder), steps, statuses.append, parent=window).begin()
    qtbot.waitUntil(lambda: bool(statuses), timeout=5000)
    return statuses[0], json.loads((folder / "summary.json").read_text(encoding="utf-8"))


def holds(stage: Stage) -> Script:
    looks = iter((False, False))
    yield Wait("the third look", lambda: next(looks, True))
    check("the field is there", stage.find(QWidget, "sign_in_name"))


def waits_in_vain(stage: Stage) -> Script:
    yield Wait("the impossible", lambda: False, seconds=0.1)


def breaks(stage: Stage) -> Script:
    yield Wait("nothing", lambda: True)
    stage.click("no_such_button")


def test_a_tour_of_steps_that_hold_ends_well(qtbot: QtBot, tmp_path: Path, offline_settings: Settings) -> None:
    status, summary = run(qtbot, tmp_path, offline_settings, Step("one", holds), Step("two", holds))

    assert status == 0
    assert summary["held"] is True


@pytest.mark.parametrize(("act", "said"), [(waits_in_vain, "the impossible"), (breaks, "no_such_button")])
def test_a_step_that_does_not_hold_ends_the_tour_and_is_named(
    qtbot: QtBot, tmp_path: Path, offline_settings: Settings, act: object, said: str
) -> None:
    failing = Step("failing", act)  # type: ignore[arg-type]  # pytest's parameters have no types

    status, summary = run(qtbot, tmp_path, offline_settings, failing, Step("never reached", holds))

    assert status == 1
    assert summary["held"] is False
    assert said in json.dumps(summary["steps"])
    assert "never reached" not in json.dumps(summary["steps"])
    assert (tmp_path / "01-failed.png").exists()
