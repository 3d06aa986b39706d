"""The command ``cashier migrate``."""

from __future__ import annotations

import argparse
import asyncio
import sys

from cashier import settings
from cashier.database import Database
from cashier.keychain import Keychain, Secret
from cashier.migration import migrate
from cashier.schema import SCHEMA_REVISION, check_schema, revision_of


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Add nothing: the database is in the settings."""


def run(arguments: argparse.Namespace) -> int:
    """Bring the database to this program's schema and say from where to where."""
    url = settings.load(arguments.settings).database_url
    password = Keychain().find(Secret.DATABASE_PASSWORD)
    before = asyncio.run(_revision_before(url, password))
    if before == SCHEMA_REVISION:
        sys.stdout.write(f"The database is up to date (schema {SCHEMA_REVISION}).\n")
        return 0
    migrate(url, password=password)
    came_from = f"schema {before}" if before else "an empty database"
    sys.stdout.write(f"The database was brought from {came_from} to schema {SCHEMA_REVISION}.\n")
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
