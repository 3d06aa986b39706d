"""Questions in plain SQL, asked one after the other on one connection: for what happens at every keystroke.

A ``Look`` is a generator that yields a question, is sent its rows, and returns what it found out. Beside the work of
the database a question costs a tenth of a statement that SQLAlchemy puts together and answers with objects. On SQLite
a whole look is one visit to the connection's thread, where each statement would be three. On PostgreSQL nothing is
prepared, so that each question is planned for the very words that it asks about: a plan for any words is up to thirty
times slower for some of them.

All that is typed or comes from outside is among the values; the text is made of the program's own words alone. What
the two databases want written differently is written by ``made_first`` and ``unindexed``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import psycopg

T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """A statement that reads, and the values of its places ``$1``, ``$2``, … in both databases."""

    text: str
    values: Sequence[object] = ()


Answer: TypeAlias = Sequence[tuple[Any, ...]]
"""The rows of a question, as the driver has them: SQLite keeps days as ISO texts and truth as 0 and 1."""

Look: TypeAlias = Generator[Question, Answer, T]
"""Asks as many questions as it takes, and returns what was found out."""


class Values:
    """The values of a question that is being written."""

    def __init__(self) -> None:
        """Begin without any."""
        self.all: list[object] = []

    def place(self, value: object) -> str:
        """Keep ``value`` and return what stands for it in the text."""
        self.all.append(value)
        return f"${len(self.all)}"

    def places(self, values: Iterable[object]) -> str:
        """Keep some values, at least one, and return what stands for them between the brackets of an ``IN``."""
        return ", ".join(map(self.place, values))


def made_first(select: str) -> str:
    """Ask whether the column before it is in ``select``, a list that is made first and then sought in an index.

    PostgreSQL takes an array for that; of a plain ``IN`` it may make a join that reads the whole table.
    """
    return f"⟨{select}⟩"


def unindexed(column: str) -> str:
    """Name a ``column`` by whose index nothing is to be sought. PostgreSQL knows by itself when that is right."""
    return f"⁺{column}"


def _for_sqlite(text: str) -> str:
    return text.replace("$", "?").replace("⟨", "IN (").replace("⟩", ")").replace("⁺", "+")


def _for_postgresql(text: str) -> bytes:
    return text.replace("⟨", "= ANY(ARRAY(").replace("⟩", "))").replace("⁺", "").encode()


def answer_whole(connection: sqlite3.Connection, look: Look[T]) -> T:
    """Answer everything that ``look`` asks from one picture of the database; for a connection in no transaction."""
    connection.execute("BEGIN")
    try:
        return answer_all(connection, look)
    finally:
        connection.rollback()


def answer_all(connection: sqlite3.Connection, look: Look[T]) -> T:
    """Answer everything that ``look`` asks, on the thread of ``connection``."""
    try:
        question = next(look)
        while True:
            rows = connection.execute(_for_sqlite(question.text), question.values).fetchall()
            question = look.send(rows)
    except StopIteration as end:
        found: T = end.value
        return found
    finally:
        look.close()


async def answer_each(connection: psycopg.AsyncConnection[Any], look: Look[T]) -> T:
    """Answer everything that ``look`` asks."""
    async with psycopg.AsyncRawCursor(connection) as cursor:
        try:
            question = next(look)
            while True:
                await cursor.execute(_for_postgresql(question.text), question.values, prepare=False)
                question = look.send(await cursor.fetchall())
        except StopIteration as end:
            found: T = end.value
            return found
        finally:
            look.close()
