"""A rule as a question to the books: every row of the answer is something that does not fit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from cashier_verify.finding import Finding, Findings


@dataclass(frozen=True)
class Check:
    """One question. ``words`` are filled with the columns of each row, in their order."""

    rule: str
    statement: str
    words: str


def ask(books: sqlite3.Connection, checks: Iterable[Check]) -> Findings:
    """Ask one after the other."""
    for check in checks:
        for row in books.execute(check.statement):
            yield Finding(check.rule, check.words.format(*row))


def readable(column: str) -> str:
    """Return the expression for JSON in ``column``; what is none says nothing, and stops no rule."""
    return f"CASE WHEN json_valid({column}) THEN {column} ELSE '{{}}' END"


def fact(name: str) -> str:
    """Return the expression for a fact of an entry in ``told``."""
    return f"json_extract(told.facts, '$.{name}')"
