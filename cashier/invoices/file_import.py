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
from cashier.errors import CashierError, Party, Refused, Unreachable, why_not
from cashier.invoices.acceptance import accepted, printable
from cashier.invoices.changes import InvoiceRefused
from cashier.invoices.intake import BATCH, take_in_batch
from cashier.invoices.views import IncomingInvoice
from cashier.language import Message, joined, m, mn, sentences
from cashier.language.validation import in_words

_PROBLEMS_MAX = 100
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_decoder = msgspec.json.Decoder(IncomingInvoice)


class _Numbered(msgspec.Struct):
    number: str


_number_decoder = msgspec.json.Decoder(_Numbered)


@dataclass(frozen=True, kw_only=True)
class LineProblem:
    """Why a line of the file was not taken in; lines count from 1. ``text`` is the line as it stood there."""

    line: int
    message: Message
    text: bytes = b""

    @property
    def words(self) -> Message:
        """It for a person: ``Line 17: …``."""
        return m("Line {number}: {problem}", number=self.line, problem=self.message)


@dataclass(kw_only=True)
class ImportReport:
    """What became of a file: every line that is not empty is counted in exactly one of these.

    When ``is_dry_run``, it is what would become of it.
    """

    is_dry_run: bool = False
    added: int = 0
    updated: int = 0
    credit_notes: int = 0
    """How many of both are credit notes."""
    problems: list[LineProblem] = field(default_factory=list)
    unread: int = 0

    @property
    def is_complete(self) -> bool:
        """Tell whether all lines were taken in."""
        return not self.problems and not self.unread

    @property
    def words(self) -> Message:
        """It for a person, in lines: the problems first, then the counts and what to do."""
        counts = self._counts()
        lines = [*(problem.words for problem in self.problems), counts]
        if self.credit_notes:
            lines.append(
                mn(
                    "{count} of them is a credit note: its credit is on the patient's account.",
                    "{count} of them are credit notes: their credit is on the patients' accounts.",
                    count=self.credit_notes,
                )
            )
        if self.unread:
            lines.append(
                m("Stopped there: {count} further lines were not read. Is this the right file?", count=self.unread)
            )
        if not self.is_complete and not self.is_dry_run:
            lines.append(m("Correct these lines and import the file again; what is in already is not doubled."))
        return joined("\n", lines)

    def _counts(self) -> Message:
        if self.is_dry_run:
            return m(
                "{added} invoices would be added, {updated} brought up to date, {refused} refused. "
                "Nothing was changed.",
                added=self.added,
                updated=self.updated,
                refused=len(self.problems),
            )
        return m(
            "{added} invoices added, {updated} brought up to date, {refused} refused.",
            added=self.added,
            updated=self.updated,
            refused=len(self.problems),
        )


class ImportStopped(Unreachable):
    """The database failed in the middle of an import."""

    default = m("The database failed in the middle of an import.")

    def __init__(self, report: ImportReport, cause: CashierError, *, first_line: int) -> None:
        """Say what is in: what ``report`` counts, all before ``first_line``; ``cause`` is what went wrong."""
        self.report = report
        if report.is_dry_run:
            said = m("The file was looked at as far as line {line}. Nothing was changed.", line=first_line - 1)
        else:
            said = m(
                "The import stopped before line {line}: {added} invoices added, {updated} brought up to date, "
                "{refused} refused. Of line {line} and those after it, none is known to be in.",
                line=first_line,
                added=report.added,
                updated=report.updated,
                refused=len(report.problems),
            )
        super().__init__(
            sentences(cause.message, said),
            advice=sentences(cause.advice, m("Then import the whole file again: what is in already is not doubled.")),
            by=cause.by,
        )


@contextlib.contextmanager
def open_source(name: str) -> Iterator[BinaryIO]:
    """Open the file ``name``, or standard input for ``-``. Raises ``Refused`` when it cannot be read."""
    if name == "-":
        # Programs that are started without one have none at all.
        if sys.stdin is None:
            raise Refused(m("There is no standard input to read."), advice=m("Name the file, or send one by “|”."))
        yield sys.stdin.buffer
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115 - closed below; only opening it is guarded here
    except OSError as error:
        raise Refused(
            m("{name} cannot be read: {reason}.", name=name, reason=why_not(error)),
            advice=m("Check the name and its rights."),
        ) from None
    with stream:
        yield stream


async def import_lines(
    database: Database,
    lines: Iterable[bytes],
    *,
    actor: journal.Actor = journal.PROGRAM,
    is_dry_run: bool = False,
) -> ImportReport:
    """Take in one invoice per line and say what became of each; a dry run keeps nothing of it.

    A line that cannot be taken in does not keep the others out. After a hundred such lines the rest is only
    counted. Safe to repeat: an invoice that is known is brought up to date. Raises ``ImportStopped`` when the
    database is lost or full on the way; what was taken in until then stays, and is in its words.
    """
    course = _Course(database=database, actor=actor, report=ImportReport(is_dry_run=is_dry_run))
    report = course.report
    batch: list[_Line] = []
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(_BYTE_ORDER_MARK).strip() if number == 1 else line.strip()
        if not text:
            continue
        if len(report.problems) >= _PROBLEMS_MAX:
            report.unread += 1
            continue
        try:
            batch.append(_Line(number=number, text=text, invoice=accepted(_decoder.decode(text))))
        except InvoiceRefused as refused:
            report.problems.append(LineProblem(line=number, message=refused.words, text=text))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            report.problems.append(LineProblem(line=number, message=_explain(error, text), text=text))
        if len(batch) == BATCH:
            await course.take_in(batch)
            batch = []
    await course.take_in(batch)
    report.problems.sort(key=lambda problem: problem.line)
    return report


@dataclass(frozen=True, kw_only=True)
class _Line:
    number: int
    text: bytes
    invoice: IncomingInvoice


@dataclass(frozen=True, kw_only=True)
class _Course:
    """One import on its way. ``added`` are the numbers that were new, which a dry run has to remember itself."""

    database: Database
    actor: journal.Actor
    report: ImportReport
    added: set[str] = field(default_factory=set)

    async def take_in(self, batch: Sequence[_Line]) -> None:
        """Take the batch in at once, or one by one when something in it is refused.

        Raises ``ImportStopped`` when the database fails.
        """
        if not batch:
            return
        report = self.report
        invoices = [line.invoice for line in batch]
        try:
            taken = await take_in_batch(self.database, invoices, self.actor, keeps=not report.is_dry_run)
        except InvoiceRefused as refused:
            if len(batch) == 1:
                (line,) = batch
                report.problems.append(LineProblem(line=line.number, message=refused.words, text=line.text))
                return
            for line in batch:
                await self.take_in([line])
        except CashierError as error:
            if error.by is not Party.DATABASE:
                raise
            raise ImportStopped(report, error, first_line=batch[0].number) from error
        else:
            added = len(taken.new - self.added)
            report.added += added
            report.updated += len(batch) - added
            report.credit_notes += sum(_is_credit_note(invoice) for invoice in invoices)
            if report.is_dry_run:
                self.added.update(taken.new)


def _is_credit_note(invoice: IncomingInvoice) -> bool:
    return not invoice.cancelled and sum(line.total_minor for line in invoice.lines) < 0


def _explain(error: msgspec.MsgspecError | UnicodeDecodeError | RecursionError, text: bytes) -> Message:
    reason = _cleaned(str(error))
    if not isinstance(error, msgspec.ValidationError):
        return m(
            "This is not a JSON object on one line ({reason}). Write the file in UTF-8, one invoice per line.",
            reason=reason,
        )
    number, wrong = _number_in(text), in_words(reason)
    if number:
        return m("{number}: {reason}. docs/IMPORT.md describes every field.", number=number, reason=wrong)
    return m("{reason}. docs/IMPORT.md describes every field.", reason=wrong)


def _number_in(text: bytes) -> str:
    """Return the number of an invoice that is no invoice otherwise, or nothing."""
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return printable(_number_decoder.decode(text).number)
    return ""


def _cleaned(reason: str) -> str:
    """Take what a terminal would obey out of a reason that quotes the line."""
    return "".join(each if each.isprintable() else "\ufffd" for each in reason)
