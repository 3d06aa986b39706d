"""The auditor's program, run by ``cashier doctor --audit`` as well: the same rules, on the books of the settings.

It takes nothing from Cashier, so it is the program that an auditor runs elsewhere. It reads the file itself, and from
PostgreSQL an export that is thrown away afterwards.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from cashier.database import Database
from cashier.doctor.connections import Connections
from cashier.doctor.findings import Finding, Level
from cashier.errors import Misconfigured, Refused
from cashier.language import joined, m, mn, verbatim
from cashier_verify import tables
from cashier_verify.anchors import Anchor, typed
from cashier_verify.command import verify
from cashier_verify.finding import Unreadable

_EXAMPLES_MAX = 10


def heads_of(texts: Sequence[str]) -> list[Anchor]:
    """Read numbers and hashes of entries as somebody copies them from Z reports. Raises ``Misconfigured``."""
    try:
        return [typed(text, "the Z report") for text in texts]
    except Unreadable as problem:
        raise Misconfigured(
            verbatim(str(problem)), advice=m("Copy number and hash from the end of a Z report, like 1234:0f3a…")
        ) from None


async def look_from_outside(lines: Connections, heads: Sequence[str]) -> Finding:
    """Compare records with the journal, both ways, and the journal with ``heads``. Raises ``Refused``."""
    anchors = heads_of(heads)
    async with lines.open_database() as database:
        try:
            if database.is_sqlite:
                found = await asyncio.to_thread(verify, Path(str(database.url.database)), anchors)
            else:
                with tempfile.TemporaryDirectory() as folder:
                    await _export(database, Path(folder))
                    found = await asyncio.to_thread(verify, Path(folder), anchors)
        except Unreadable as problem:
            raise Refused(verbatim(str(problem)), advice=m("See docs/AUDITING.md.")) from None
    if not found:
        nothing = mn(
            "Nothing was changed past the program; compared with {count} anchor.",
            "Nothing was changed past the program; compared with {count} anchors.",
            count=len(anchors),
        )
        return Finding(level=Level.OK, message=nothing)
    examples = joined("; ", [verbatim(str(each)) for each in found[:_EXAMPLES_MAX]])
    return Finding(
        level=Level.WRONG,
        message=mn(
            "{count} finding: {examples}", "{count} findings: {examples}", count=len(found), examples=examples
        ),
        remedy=m("docs/AUDITING.md says what each means. Change nothing, and make a copy of the database first."),
    )


async def _export(database: Database, folder: Path) -> None:
    """Write what the auditor's program reads, as it stood at one moment."""
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        driver: Any = (await connection.get_raw_connection()).driver_connection
        async with driver.cursor() as cursor:
            await cursor.execute("SET LOCAL statement_timeout = 0")
            for name, asked in tables.statements().items():
                with (folder / f"{name}.csv").open("wb") as file:
                    try:
                        async with cursor.copy(tables.copied(asked)) as rows:
                            async for part in rows:
                                file.write(part)
                    except psycopg.errors.InsufficientPrivilege:
                        raise Refused(
                            m("This account of the database may not read all of it."),
                            advice=m("Run the audit with the account that owns the tables."),
                        ) from None
