"""Many invoices from the hospital's system in one request: one a line, each answered by a line."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cashier.books.api_client import Scope
from cashier.companion.api.decoding import read_json
from cashier.companion.api.operation import AnyAsk, Lines, Operation
from cashier.companion.api.operations.incoming import INVOICE_BYTES_MAX, InvoicePut, incoming_of
from cashier.companion.api.problems import (
    FieldError,
    Problem,
    ProblemDetails,
    ProblemKind,
    new_instance,
    pointer_of,
    problem_of,
)
from cashier.companion.bodies import NotWhole, SentLine
from cashier.errors import CashierError
from cashier.invoices.acceptance import accepted, printable
from cashier.invoices.arriving.outcomes import Outcome, Result, take_in_each
from cashier.invoices.changes import FieldRefused, InvoiceRefused
from cashier.invoices.intake import BATCH
from cashier.invoices.views import IncomingInvoice
from cashier.language import Message, m

log = logging.getLogger(__name__)

LINES_MAX = 100_000
REFUSED_MAX = 1000
_BATCH_BYTES_MAX = 4 * 1024 * 1024


class InvoiceImport(InvoicePut, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of many: an invoice, whole, with its number."""

    number: Annotated[str, Meta(min_length=1, max_length=40, description="The invoice's number: its identity.")]


class ImportedInvoice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one line, counted from 1. What is refused says why, and which fields are wrong."""

    line: int
    result: Literal["added", "updated", "unchanged", "refused"]
    invoice_id: str | None = None
    detail: str = ""
    errors: tuple[FieldError, ...] = ()


class ImportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """The last line. An answer without it broke off: what it does not tell may be in or not; send all of it again.

    `is_complete`: everything was read, and nothing refused. Else `problem` may say what stopped it, at which line.
    """

    is_complete: bool
    added: int
    updated: int
    unchanged: int
    refused: int
    stopped_at_line: int | None = None
    problem: ProblemDetails | None = None


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """A line that is not answered yet: an invoice, or why it is none."""

    line: int
    size: int = 0
    invoice: IncomingInvoice | None = None
    answer: ImportedInvoice | None = None


@dataclass(kw_only=True)
class _Course:
    """One import on its way."""

    ask: AnyAsk
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Result, 0))
    waiting: list[_Waiting] = field(default_factory=list)
    size: int = 0
    answered: int = 0

    @property
    def is_full(self) -> bool:
        """Tell whether it is time to take in what waits."""
        return len(self.waiting) >= BATCH or self.size >= _BATCH_BYTES_MAX

    def add(self, line: _Waiting) -> None:
        """Let a line wait."""
        self.waiting.append(line)
        self.size += line.size

    async def take_in(self) -> list[ImportedInvoice]:
        """Take in what waits, in one transaction; return what became of each line."""
        invoices = [each.invoice for each in self.waiting if each.invoice is not None]
        outcomes = iter(await take_in_each(self.ask.services.database, invoices, self.ask.caller.actor))
        told = [each.answer or self._told(each, next(outcomes)) for each in self.waiting]
        for answer in told:
            self.counts[answer.result] += 1
        self.answered += len(told)
        self.waiting, self.size = [], 0
        return told

    def _told(self, line: _Waiting, outcome: Outcome) -> ImportedInvoice:
        number = line.invoice.number if line.invoice is not None else None
        if outcome.refused is None:
            return ImportedInvoice(line=line.line, result=outcome.result.value, invoice_id=number)
        return _refused(self.ask, line.line, number, outcome.refused)

    def summary(self, *, at_line: int | None = None, problem: Problem | None = None) -> ImportSummary:
        """Return the last line."""
        details = None
        if problem is not None:
            instance = new_instance()
            log.info("import stopped", extra={"kind": problem.kind.slug, "reference": instance})
            details = problem.details(self.ask.language, instance=instance)
        return ImportSummary(
            is_complete=problem is None and not self.counts[Result.REFUSED],
            added=self.counts[Result.ADDED],
            updated=self.counts[Result.UPDATED],
            unchanged=self.counts[Result.UNCHANGED],
            refused=self.counts[Result.REFUSED],
            stopped_at_line=at_line,
            problem=details,
        )


async def bring(ask: AnyAsk, lines: AsyncIterator[SentLine | None]) -> AsyncIterator[msgspec.Struct]:
    """Take lines in by hundreds, or whenever nothing more has come for a moment; yield what became of each.

    Raises ``Problem`` for what stops it before the first answer; after that it ends with what stopped it.
    """
    course = _Course(ask=ask)
    last = 0
    try:
        async for line in lines:
            if line is not None:
                last = line.number
                if course.answered + len(course.waiting) >= LINES_MAX:
                    raise Problem(ProblemKind.TOO_LARGE, m("Send at most {most} invoices at once.", most=LINES_MAX))
                course.add(_read(ask, line))
            if course.waiting and (line is None or course.is_full):
                for answer in await course.take_in():
                    yield answer
                if course.counts[Result.REFUSED] >= REFUSED_MAX:
                    raise Problem(ProblemKind.INVALID, m("So many lines are wrong that the rest was not read."))
        for answer in await course.take_in():
            yield answer
    except (NotWhole, Problem, CashierError) as error:
        problem = _problem(error)
        if not course.answered:
            raise problem from error
        first = course.waiting[0].line if course.waiting else last
        yield course.summary(at_line=first, problem=problem)
    else:
        yield course.summary()


def _problem(error: NotWhole | Problem | CashierError) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, CashierError):
        return problem_of(error, names_desk=False)
    return Problem(ProblemKind.MALFORMED, m("The request did not come whole."))


def _read(ask: AnyAsk, line: SentLine) -> _Waiting:
    """Read one line; what is no invoice that can be taken in waits with its answer."""
    if line.text is None:
        said = m("A line has at most {most} bytes.", most=INVOICE_BYTES_MAX)
        return _Waiting(line=line.number, answer=_answer(ask, line.number, None, said, ()))
    try:
        body = read_json(line.text, InvoiceImport)
    except Problem as problem:
        return _Waiting(line=line.number, answer=_answer(ask, line.number, None, problem.detail, problem.fields))
    try:
        return _Waiting(line=line.number, size=len(line.text), invoice=accepted(incoming_of(body.number, body)))
    except InvoiceRefused as refused:
        return _Waiting(line=line.number, answer=_refused(ask, line.number, printable(body.number), refused))


def _refused(ask: AnyAsk, line: int, number: str | None, refused: InvoiceRefused) -> ImportedInvoice:
    fields = [(pointer_of(refused.place), refused.message)] if isinstance(refused, FieldRefused) else []
    return _answer(ask, line, number, refused.words, fields)


def _answer(
    ask: AnyAsk, line: int, number: str | None, said: Message, fields: Sequence[tuple[str, Message]]
) -> ImportedInvoice:
    return ImportedInvoice(
        line=line,
        result="refused",
        invoice_id=number,
        detail=said.in_(ask.language),
        errors=tuple(FieldError(pointer=at, detail=what.in_(ask.language)) for at, what in fields),
    )


OPERATIONS = (
    Operation(
        name="importInvoices",
        method="POST",
        path="/api/v1/invoices:import",
        summary=m("Add many invoices, or bring them up to date"),
        about=m(
            "One JSON object a line, oldest first; each is answered by a line while others come, all by a summary. "
            "A line that is wrong keeps no other out, and nothing of it is kept. Safe to send again: what is in "
            "already is not doubled."
        ),
        group="Invoices",
        scope=Scope.INVOICES_WRITE,
        handler=Lines(take=bring, ends_with=ImportSummary),
        answer=ImportedInvoice,
        body=InvoiceImport,
        body_bytes_max=INVOICE_BYTES_MAX,
        problems=(ProblemKind.UNAVAILABLE,),
    ),
)
