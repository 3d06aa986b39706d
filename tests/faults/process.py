"""The tests' own entry into a process of ours: arms a fail point from its arguments, then runs the command.

    python -m tests.faults.process --die-at "payment opened" -- companion --settings FILE

Nothing but this entry arms fail points. Processes are forked from one that has imported everything already.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path

from cashier import failpoints
from cashier.__main__ import main as cashier
from cashier.failpoints import FailPoint
from tests.faults.moved_clock import put_off

_READY_SECONDS = 30.0
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["__main__", "tests.faults.process", "tests.faults.desk", "cashier.companion.command", "cashier.sandbox.command"]
)


def die_at(point: FailPoint, *, nth: int = 1) -> None:
    """Have this process end itself by SIGKILL when it reaches ``point`` for the ``nth`` time."""
    left = [nth]

    def look(reached: FailPoint) -> None:
        left[0] -= reached is point
        if reached is point and left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    failpoints.arm(look)


def wait_at(point: FailPoint, line: Connection, *, nth: int = 1) -> None:
    """Have this process stand still at ``point`` for the ``nth`` time, until somebody at ``line`` lets it go on."""
    left = [nth]

    def look(reached: FailPoint) -> None:
        left[0] -= reached is point
        if reached is point and left[0] == 0:
            line.send(point)
            line.recv()

    failpoints.arm(look)


class Child:
    """A process of ours that runs, until it ends or is killed."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        errors: Path,
        environment: Mapping[str, str],
        at: FailPoint | None = None,
        nth: int = 1,
        dies: bool = True,
        clock_off: timedelta = timedelta(),
    ) -> None:
        """Start ``cashier``, or the tests' desk; at a fail point it ``dies``, or else waits for ``go_on``.

        Its machine's clock is ``clock_off`` ahead.
        """
        self.line, far_line = _context.Pipe()
        self._control, far_control = _context.Pipe()
        self._errors = errors
        self._process = _context.Process(
            target=_run,
            args=(tuple(arguments), str(errors), dict(environment), far_line, far_control, at, nth, dies, clock_off),
            daemon=True,
        )
        self._process.start()
        far_line.close()
        far_control.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process.pid is not None
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Return when the process has said that it is ready."""
        deadline = time.monotonic() + _READY_SECONDS
        while " ready on " not in self.errors:
            assert self._process.is_alive(), self.errors
            assert time.monotonic() < deadline, self.errors
            time.sleep(0.01)

    def reached(self, timeout_seconds: float) -> bool:
        """Tell whether the process stands at its fail point within ``timeout_seconds``."""
        if not self._control.poll(timeout_seconds):
            return False
        self._control.recv()
        return True

    def go_on(self) -> None:
        """Let a process that stands at its fail point go on."""
        self._control.send(None)

    def freeze(self) -> None:
        """Let the process stand still, as a paused virtual desktop does."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        os.kill(self.pid, signal.SIGCONT)

    def has_died(self, timeout_seconds: float) -> bool:
        """Tell whether the process is gone within ``timeout_seconds``."""
        self._process.join(timeout_seconds)
        return not self._process.is_alive()

    def kill(self) -> None:
        """End the process by SIGKILL. Safe to repeat."""
        self._process.kill()
        self._process.join()
        self.line.close()
        self._control.close()

    @property
    def last_words(self) -> str:
        """What it died of, as far as it could say."""
        lines = self.errors.strip().splitlines()
        return next((line for line in lines[::-1] if "Error: " in line), lines[-1] if lines else "")

    @property
    def errors(self) -> str:
        """What it wrote so far, to standard output and standard error."""
        return self._errors.read_text(encoding="utf-8", errors="replace") if self._errors.exists() else ""


def prepare() -> None:
    """Start the process that all others are forked from; it ends with this one."""
    process = _context.Process(target=_nothing)
    process.start()
    process.join()


def _nothing() -> None:
    """Do nothing: everything is imported by then."""


def _run(
    arguments: tuple[str, ...],
    errors: str,
    environment: dict[str, str],
    line: Connection,
    control: Connection,
    at: FailPoint | None,
    nth: int,
    dies: bool,
    clock_off: timedelta,
) -> None:
    with Path(errors).open("ab", buffering=0) as sink:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    put_off(clock_off)
    if at is not None and dies:
        die_at(at, nth=nth)
    elif at is not None:
        wait_at(at, control, nth=nth)
    if arguments[0] == "desk":
        # Imported here, so that the modules do not need each other.
        from tests.faults.desk import serve  # noqa: PLC0415

        serve(Path(arguments[1]), line)
    else:
        sys.exit(cashier(arguments))


def main(argv: Sequence[str] | None = None) -> int:
    """Arm what the arguments say, then run one of cashier's commands."""
    parser = argparse.ArgumentParser(prog="tests.faults.process")
    parser.add_argument("--die-at", type=FailPoint, metavar="POINT")
    parser.add_argument("--nth", type=int, default=1)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args(argv)
    if given.die_at is not None:
        die_at(given.die_at, nth=given.nth)
    return cashier(given.command)


if __name__ == "__main__":
    sys.exit(main())
