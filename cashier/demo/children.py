"""Child processes that end with the demo, whatever becomes of it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from cashier.errors import Refused
from cashier.language import m, verbatim

_READY_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.02
_STOP_SECONDS = 5.0
_ERRORS_SHOWN = 12
_PR_SET_PDEATHSIG = 1


class Child:
    """One running command of ours. What it says goes into files beside each other, unless ``shown``."""

    def __init__(
        self, name: str, arguments: list[str], environment: Mapping[str, str], folder: Path, *, shown: bool
    ) -> None:
        """Start ``cashier`` with ``name`` and ``arguments`` as the leader of a process group of its own."""
        self.name = name
        self._out, self._errors = folder / f"{name}.out", folder / f"{name}.err"
        with self._out.open("wb") as out, self._errors.open("wb") as errors:
            # Nothing that has to be fast or many: the hook between fork and exec is safe here, there are no threads.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "cashier", name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=None if shown else out,
                stderr=errors,
                env=dict(environment),
                process_group=0,
                preexec_fn=_death_with_parent(),  # noqa: PLW1509
            )

    def wait_until_ready(self) -> str:
        """Wait for the readiness line and return the address in it. Raises ``Refused`` when none comes in time."""
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            first, end, _ = self._out.read_text(encoding="utf-8").partition("\n")
            if end:
                return first.rpartition(" ready on ")[2]
            if self._process.poll() is not None:
                break
            time.sleep(_LOOK_EVERY_SECONDS)
        raise Refused(
            m("The demo's {program} did not start.", program=self.name), advice=verbatim(self.last_errors())
        )

    def wait(self, timeout_seconds: float) -> int | None:
        """Return the exit status when it ends in time, None otherwise."""
        try:
            return self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return None

    def last_errors(self) -> str:
        """Return the end of what it wrote to standard error."""
        lines = self._errors.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-_ERRORS_SHOWN:])

    def stop(self) -> None:
        """Ask it to end, then make sure: it and everything that it started is gone afterwards."""
        if self._process.poll() is None:
            self._process.terminate()
            self.wait(_STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Children:
    """The children of a ``with`` block, ended in reverse order, also on SIGTERM and Ctrl-C."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        """Start children with ``environment``; they write into ``folder``."""
        self._environment = environment
        self._folder = folder
        self._running: list[Child] = []

    def __enter__(self) -> Self:
        """Turn the signals into an orderly end."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, _end_orderly)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """End all children, the last started first."""
        while self._running:
            self._running.pop().stop()

    def start(self, name: str, *arguments: str, shown: bool = False, **variables: str) -> Child:
        """Start ``cashier name arguments``, with ``variables`` added to its environment."""
        child = Child(name, list(arguments), {**self._environment, **variables}, self._folder, shown=shown)
        self._running.append(child)
        return child


def _end_orderly(number: int, _frame: object) -> None:
    """Leave the running block; a second signal must not disturb the tidying up."""
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)


def _death_with_parent() -> Callable[[], None] | None:
    """Return what a child does first on Linux: ask to be ended should the demo be killed without a chance to tidy up.

    https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) and None
