"""``cashier doctor --audit``: whether the books agree with themselves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cashier.audit.rules import RULES, Rule, Verdict, apply
from cashier.books.schema.revision import check_schema
from cashier.doctor.configuration import Configuration
from cashier.doctor.connections import Connections
from cashier.doctor.findings import Check, Finding, Level
from cashier.doctor.outside import look_from_outside
from cashier.language import Message, joined, m, number, sentences

_LIMIT_SECONDS = 4 * 3600.0
_REMEDY = m(
    "Keep the database as it is, make a copy of it, and have it looked into before anything is corrected: "
    "docs/OPERATIONS.md, “When the audit finds something”."
)


def audits_of(configuration: Configuration, heads: Sequence[str] = ()) -> list[Check]:
    """Return a check for every rule of the audit, and one from outside, which compares with ``heads`` as well."""
    lines = Connections(configuration)
    return [
        *(Check(name=rule.name, look=partial(_look, lines, rule), limit_seconds=_LIMIT_SECONDS) for rule in RULES),
        Check(name=m("From outside"), look=partial(look_from_outside, lines, heads), limit_seconds=_LIMIT_SECONDS),
    ]


async def _look(lines: Connections, rule: Rule) -> Finding:
    async with lines.open_database() as database:
        await check_schema(database)
        verdict = await apply(database, rule)
    if not verdict.wrong:
        looked = m("Looked at {number}.", number=number(verdict.examined))
        return Finding(level=Level.OK, message=sentences(rule.holds, looked))
    return Finding(level=Level.WRONG, message=_contradictions(verdict), remedy=_REMEDY)


def _contradictions(verdict: Verdict) -> Message:
    wrong, examined = number(verdict.wrong), number(verdict.examined)
    examples, more = joined("; ", verdict.examples), verdict.wrong - len(verdict.examples)
    if not more:
        return m("{wrong} of {examined}: {examples}.", wrong=wrong, examined=examined, examples=examples)
    return m(
        "{wrong} of {examined}: {examples}; and {more} more.",
        wrong=wrong,
        examined=examined,
        examples=examples,
        more=number(more),
    )
