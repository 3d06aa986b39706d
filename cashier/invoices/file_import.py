"""Taking invoices in from a file of JSON lines: ``cashier import FILE``. The format is in docs/IMPORT.md."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec

from cashier.books import journal
from cashier.database import Database
from cashier.errors import Refused
from cashier.invoices.changes import InvoiceRefused
from cashier.invoices.intake import take_in
from cashier.invoices.views import IncomingInvoice
from cashier.language import Message, joined, m

_BATCH = 500
_PROBLEMS_MAX = 100
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_decoder = msgspec.json.Decoder(IncomingInvoice)


@dataclass(frozen=True, kw_only=True)
class LineProblem:
    """Why a line of the file was not taken in; lines count from 1."""

    line: int
    message: Message

    @property
    def words(self) -> Message:
        """It for a person: ``Line 17: …``."""
        return m("Line {number}: {problem}", number=self.line, problem=self.message)


@dataclass(kw_only=True)
class ImportReport:
    """What became of a file: every line that is not empty is counted in exactly one of these."""

    added: int = 0
    updated: int = 0
    problems: list[LineProblem] = field(default_factory=list)
    unread: int = 0

    @property
    def is_complete(self) -> bool:
        """Tell whether all lines were taken in."""
        return not self.problems and not self.unread

    @property
    def words(self) -> Message:
        """It for a person, in lines: the problems first, then the counts and what to do."""
        counts = m(
            "{added} invoices added, {updated} brought up to date, {refused} refused.",
            added=self.added,
            updated=self.updated,
            refused=len(self.problems),
        )
        lines = [*(problem.words for problem in self.problems), counts]
        if self.unread:
            lines.append(
                m("Stopped there: {count} further lines were not read. Is this the right file?", count=self.unread)
            )
        if not self.is_complete:
            lines.append(m("Correct these lines and import the file again; what is in already is not doubled."))
        return joined("\n", lines)


@contextlib.contextmanager
def open_source(name: str) -> Iterator[BinaryIO]:
    """Open the file ``name``, or standard input for ``-``. Raises ``Refused`` when it cannot be read."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 - closed below; only opening it is guarded here
    except OSError as error:
        raise Refused(
            m("{name} cannot be read: {reason}.", name=name, reason=error.strerror),
            advice=m("Check the name and its rights."),
        ) from None
    with stream:
        yield stream


async def import_lines(
    database: Database, lines: Iterable[bytes], *, actor: journal.Actor = journal.PROGRAM
) -> ImportReport:
    """Take in one invoice per line and say what became of each.

    A line that cannot be taken in does not keep the others out. After a hundred such lines the rest is only
    counted. Safe to repeat: an invoice that is known is brought up to date. Raises what the database raises
    when it is lost or full on the way; what was taken in until then stays.
    """
    report = ImportReport()
    batch: list[tuple[int, IncomingInvoice]] = []
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(_BYTE_ORDER_MARK).strip() if number == 1 else line.strip()
        if not text:
            continue
        if len(report.problems) >= _PROBLEMS_MAX:
            report.unread += 1
            continue
        try:
            batch.append((number, _decoder.decode(text)))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            report.problems.append(LineProblem(line=number, message=_explain(error)))
        if len(batch) == _BATCH:
            await _take_in_batch(database, batch, report, actor)
            batch = []
    await _take_in_batch(database, batch, report, actor)
    report.problems.sort(key=lambda problem: problem.line)
    return report


async def _take_in_batch(
    database: Database, batch: Sequence[tuple[int, IncomingInvoice]], report: ImportReport, actor: journal.Actor
) -> None:
    """Take the batch in at once, or one by one when something in it is refused."""
    try:
        added = await take_in(database, [incoming for _, incoming in batch], actor=actor)
        report.added += added
        report.updated += len(batch) - added
    except InvoiceRefused as refused:
        if len(batch) == 1:
            report.problems.append(LineProblem(line=batch[0][0], message=refused.words))
            return
        for entry in batch:
            await _take_in_batch(database, [entry], report, actor)


def _explain(error: msgspec.MsgspecError | UnicodeDecodeError) -> Message:
    if isinstance(error, msgspec.ValidationError):
        return m("{reason}. docs/IMPORT.md describes every field.", reason=str(error))
    return m(
        "This is not a JSON object on one line ({reason}). Write the file in UTF-8, one invoice per line.",
        reason=str(error),
    )
