"""Starting our own commands as real processes."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

READY_SECONDS = 20.0
STOP_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Finished:
    """How a command ended."""

    status: int
    output: str
    errors: str


@dataclass(frozen=True, kw_only=True)
class Started:
    """A command that runs and has said where it listens."""

    process: subprocess.Popen[str]
    url: str
    error_file: Path

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the exit status; fails when it takes too long."""
        self.process.send_signal(number)
        return self.process.wait(timeout=STOP_SECONDS)

    @property
    def errors(self) -> str:
        """What it wrote to standard error so far."""
        return self.error_file.read_text(encoding="utf-8")


def run(*arguments: str, environment: Mapping[str, str] | None = None, typed: str = "") -> Finished:
    """Run ``cashier`` with ``arguments`` to its end."""
    done = subprocess.run(
        _command(arguments),
        input=typed,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Finished(status=done.returncode, output=done.stdout, errors=done.stderr)


@contextlib.contextmanager
def started(*arguments: str, environment: Mapping[str, str], folder: Path) -> Iterator[Started]:
    """Run ``cashier`` with ``arguments`` inside the block, from its readiness line on; end it after that."""
    error_file = folder / f"{arguments[0]}.err"
    with error_file.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(
            _command(arguments), env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        line = _first_line(process)
        assert " ready on " in line, error_file.read_text(encoding="utf-8")
        yield Started(process=process, url=line.split(" ready on ")[1].strip(), error_file=error_file)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-W", "error::ResourceWarning", "-m", "cashier", *arguments]


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        deadline = time.monotonic() + READY_SECONDS
        while not selector.select(timeout=0.2):
            assert time.monotonic() < deadline, "no readiness line"
    return process.stdout.readline()
