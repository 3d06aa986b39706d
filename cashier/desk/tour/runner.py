"""Runs a tour step by step on Qt's own event loop, and ends the program with its outcome."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from cashier.desk.shell.main_window import MainWindow
from cashier.desk.tour.script import Script, ScriptFailed, Wait
from cashier.desk.tour.stage import Stage
from cashier.desk.tour.story import STEPS
from cashier.desk.tour.summary import StepOutcome, write_summary

_LOOK_MILLISECONDS = 15


@dataclass(frozen=True)
class Step:
    """One step: its name, and the script that does it."""

    name: str
    act: Callable[[Stage], Script]


def start(application: QApplication, window: MainWindow, folder: Path) -> None:
    """Begin the tour; it ends ``application`` with 0 when every step held, and with 1 otherwise."""
    # The system's own dialogs are other programs: nobody could type into them.
    application.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9]-*.png"):
        old.unlink()
    steps = [Step(name, act) for name, act in STEPS]
    Runner(Stage(window, folder), steps, application.exit, parent=window).begin()


class Runner(QObject):
    """Goes through the steps; looks every few milliseconds whether what is waited for has come."""

    def __init__(
        self, stage: Stage, steps: Sequence[Step], finish: Callable[[int], object], *, parent: QObject
    ) -> None:
        """Do ``steps`` on ``stage``, then call ``finish`` with the exit status."""
        super().__init__(parent)
        self._stage = stage
        self._steps = list(steps)
        self._finish = finish
        self._outcomes: list[StepOutcome] = []
        self._script: Script | None = None
        self._wait: Wait | None = None
        self._step_began = self._wait_began = 0.0
        self._timer = QTimer(self, interval=_LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Begin with the first step."""
        self._next_step()
        self._timer.start()

    def _look(self) -> None:
        try:
            self._go_on()
        except Exception as failure:
            self._end_step(f"{type(failure).__name__}: {failure}")

    def _go_on(self) -> None:
        """Do what can be done now, up to the next wait that is not met yet."""
        while self._script is not None:
            if self._wait is not None:
                if not self._wait.is_met():
                    if time.monotonic() - self._wait_began > self._wait.seconds:
                        raise ScriptFailed(f"waited {self._wait.seconds:.0f} s for {self._wait.what}")
                    return
                self._wait = None
            try:
                self._wait = next(self._script)
                self._wait_began = time.monotonic()
            except StopIteration:
                self._end_step(None)

    def _next_step(self) -> None:
        self._script = self._steps[len(self._outcomes)].act(self._stage)
        self._wait = None
        self._step_began = time.monotonic()

    def _end_step(self, failure: str | None) -> None:
        step = self._steps[len(self._outcomes)]
        seconds = round(time.monotonic() - self._step_began, 2)
        self._outcomes.append(StepOutcome(name=step.name, outcome=failure or "held", seconds=seconds))
        sys.stdout.write(
            f"{'✗' if failure else '✓'} {step.name}  {seconds:.1f} s{f'  {failure}' if failure else ''}\n"
        )
        sys.stdout.flush()
        self._script = None
        if failure is not None:
            self._stage.take_picture("failed")
        if failure is None and len(self._outcomes) < len(self._steps):
            self._next_step()
        else:
            self._end(is_held=failure is None)

    def _end(self, *, is_held: bool) -> None:
        self._timer.stop()
        write_summary(self._stage.folder, self._outcomes, self._stage.payments, self._stage.cut)
        self._finish(0 if is_held else 1)
