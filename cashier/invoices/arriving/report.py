"""What became of a file of invoices, in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from cashier.errors import CashierError, Unreachable
from cashier.language import Message, joined, m, mn, sentences

_SAID_MAX = 100


@dataclass(frozen=True, kw_only=True)
class LineProblem:
    """Why what begins at a line of the file was not taken in; lines count from 1.

    ``text`` is what stands of it in the file of refused lines.
    """

    line: int
    message: Message
    text: bytes = b""

    @property
    def words(self) -> Message:
        """It for a person: ``Line 17: …``."""
        return m("Line {number}: {problem}", number=self.line, problem=self.message)


@dataclass(kw_only=True)
class ImportReport:
    """What became of a file: every invoice of it is counted in exactly one of these.

    When ``is_dry_run``, it is what would become of it. ``unread`` were not looked at: it is probably not the right
    file, and nothing was taken in.
    """

    is_dry_run: bool = False
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    credit_notes: int = 0
    """How many of those added and updated are credit notes."""
    problems: list[LineProblem] = field(default_factory=list)
    unread: int = 0
    heading: bytes = b""
    """What stands above the refused lines."""

    @property
    def is_complete(self) -> bool:
        """Tell whether all of it was taken in."""
        return not self.problems and not self.unread

    @property
    def words(self) -> Message:
        """It for a person, in lines: the problems first, then the counts and what to do."""
        lines = [problem.words for problem in self.problems[:_SAID_MAX]]
        if len(self.problems) > _SAID_MAX:
            lines.append(m("{count} more were refused.", count=len(self.problems) - _SAID_MAX))
        lines.append(self.counts)
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
                m(
                    "So much of it is wrong that nothing was taken in, and {count} further lines were not read. "
                    "Is this the right file?",
                    count=self.unread,
                )
            )
        elif not self.is_complete and not self.is_dry_run:
            lines.append(m("Correct these lines and import the file again; what is in already is not doubled."))
        return joined("\n", lines)

    @property
    def counts(self) -> Message:
        """How many of each, in a line."""
        if self.is_dry_run:
            return m(
                "{added} invoices would be added, {updated} brought up to date, {unchanged} left as they are, "
                "{refused} refused. Nothing was changed.",
                added=self.added,
                updated=self.updated,
                refused=len(self.problems),
                unchanged=self.unchanged,
            )
        return m(
            "{added} invoices added, {updated} brought up to date, {unchanged} unchanged, {refused} refused.",
            added=self.added,
            updated=self.updated,
            refused=len(self.problems),
            unchanged=self.unchanged,
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
