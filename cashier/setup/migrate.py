"""The command ``cashier migrate``."""

from __future__ import annotations

import argparse
import asyncio
import sys

from cashier import settings
from cashier.books.schema.migration import migrate
from cashier.books.schema.revision import SCHEMA_REVISION, check_schema, revision_of
from cashier.books.schema.table_grants import Account, grant
from cashier.database import Database
from cashier.keychain import Keychain, Secret


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the accounts that get rights on PostgreSQL; the database itself is in the settings."""
    for account, whose in ((Account.DESK, "the desks"), (Account.COMPANION, "the companion")):
        parser.add_argument(
            f"--grant-{account}", action="append", default=[], metavar="ROLE",
            help=f"give this account of PostgreSQL the rights of {whose}, and no others; may be repeated",
        )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Bring the database to this program's schema, then give the accounts their rights; say what was done."""
    url = settings.load(arguments.settings).database_url
    password = Keychain().find(Secret.DATABASE_PASSWORD)
    before = asyncio.run(_revision_before(url, password))
    if before == SCHEMA_REVISION:
        sys.stdout.write(f"The database is up to date (schema {SCHEMA_REVISION}).\n")
    else:
        migrate(url, password=password)
        came_from = f"schema {before}" if before else "an empty database"
        sys.stdout.write(f"The database was brought from {came_from} to schema {SCHEMA_REVISION}.\n")
    for account, roles in ((Account.DESK, arguments.grant_desk), (Account.COMPANION, arguments.grant_companion)):
        for role in roles:
            grant(url, account, role, password=password)
            sys.stdout.write(f"The account “{role}” has the rights of a {account}.\n")
    return 0


async def _revision_before(url: str, password: str | None) -> str | None:
    database = Database(url, password=password)
    try:
        revision = await revision_of(database)
        if revision is not None and revision > SCHEMA_REVISION:
            await check_schema(database)
        return revision
    finally:
        await database.close()
