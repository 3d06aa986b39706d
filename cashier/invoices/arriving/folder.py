"""A folder that another system writes invoices into: each file is taken once, when it is whole, with a report.

A file goes from the folder into ``taking``, and from there with a report into ``done``, or into ``refused`` where
something of it was refused. Whoever dies on the way leaves it in ``taking``, and it is taken again: that is harmless.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import logging
import os
import stat
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cashier.books.lease import give_back_lease, take_lease
from cashier.clock import now
from cashier.database import Database
from cashier.errors import Refused, why_not
from cashier.invoices.arriving.profile import Profile, load_profile
from cashier.invoices.arriving.report import ImportReport
from cashier.invoices.file_import import form_of, import_file
from cashier.language import Message, m

log = logging.getLogger(__name__)

BYTES_MAX = 2 * 1024**3
_TAKING, _DONE, _REFUSED = "taking", "done", "refused"
_UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp")
_LEASE_SECONDS = 60.0
_PROLONG_SECONDS = 15.0
_NAME_LENGTH_MAX = 180


@dataclass(frozen=True, kw_only=True)
class _Look:
    """How a file stood when it was first seen so."""

    size: int
    changed_ns: int
    since: float


class WatchedFolder:
    """One folder, looked at in rounds. Of several processes on one database, one at a time takes files from it."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        profile: Path | None,
        settles_seconds: float,
        holder: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Watch ``folder``; ``profile`` says how its CSV files are written. A file is whole when it has not changed
        for ``settles_seconds``; ``holder`` names this process.
        """
        self._database = database
        self._folder = folder
        self._profile = profile
        self._settles_seconds = settles_seconds
        self._holder = holder
        self._clock = clock
        self._looks: dict[str, _Look] = {}
        digest = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()
        self._lease = f"folder:{digest[:24]}"

    async def round(self) -> int:
        """Take every file that is whole; return how many there were.

        Nothing is done while another process takes them. Raises ``Refused`` where the folder or the profile cannot be
        used, and ``ImportStopped`` when the database fails: the file is taken again by the next round.
        """
        whole = await asyncio.to_thread(self._whole)
        if not whole:
            return 0
        profile = None if self._profile is None else await asyncio.to_thread(load_profile, self._profile)
        if not await take_lease(self._database, self._lease, self._holder, seconds=_LEASE_SECONDS):
            return 0
        taken = 0
        async with self._leased():
            for name in whole:
                file = await asyncio.to_thread(self._claimed, name)
                if file is not None:
                    await self._take(file, profile)
                    taken += 1
        return taken

    def _whole(self) -> list[str]:
        """Return the names of files that are whole, those first that were begun before, then the oldest."""
        with _usable(self._folder):
            for each in (_TAKING, _DONE, _REFUSED):
                (self._folder / each).mkdir(mode=0o700, exist_ok=True)
            begun = sorted(each.name for each in os.scandir(self._folder / _TAKING) if _is_file(each))
            found = {each.name: each.stat() for each in os.scandir(self._folder) if _is_file(each)}
        present = self._clock()
        looks: dict[str, _Look] = {}
        for name, facts in found.items():
            before = self._looks.get(name)
            is_same = before is not None and (before.size, before.changed_ns) == (facts.st_size, facts.st_mtime_ns)
            looks[name] = (
                before
                if before is not None and is_same
                else _Look(size=facts.st_size, changed_ns=facts.st_mtime_ns, since=present)
            )
        self._looks = looks
        settled = [name for name, look in looks.items() if present - look.since >= self._settles_seconds]
        return begun + sorted(
            (name for name in settled if name not in begun), key=lambda name: looks[name].changed_ns
        )

    def _claimed(self, name: str) -> Path | None:
        """Put a file into ``taking``, and return it there; None for one that is gone, or not whole after all."""
        file = self._folder / _TAKING / name
        if file.exists():
            return file
        look = self._looks.pop(name, None)
        with _usable(self._folder):
            try:
                facts = (self._folder / name).stat(follow_symlinks=False)
                if look is None or (facts.st_size, facts.st_mtime_ns) != (look.size, look.changed_ns):
                    return None
                (self._folder / name).rename(file)
            except FileNotFoundError:
                return None
        return file

    @contextlib.asynccontextmanager
    async def _leased(self) -> AsyncIterator[None]:
        """Keep the lease as long as a file takes."""

        async def prolong() -> None:
            while True:
                await asyncio.sleep(_PROLONG_SECONDS)
                await take_lease(self._database, self._lease, self._holder, seconds=_LEASE_SECONDS)

        prolonging = asyncio.create_task(prolong(), name="folder lease")
        try:
            yield
        finally:
            prolonging.cancel()
            await asyncio.gather(prolonging, return_exceptions=True)
            await give_back_lease(self._database, self._lease, self._holder)

    async def _take(self, file: Path, profile: Profile | None) -> None:
        """Take one file in, and put it away with its report."""
        report: ImportReport | None = None
        try:
            report = await self._imported(file, profile)
            words = report.words
        except Refused as refused:
            words = refused.words
        is_complete = report is not None and report.is_complete
        # Its name may be a patient's.
        log.info(
            "file of invoices taken",
            extra={
                "complete": is_complete,
                "added": report.added if report else 0,
                "updated": report.updated if report else 0,
                "refused": len(report.problems) if report else 0,
            },
        )
        await asyncio.to_thread(self._put_away, file, words, report, is_complete=is_complete)

    async def _imported(self, file: Path, profile: Profile | None) -> ImportReport:
        try:
            stream = await asyncio.to_thread(file.open, "rb")
        except OSError as error:
            raise Refused(m("The file cannot be read: {reason}.", reason=why_not(error))) from None
        with stream:
            if os.fstat(stream.fileno()).st_size > BYTES_MAX:
                raise Refused(m("The file has more than {most} GB.", most=BYTES_MAX // 1024**3))
            form = await asyncio.to_thread(form_of, stream, file.name, profile)
            return await import_file(self._database, stream, form)

    def _put_away(self, file: Path, words: Message, report: ImportReport | None, *, is_complete: bool) -> None:
        """Write report and refused lines beside where the file goes, then move it: it is there last."""
        folder = self._folder / (_DONE if is_complete else _REFUSED)
        with _usable(self._folder):
            name = _free_name(folder, file.name)
            _write(folder / f"{name}.report.txt", f"{words}\n".encode())
            if report is not None and report.problems:
                refused = [problem.text for problem in report.problems]
                heading = [report.heading] if report.heading else []
                ending = Path(file.name).suffix[:10]
                _write(folder / f"{name}.refused{ending}", b"\n".join([*heading, *refused]) + b"\n")
            file.rename(folder / name)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Tell whether it is a file that may be whole: no link to elsewhere, and its name does not say otherwise."""
    if entry.name.startswith((".", "~")) or entry.name.lower().endswith(_UNFINISHED):
        return False
    with contextlib.suppress(FileNotFoundError):
        return stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)
    return False


def _free_name(folder: Path, name: str) -> str:
    """Return a name that nothing has in ``folder``: with the moment before it where there was one like it."""
    short = name.encode()[-_NAME_LENGTH_MAX:].decode(errors="ignore")
    if not (folder / short).exists():
        return short
    stem = f"{now():%Y%m%dT%H%M%S}"
    number = 1
    while (folder / f"{stem}-{number}-{short}").exists():
        number += 1
    return f"{stem}-{number}-{short}"


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    made, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(made, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """Say what the system refuses about the folder, and what to do."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise Refused(
            m("The folder of invoices {folder} cannot be used: {reason}.", folder=folder.name, reason=why_not(error)),
            advice=m("Free some space there.") if full else m("Let the companion's account read and write it."),
        ) from None
