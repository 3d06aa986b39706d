"""Which process writes to an SQLite file just now, as far as the system tells: Linux does, others do not.

The file itself is not opened for this: closing it again would take away the locks that this process has on it.
https://www.sqlite.org/lockingv3.html and https://www.sqlite.org/walformat.html#wal_locks
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LOCKS = Path("/proc/locks")
_NAME_MAX = 60
_WAL_WRITER_BYTE = 120
_FILE_BYTES = range(0x40000000, 0x40000000 + 512)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process that holds the right to write. ``program`` is its name, empty where it is not told."""

    process: int
    program: str

    @property
    def is_this_process(self) -> bool:
        """Tell whether it is this program itself."""
        return self.process == os.getpid()


def holder_of(file: Path) -> Holder | None:
    """Find who holds the right to write to the database ``file``; None where nobody does, or nobody knows."""
    with contextlib.suppress(OSError):
        journal = f"{file}-shm"
        lines = _LOCKS.read_text(encoding="ascii").splitlines()
        for process in _holding(lines, journal, range(_WAL_WRITER_BYTE, _WAL_WRITER_BYTE + 1)):
            return Holder(process=process, program=_name_of(process))
        for process in _holding(lines, str(file), _FILE_BYTES):
            return Holder(process=process, program=_name_of(process))
    return None


def users_of(file: Path) -> list[Holder]:
    """Find who has the database ``file`` open, for reading or writing; empty where nobody has, or nobody knows."""
    with contextlib.suppress(OSError):
        lines = _LOCKS.read_text(encoding="ascii").splitlines()
        found = dict.fromkeys(_holding(lines, str(file), _FILE_BYTES, kinds=("READ", "WRITE")))
        return [Holder(process=process, program=_name_of(process)) for process in found]
    return []


def _holding(lines: list[str], file: str, wanted: range, *, kinds: tuple[str, ...] = ("WRITE",)) -> Iterator[int]:
    """Yield the processes that hold a lock of these ``kinds`` on one of the ``wanted`` bytes of ``file``.

    A line is such as ``7: POSIX  ADVISORY  WRITE 4711 fe:00:2252620 120 120``; “->” begins what only waits for one.
    """
    with contextlib.suppress(FileNotFoundError):
        inode = os.stat(file).st_ino  # noqa: PTH116 - the journal's name is no path of its own
        for line in lines:
            match line.split():
                case [_, "POSIX", _, kind, process, where, begin, end] if kind in kinds and where.endswith(
                    f":{inode}"
                ):
                    last = wanted.stop if end == "EOF" else int(end)
                    if int(begin) < wanted.stop and last >= wanted.start:
                        yield int(process)


def _name_of(process: int) -> str:
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
        name = Path(words[0]).name
        if not name.startswith("python") or words[1:2] in ([], ["-c"]):
            return name
        # What Python runs says more than “python”: ``cashier import``.
        told = [Path(word).name for word in words[1:] if not word.startswith("-")]
        return " ".join(told[:2])[:_NAME_MAX]
    return ""
