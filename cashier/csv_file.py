"""CSV files (RFC 4180, UTF-8 with a mark at the beginning), for other programs and for spreadsheets.

Written row by row into a draft beside the file, which takes its place as a whole: there is never half an export.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import errno
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TextIO, TypeVar

from cashier.errors import Refused, why_not
from cashier.language import Message, m

RowT = TypeVar("RowT")
Columns = Mapping[str, Callable[[RowT, tzinfo], str]]
"""The headings, and what is written for a row under each; moments as the clocks of a zone show them."""

# What a spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


async def write_csv(
    path: Path,
    batches: AsyncIterator[Sequence[RowT]],
    columns: Columns[RowT],
    *,
    zone: tzinfo,
    replaces: bool,
    seal: Callable[[int], Awaitable[None]],
    nothing: Message,
) -> int:
    """Write the rows to ``path``; return how many there are. ``seal`` is told, and only then the file is there.

    Raises ``Refused`` for an existing file unless it ``replaces`` it, for ``nothing`` to write, and for a folder or
    disk that does not take it; what stood there before is unchanged then.
    """
    file = _begin_draft(path, replaces=replaces)
    try:
        written = await _write(file, path, batches, columns, zone)
        if not written:
            raise Refused(nothing, advice=m("Nothing was exported; change the filters."))
        await seal(written)
        with _refusals(path):
            _put_in_place(Path(file.name), path, replaces=replaces)
    finally:
        _discard(file)
    return written


async def write_text(
    path: Path,
    parts: AsyncIterator[str],
    *,
    encoding: str = "utf-8",
    replaces: bool,
    seal: Callable[[], Awaitable[None]],
) -> None:
    """Write ``parts`` to ``path`` as they are, whole or not at all; ``seal`` is told before the file is there.

    A letter that ``encoding`` does not have becomes a question mark. Raises ``Refused`` as ``write_csv`` does.
    """
    file = _begin_draft(path, replaces=replaces, encoding=encoding)
    try:
        async for part in parts:
            with _refusals(path):
                await asyncio.to_thread(file.write, part)
        with _refusals(path):
            await asyncio.to_thread(_finish, file)
        await seal()
        with _refusals(path):
            _put_in_place(Path(file.name), path, replaces=replaces)
    finally:
        _discard(file)


def safe_text(text: str | None) -> str:
    """Keep a spreadsheet from taking what somebody typed for a formula."""
    return f"'{text}" if text and text.startswith(_FORMULA_BEGINS) else text or ""


def moment(at: datetime | None, zone: tzinfo) -> str:
    """Write a moment with its offset; nothing for None."""
    return "" if at is None else at.astimezone(zone).isoformat(timespec="seconds")


async def _write(
    file: TextIO, path: Path, batches: AsyncIterator[Sequence[RowT]], columns: Columns[RowT], zone: tzinfo
) -> int:
    writer = csv.writer(file)
    written = 0
    writer.writerow(columns)
    async for rows in batches:
        lines = [[write(row, zone) for write in columns.values()] for row in rows]
        with _refusals(path):
            # A disk on the network takes its time: not on the thread that serves everybody.
            await asyncio.to_thread(writer.writerows, lines)
        written += len(rows)
    with _refusals(path):
        await asyncio.to_thread(_finish, file)
    return written


def _finish(file: TextIO) -> None:
    """Bring everything to the disk: what takes the place of another file is complete."""
    file.flush()
    os.fsync(file.fileno())
    file.close()


def _begin_draft(path: Path, *, replaces: bool, encoding: str = "utf-8-sig") -> TextIO:
    with _refusals(path):
        if not replaces and path.exists():
            raise _is_there(path)
        made, name = tempfile.mkstemp(dir=path.parent, prefix=".cashier-export-", suffix=".csv")
        os.close(made)
        return Path(name).open("w", encoding=encoding, errors="replace", newline="")


def _discard(file: TextIO) -> None:
    """Remove the draft, if it has not taken its place."""
    # On a full disk, closing would try once more to write what is left.
    with contextlib.suppress(OSError):
        file.close()
    Path(file.name).unlink(missing_ok=True)


def _put_in_place(draft: Path, path: Path, *, replaces: bool) -> None:
    """Give the draft its name; without ``replaces``, never in the place of a file that appeared meanwhile."""
    if replaces:
        draft.replace(path)
        return
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        raise _is_there(path) from None
    except OSError:
        # Not every file system has second names for files; there, looking right before is the best there is.
        if path.exists():
            raise _is_there(path) from None
        draft.replace(path)


def _is_there(path: Path) -> Refused:
    return Refused(
        m("There is a file {name} already.", name=path.name),
        advice=m("Choose another name, or replace it knowingly."),
    )


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Put what the file system says inside the block into words."""
    try:
        yield
    except OSError as error:
        refusal = _TROUBLES.get(error.errno or 0)
        raise (_not_written(path.name, error) if refusal is None else refusal(path.name)) from error


def _not_written(name: str, error: OSError) -> Refused:
    return Refused(
        m("{name} was not saved: it cannot be written ({reason}).", name=name, reason=why_not(error)),
        advice=m("Choose another folder."),
    )


def _read_only(name: str) -> Refused:
    return Refused(
        m("{name} was not saved: nothing can be written to this folder.", name=name),
        advice=m("Choose a folder of your own, such as Documents."),
    )


def _full(name: str) -> Refused:
    return Refused(
        m("{name} was not saved: the disk is full.", name=name),
        advice=m("Free some space, or choose another disk."),
    )


def _no_folder(name: str) -> Refused:
    return Refused(
        m("{name} was not saved: its folder does not exist.", name=name),
        advice=m("Choose a folder that is there."),
    )


def _too_long(name: str) -> Refused:
    return Refused(m("{name} was not saved: its name is too long.", name=name), advice=m("Choose a shorter name."))


_TROUBLES: Mapping[int, Callable[[str], Refused]] = {
    errno.ENOSPC: _full,
    errno.EDQUOT: _full,
    errno.EROFS: _read_only,
    errno.EACCES: _read_only,
    errno.EPERM: _read_only,
    errno.ENOENT: _no_folder,
    errno.ENOTDIR: _no_folder,
    errno.ENAMETOOLONG: _too_long,
}
