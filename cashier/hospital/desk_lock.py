"""A mark on this machine that a desk is used by a running program: the system takes it away when the program ends."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class DeskLock:
    """A lock on one file, which is never removed: only the lock on it counts."""

    def __init__(self, file: Path) -> None:
        """Use ``file``; nothing is locked yet."""
        self._file = file
        self._handle: int | None = None

    def take(self) -> bool | None:
        """Take the lock; False while another program of this machine has it, None where that cannot be told.

        Safe to repeat.
        """
        if self._handle is not None:
            return True
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o660)
        except OSError:
            return None
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def give_back(self) -> None:
        """Let others have it. Safe to repeat."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)


def _lock(handle: int) -> None:
    """Lock for this program alone, without waiting. Raises ``OSError`` where another one has it."""
    if sys.platform == "win32":
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
