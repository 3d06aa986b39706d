"""Taking invoices in from a file, whatever its form: ``cashier import FILE``. The forms are in docs/IMPORT.md.

The file is read twice. First all of it is checked: one that is probably not the right file leaves nothing. Then it is
taken in by hundreds, each in a transaction: what is killed on the way is whole and once after it was repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from cashier.books import journal
from cashier.database import Database
from cashier.errors import CashierError, Party, Refused, why_not
from cashier.invoices.arriving.csv_rows import csv_form
from cashier.invoices.arriving.entries import Entry, FileRefused, Form
from cashier.invoices.arriving.json_lines import JSON_LINES
from cashier.invoices.arriving.outcomes import Outcome, Result, take_in_each
from cashier.invoices.arriving.profile import Profile
from cashier.invoices.arriving.report import ImportReport, ImportStopped, LineProblem
from cashier.invoices.intake import BATCH
from cashier.invoices.views import IncomingInvoice
from cashier.language import m

_PROBLEMS_MAX = 100
_IN_MEMORY_BYTES_MAX = 8 * 1024 * 1024
_AS_CSV = frozenset({".csv", ".tsv", ".txt"})
_AS_JSON = frozenset({".jsonl", ".ndjson", ".json"})

Watch = Callable[[int, int | None], None]
"""Told how many invoices were looked at, and, once all were checked, of how many."""


def unwatched(_done: int, _total: int | None) -> None:
    """Nobody watches."""


@contextlib.contextmanager
def open_source(name: str) -> Iterator[BinaryIO]:
    """Open the file ``name``, or standard input for ``-``; it can be read twice. Raises ``Refused`` if it cannot."""
    if name == "-":
        # Programs that are started without one have none at all.
        if sys.stdin is None:
            raise Refused(m("There is no standard input to read."), advice=m("Name the file, or send one by “|”."))
        with _kept(sys.stdin.buffer) as stream:
            yield stream
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 - closed below; only opening it is guarded here
    except OSError as error:
        raise Refused(
            m("{name} cannot be read: {reason}.", name=name, reason=why_not(error)),
            advice=m("Check the name and its rights."),
        ) from None
    with stream:
        if stream.seekable():
            yield stream
            return
        with _kept(stream) as kept:
            yield kept


@contextlib.contextmanager
def _kept(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Keep what comes once, in a file without a name if it is long: nobody else can read it, and nothing is left."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES_MAX) as kept:
        try:
            shutil.copyfileobj(stream, kept)
        except OSError as error:
            raise Refused(m("What was sent cannot be kept: {reason}.", reason=why_not(error))) from None
        kept.seek(0)
        yield cast(BinaryIO, kept)


def form_of(stream: BinaryIO, name: str, profile: Profile | None = None) -> Form:
    """Return how the file ``name`` is read: a profile is for CSV; else by the name's ending, or by how it begins.

    Raises ``FileRefused`` for an empty file, and for CSV whose form is not sure.
    """
    stream.seek(0)
    begin = stream.read(4096)
    stream.seek(0)
    if not begin.strip(b"\xef\xbb\xbf \t\r\n"):
        raise FileRefused(m("The file is empty."), advice=m("Have it written again."))
    ending = Path(name).suffix.lower()
    is_csv = ending in _AS_CSV or (ending not in _AS_JSON and begin.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in b"{[")
    if profile is None and not is_csv:
        return JSON_LINES
    return csv_form(stream, profile or Profile())


async def import_file(
    database: Database,
    stream: BinaryIO,
    form: Form,
    *,
    actor: journal.Actor = journal.PROGRAM,
    is_dry_run: bool = False,
    watch: Watch = unwatched,
) -> ImportReport:
    """Check all invoices of a file, take them in, and say what became of each; a dry run keeps nothing of it.

    One that cannot be taken in does not keep the others out; when about a hundred cannot even be read, nothing is
    taken in. Safe to repeat: what is known is brought up to date, or left as it is. Raises ``ImportStopped`` when the
    database is lost or full on the way; what was taken in until then stays, and is in its words.
    """
    report = ImportReport(is_dry_run=is_dry_run, heading=form.heading)
    course = _Course(database=database, actor=actor, report=report, form=form, seen=set())
    total = await _checked(stream, form, report, watch)
    if report.unread:
        return report
    done = 0
    async for entries in _batches(stream, form):
        await course.take_in(entries)
        done += len(entries)
        watch(done, total)
    report.problems.sort(key=lambda problem: problem.line)
    return report


async def _checked(stream: BinaryIO, form: Form, report: ImportReport, watch: Watch) -> int:
    """Read all of it; return how many invoices there are. Too many that are none are all that ``report`` keeps."""
    total = 0
    problems: list[LineProblem] = []
    async for entries in _batches(stream, form):
        for entry in entries:
            if len(problems) >= _PROBLEMS_MAX:
                report.unread += 1
            elif entry.problem is not None:
                problems.append(_problem_of(entry, form))
        total += len(entries)
        watch(total, None)
    if report.unread:
        report.problems = problems
    return total


async def _batches(stream: BinaryIO, form: Form) -> AsyncIterator[list[Entry]]:
    """Yield the entries by hundreds, read beside everything else that this process does."""
    stream.seek(0)
    entries = form.read(stream)
    while batch := await asyncio.to_thread(lambda: list(itertools.islice(entries, BATCH))):
        yield batch


def _problem_of(entry: Entry, form: Form, outcome: Outcome | None = None) -> LineProblem:
    if outcome is not None and outcome.refused is not None:
        said = outcome.refused.words
    else:
        said = entry.problem or m("This cannot be taken in.")
    return LineProblem(line=entry.line, message=said, text=form.refused(entry, said))


@dataclass(frozen=True, kw_only=True)
class _Course:
    """One import on its way. ``seen`` are the numbers that were new, which a dry run has to remember itself."""

    database: Database
    actor: journal.Actor
    report: ImportReport
    form: Form
    seen: set[str]

    async def take_in(self, entries: Sequence[Entry]) -> None:
        """Take in what there is to take in, and count. Raises ``ImportStopped`` when the database fails."""
        report = self.report
        report.problems += [_problem_of(entry, self.form) for entry in entries if entry.problem is not None]
        good = [(entry, entry.invoice) for entry in entries if entry.invoice is not None]
        if not good:
            return
        invoices = [invoice for _, invoice in good]
        try:
            outcomes = await take_in_each(self.database, invoices, self.actor, keeps=not report.is_dry_run)
        except CashierError as error:
            if error.by is not Party.DATABASE:
                raise
            raise ImportStopped(report, error, first_line=good[0][0].line) from error
        for (entry, invoice), outcome in zip(good, outcomes, strict=True):
            self._count(entry, invoice, outcome)

    def _count(self, entry: Entry, invoice: IncomingInvoice, outcome: Outcome) -> None:
        report = self.report
        if outcome.result is Result.REFUSED:
            report.problems.append(_problem_of(entry, self.form, outcome))
            return
        if outcome.result is Result.UNCHANGED:
            report.unchanged += 1
            return
        if outcome.result is Result.ADDED and invoice.number not in self.seen:
            report.added += 1
        else:
            report.updated += 1
        if report.is_dry_run:
            self.seen.add(invoice.number)
        report.credit_notes += _is_credit_note(invoice)


def _is_credit_note(invoice: IncomingInvoice) -> bool:
    return not invoice.cancelled and sum(line.total_minor for line in invoice.lines) < 0
