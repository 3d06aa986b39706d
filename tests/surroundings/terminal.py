"""Our commands at a terminal: prompts are read and answered as a person would."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator

_SECONDS = 20.0


class Screen:
    """A terminal in which one command runs."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self._process = process
        self._descriptor = descriptor
        self._read_until = 0
        self.shown = ""

    def wait_for(self, text: str) -> None:
        """Read until ``text`` stands on the screen, after what was waited for before."""
        deadline = time.monotonic() + _SECONDS
        while (found := self.shown.find(text, self._read_until)) < 0:
            assert time.monotonic() < deadline, f"“{text}” was not shown:\n{self.shown}"
            assert self._read_more(), f"It ended without “{text}”:\n{self.shown}"
        self._read_until = found + len(text)

    def type(self, text: str, *, enter: bool = True) -> None:
        """Type."""
        os.write(self._descriptor, (text + ("\n" if enter else "")).encode())

    def status(self) -> int:
        """Wait for the end; return the exit status."""
        while self._read_more():
            pass
        return self._process.wait(_SECONDS)

    def _read_more(self) -> bool:
        if not select.select([self._descriptor], [], [], 0.2)[0]:
            return self._process.poll() is None
        try:
            more = os.read(self._descriptor, 4096)
        except OSError:  # Linux's way to say that the other side is closed
            return False
        self.shown += more.decode().replace("\r\n", "\n")
        return bool(more)


@contextlib.contextmanager
def terminal(*arguments: str) -> Iterator[Screen]:
    """Run ``cashier`` with ``arguments`` at a terminal inside the block."""
    ours, theirs = os.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "cashier", *arguments],
            preexec_fn=lambda: os.login_tty(theirs),  # noqa: PLW1509 - the tests that use it run no threads
        )
    finally:
        os.close(theirs)
    try:
        yield Screen(process, ours)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(ours)
