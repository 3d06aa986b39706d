"""The shared database: one engine, transactions, column types and the check of its schema at the start.

SQLite (WAL) serves one desk with nothing to install; PostgreSQL serves a hospital. Only this module commits.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from cashier import clock
from cashier.database import sqlite_connection
from cashier.database.lane import Lane, Row
from cashier.database.looking import Look, answer_all, answer_each, answer_whole
from cashier.database.postgresql_connection import PostgresqlConnection
from cashier.database.tokens import Token, tell
from cashier.database.troubles import does_not_answer, is_gone, is_read_only, of_driver, translated_errors
from cashier.errors import Misconfigured
from cashier.language import m

T = TypeVar("T")

_BUSY_TIMEOUT_SECONDS = 10
_GLANCE_SECONDS = 4.0
_WRITES = "cashier_writes"
_BEGUN = "cashier_begun"
_LAST = "cashier_last"
_USED = "cashier_used"

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""The type of integer keys: SQLite numbers rows by itself only where the type is INTEGER."""

LanguageCode = sa.String(12)
"""A language as ``cashier.language`` names it, such as ``es_419``."""

ROW_LOCK: dict[str, Any] = {"key_share": True}
"""Locks a row against changes, not against rows that refer to it; SQLite has its one writer instead.

Nobody here changes keys. A plain FOR UPDATE would make every insert that names the row wait: a payment of a
cashier who is just signing in, for example, while holding the journal that the sign-in waits for.
"""


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database. A naive one is a bug and raises ``TypeError``."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Turn into UTC; SQLite keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give back as an aware UTC moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(type_: type[StrEnum]) -> sa.Enum:
    """Keep a closed set as its readable values, guarded by a CHECK constraint."""
    return sa.Enum(
        type_,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=type_.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


def one_of(column: str, members: Sequence[StrEnum]) -> str:
    """Write a condition for constraints: ``column`` has one of these ``members``, in their order."""
    if len(members) == 1:
        return f"{column} = '{members[0].value}'"
    return f"{column} IN ({', '.join(repr(member.value) for member in members)})"


class Base(DeclarativeBase):
    """The base of all models; constraints have names, so that migrations can speak of them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def do_last(session: AsyncSession, work: Callable[[AsyncSession], Awaitable[object]]) -> None:
    """Have ``work`` done right before the commit of the running transaction, once, however often this is asked for.

    For what everybody waits for: whoever locks it then holds it shortest, and locks nothing after it.
    """
    session.info.setdefault(_LAST, {})[work] = None


def driver_url(url: str, *, password: str | None = None) -> URL:
    """Turn ``sqlite:///…`` or ``postgresql://…`` into the address of the async driver.

    Raises ``Misconfigured`` for anything else.
    """
    try:
        parsed = make_url(url)
    except SQLAlchemyError:
        raise Misconfigured(
            m("The database address cannot be read."),
            advice=m("Use sqlite:///path or postgresql://user@host/database."),
        ) from None
    drivers = {
        "sqlite": "sqlite+aiosqlite",
        "postgresql": "postgresql+psycopg",
        "postgres": "postgresql+psycopg",
    }
    name = parsed.get_backend_name()
    if name not in drivers:
        raise Misconfigured(
            m("{name} is not a database that Cashier knows.", name=name),
            advice=m("Use sqlite:///… or postgresql://…."),
        )
    parsed = parsed.set(drivername=drivers[name])
    return parsed.set(password=password) if password else parsed


class Database:
    """One engine for one process. Make it once, close it at the end."""

    def __init__(self, url: str, *, password: str | None = None) -> None:
        """Prepare the engine; nothing is connected yet. Raises ``Misconfigured`` for an unknown kind of address."""
        self.url = driver_url(url, password=password)
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgresql_engine(self.url)
        self._file = _file_of(self.url) if self.is_sqlite else None
        self._file_identity: tuple[int, int] | None = None
        self._lane = Lane(self.engine)
        self.carried: Token | None = None
        """By what PostgreSQL knows who works here: told in each transaction that writes. None: nobody."""

    @property
    def is_sqlite(self) -> bool:
        """Tell whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextlib.asynccontextmanager
    async def transaction(self, *, step_up: Token | None = None) -> AsyncIterator[AsyncSession]:
        """Open a writing transaction; commits at the end, rolls back on any exception.

        Who has signed in is known to it, and so is who approves or proves something else by ``step_up``. Never keep
        it open across a network call. Raises ``Unreachable`` when the database does not answer and ``Refused`` when
        it cannot be written, both by ``Party.DATABASE``; nothing of this transaction was saved then, unless the
        connection was lost during the commit itself.
        """
        async with self._session(writes=True, tokens=(self.carried, step_up)) as session:
            yield session

    @contextlib.asynccontextmanager
    async def reading(self, *, as_who_signed_in: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a reading transaction: one consistent picture, which never waits for writers.

        It is told who has signed in only where what is read depends on that.
        """
        async with self._session(writes=False, tokens=(self.carried,) if as_who_signed_in else ()) as session:
            yield session

    @contextlib.asynccontextmanager
    async def glance(self) -> AsyncIterator[AsyncSession]:
        """Read as ``reading`` does, for what somebody waits for: raises ``Unreachable`` after some seconds."""
        try:
            async with asyncio.timeout(_GLANCE_SECONDS), self._session(writes=False) as session:
                yield session
        except TimeoutError:
            raise does_not_answer() from None

    async def look(self, look: Look[T]) -> T:
        """Return what ``look`` finds out, in one consistent picture. Raises as ``reading`` does."""
        with translated_errors(self._file):
            self._refuse_moved_file()
            async with self.engine.connect() as connection:
                if self.is_sqlite:
                    return await _looked(connection, look, is_whole=True)
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                async with _begun(connection):
                    return await _looked(connection, look)

    async def add_new(self, model: type[Base], rows: Sequence[Row]) -> int:
        """Add ``rows`` of a table in a commit of their own, for what comes in bursts; return how many were new.

        What is there already stays. Safe to repeat; raises as ``transaction`` does.
        """
        with translated_errors(self._file):
            self._refuse_moved_file()
            return await self._lane.add(cast(sa.Table, model.__table__), rows)

    async def check_writable(self) -> None:
        """Refuse a migrated database that can only be read; nothing is changed. Raises as ``transaction`` does."""
        async with self.transaction() as session:
            if self.is_sqlite:
                # BEGIN IMMEDIATE passes on a read-only file; a statement that could write does not.
                await session.execute(sa.text("UPDATE alembic_version SET version_num = '' WHERE false"))
            elif (await session.execute(sa.text("SHOW transaction_read_only"))).scalar_one() == "on":
                raise is_read_only()

    async def close(self) -> None:
        """Close all connections. Safe to repeat."""
        await self._lane.close()
        await self.engine.dispose()

    @contextlib.asynccontextmanager
    async def _session(self, *, writes: bool, tokens: Sequence[Token | None] = ()) -> AsyncIterator[AsyncSession]:
        with translated_errors(self._file):
            self._refuse_moved_file()
            async with self.engine.connect() as connection:
                if self.is_sqlite:
                    await connection.execution_options(**{_WRITES: writes})
                elif not writes:
                    await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                async with (
                    _begun(connection),
                    AsyncSession(connection, expire_on_commit=False, autoflush=True) as session,
                ):
                    if not self.is_sqlite:
                        await tell(connection, tokens)
                    yield session
                    await session.flush()
                    for work in session.info.get(_LAST, ()):
                        await work(session)
                        await session.flush()

    def _refuse_moved_file(self) -> None:
        """Refuse to go on with a file that nobody finds any more: what is written into it would be lost."""
        if self._file is None:
            return
        identity = None
        with contextlib.suppress(OSError):
            found = self._file.stat()
            identity = (found.st_dev, found.st_ino)
        if self._file_identity is None:
            self._file_identity = identity
        elif identity != self._file_identity:
            raise is_gone(self._file)


async def look_within(session: AsyncSession, look: Look[T]) -> T:
    """Return what ``look`` finds out in the transaction of ``session``."""
    return await _looked(await session.connection(), look)


async def _looked(connection: AsyncConnection, look: Look[T], *, is_whole: bool = False) -> T:
    """Let ``look`` ask on ``connection``; as a transaction of its own when it ``is_whole``, on SQLite."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        if isinstance(driver, sqlite_connection.SqliteConnection):
            answer = answer_whole if is_whole else answer_all
            return await driver.visit(lambda plain: answer(plain, look))
        return await answer_each(driver, look)
    except (sqlite3.Error, psycopg.Error) as error:
        is_lost = isinstance(driver, psycopg.AsyncConnection) and driver.closed
        if is_lost:
            await connection.invalidate(error)
        raise of_driver(error, is_lost=is_lost) from error


@contextlib.asynccontextmanager
async def _begun(connection: AsyncConnection) -> AsyncIterator[None]:
    """Commit or roll back ``connection`` to the end, even when the task is cancelled meanwhile."""
    transaction = await connection.begin()
    try:
        yield
    except BaseException:
        # After a failed statement the session has rolled back already.
        if transaction.is_active:
            await asyncio.shield(transaction.rollback())
        raise
    await asyncio.shield(transaction.commit())


def _file_of(url: URL) -> Path | None:
    is_named = url.database and url.database != ":memory:" and not url.database.startswith("file:")
    return Path(url.database or "") if is_named else None


def _sqlite_engine(url: URL) -> AsyncEngine:
    file = _file_of(url)
    if file is not None:
        with contextlib.suppress(OSError):  # the first connection tells the user what is wrong with the folder
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_async_engine(
        url,
        connect_args={"timeout": _BUSY_TIMEOUT_SECONDS, "async_creator_fn": sqlite_connection.connect},
        pool_size=8,
        max_overflow=8,
        hide_parameters=True,
        poolclass=sa.AsyncAdaptedQueuePool,
        pool_reset_on_return=None,
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # The driver's own idea of transactions is switched off: BEGIN is sent below.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -32000")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer takes its lock at once: upgrading a reading transaction would fail instead of waiting.
        writes = connection.get_execution_options().get(_WRITES, True)
        connection.connection.info[_BEGUN] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @sa.event.listens_for(engine.sync_engine, "reset")
    def reset(connection: Any, record: Any, state: sa.PoolResetState) -> None:
        # A look ends its own transaction on the thread, also for somebody who went away: waiting for it once more
        # could be cancelled once more.
        has_begun = record.info.pop(_BEGUN, False)
        if has_begun and not state.terminate_only and connection.driver_connection.is_in_transaction:
            connection.rollback()

    return engine


def _postgresql_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_timeout=_BUSY_TIMEOUT_SECONDS,
        hide_parameters=True,
        connect_args={
            "connect_timeout": 5,
            "application_name": "cashier",
            "async_creator_fn": PostgresqlConnection.connect,
            **SILENT_NETWORK,
        },
    )
    # Whether the server is still there has to be asked anyway: its answer is the time.
    sa.event.listen(engine.sync_engine, "checkout", partial(_ask_the_time, engine.sync_engine.dialect))
    return engine


def _ask_the_time(dialect: sa.Dialect, connection: Any, record: Any, _proxy: object) -> None:
    """Hear what time it is by the server's clock; a connection that was lost meanwhile gives way to another one."""
    if not record.info.get(_USED):
        record.info[_USED] = True  # it has told the time as it was made
        return
    asked_at = clock.machine_now()
    try:
        connection.autocommit = True  # a question that begins no transaction
        cursor = connection.cursor()
        cursor.execute("SELECT clock_timestamp()")
        told: datetime = cursor.fetchone()[0]
        cursor.close()
        connection.autocommit = False
    except psycopg.Error as error:
        if dialect.is_disconnect(error, connection, None):  # type: ignore[arg-type]  # our driver's errors
            raise InvalidatePoolError from error
        raise
    clock.hear(told, asked_at=asked_at)


SILENT_NETWORK = {"keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 15_000}
"""Settings of a connection that give up a server or a network that went away without a word, after 15 seconds."""
