"""A connection of its own on which rows are added that come in bursts: each call is one statement and its commit.

A transaction of ``Database`` costs several rounds to the server and a statement put together anew. Here a group of
rows is one round, as arrays, whatever their number. On SQLite it is one visit to the connection's thread.
"""

from __future__ import annotations

import asyncio
import functools
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cashier.database.sqlite_connection import SqliteConnection
from cashier.database.troubles import of_driver

Row = Mapping[str, object]
_SQLITE: Callable[[], sa.Dialect] = sqlite.dialect
_POSTGRESQL: Callable[[], sa.Dialect] = postgresql.dialect


class Lane:
    """Adds rows on one connection, which is opened at the first and kept; one call at a time, in their order."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the connection from ``engine`` when it is needed."""
        self._engine = engine
        self._turn = asyncio.Lock()
        self._connection: AsyncConnection | None = None

    async def add(self, table: sa.Table, rows: Sequence[Row]) -> int:
        """Add ``rows``, which have the same columns; return how many were new. What is there already stays as it is.

        They are committed when this returns, and none is there when it raises ``DBAPIError``, unless the connection
        was lost during the commit itself. So repeating it does no harm.
        """
        if not rows:
            return 0
        async with self._turn:
            try:
                return await self._add(table, rows)
            except psycopg.Error as error:
                # A server that was started anew ended the connection that was kept: one more on a new one.
                if not await self._drop_lost():
                    raise of_driver(error) from error
            except sqlite3.Error as error:
                raise of_driver(error) from error
            try:
                return await self._add(table, rows)
            except psycopg.Error as error:
                raise of_driver(error, is_lost=await self._drop_lost()) from error

    async def close(self) -> None:
        """Give the connection back. Safe to repeat; the next rows open another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _add(self, table: sa.Table, rows: Sequence[Row]) -> int:
        driver = await self._driver()
        names = tuple(rows[0])
        if isinstance(driver, SqliteConnection):
            text, make = _for_sqlite(table, names)
            values = [tuple(turn(row[name]) for name, turn in make) for row in rows]
            return await driver.visit(lambda plain: _added(plain, text, values))
        async with psycopg.AsyncRawCursor(driver) as cursor:
            columns = [[row[name] for row in rows] for name in names]
            await cursor.execute(_for_postgresql(table, names), columns)
            return cursor.rowcount

    async def _driver(self) -> Any:
        if self._connection is None:
            connection = await self._engine.connect()
            if self._engine.dialect.name == "postgresql":
                await connection.execution_options(isolation_level="AUTOCOMMIT")
            self._connection = connection
        return (await self._connection.get_raw_connection()).driver_connection

    async def _drop_lost(self) -> bool:
        """Leave a connection that is closed; tell whether it was."""
        driver: Any = await self._driver()
        if not driver.closed:
            return False
        if self._connection is not None:
            await self._connection.invalidate()
        await self.close()
        return True


def _added(connection: sqlite3.Connection, text: str, values: Sequence[tuple[object, ...]]) -> int:
    connection.execute("BEGIN IMMEDIATE")
    try:
        count = connection.executemany(text, values).rowcount
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.rollback()
        raise
    return count


@functools.lru_cache
def _for_sqlite(table: sa.Table, names: tuple[str, ...]) -> tuple[str, list[tuple[str, Any]]]:
    """Write the statement, and what turns a value of each column into what is stored."""
    dialect: sa.Dialect = _SQLITE()
    turns = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    places = ", ".join("?" * len(names))
    text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608
    return text, [(name, turn or _as_it_is) for name, turn in zip(names, turns, strict=True)]


@functools.lru_cache
def _for_postgresql(table: sa.Table, names: tuple[str, ...]) -> bytes:
    # A length in the type would cut what is too long; without one the column refuses it.
    dialect: sa.Dialect = _POSTGRESQL()
    types = [table.c[name].type.compile(dialect).partition("(")[0] for name in names]
    places = ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(types, start=1))
    text = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM unnest({places}) ON CONFLICT DO NOTHING"  # noqa: S608
    return text.encode()


def _as_it_is(value: object) -> object:
    return value
