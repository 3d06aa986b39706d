"""Finding processes that a test left behind: children of the tests' process, and whatever they started and let go."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from pathlib import Path

from tests.surroundings.postgres import running_servers

MARK = "STARTED_BY_TESTS"
"""The variable by which a process tells who started it, however it came off its parents."""

_GRACE_SECONDS = 3.0
_strangers: set[int] = set()
"""Processes that carry no mark of ours: each is looked at once, for there may be hundreds and thousands of tests."""
# QtWebEngine keeps its processes until the application ends.
_MAY_STAY = ("QtWebEngineProc",)


def mark_what_is_started() -> None:
    """Have all processes from now on carry the mark of this one. Repeat it nowhere: a second mark hides the first."""
    os.environ[MARK] = secrets.token_hex(8)


def processes() -> dict[int, str]:
    """Return the names of all processes that tests of this process started and that still run."""
    found = {}
    for pid in _children() | _marked():
        # Threads and processes may end while we look.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            name = Path(f"/proc/{pid}/comm").read_text().strip()
            if name not in _MAY_STAY and not _belongs_to_a_server(pid):
                found[pid] = name
    return found


def left_since(before: dict[int, str]) -> dict[int, str]:
    """Return what runs and did not run ``before``; what is just ending gets a moment for it."""
    deadline = time.monotonic() + _GRACE_SECONDS
    while True:
        children = _children()
        left = {pid: name for pid, name in processes().items() if pid not in before}
        # A child is ours to end; only its own children may still be going.
        if not left or time.monotonic() > deadline or children & set(left):
            return left
        time.sleep(0.05)


def _children() -> set[int]:
    found: set[int] = set()
    for tasks in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found.update(int(pid) for pid in tasks.read_text().split())
    return found


def _marked() -> set[int]:
    wanted = f"\0{MARK}={os.environ[MARK]}\0".encode()
    present = {int(each.name) for each in Path("/proc").glob("[0-9]*")} - {os.getpid()}
    _strangers.intersection_update(present)
    found: set[int] = set()
    for pid in present - _strangers:
        # Other people's processes cannot be read, and a process that ended has no environment.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if wanted in b"\0" + Path(f"/proc/{pid}/environ").read_bytes():
                found.add(pid)
                continue
        _strangers.add(pid)
    return found


def _belongs_to_a_server(pid: int) -> bool:
    """Tell whether it is a server that runs until the end of all tests, or a part of one."""
    while pid > 1:
        if pid in running_servers:
            return True
        status = Path(f"/proc/{pid}/status").read_text()
        pid = int(next(line.split()[1] for line in status.splitlines() if line.startswith("PPid:")))
    return False
