"""Opening the database for a command."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from cashier.books.schema.revision import check_schema
from cashier.database import Database
from cashier.keychain import Keychain, Secret
from cashier.settings import Settings


@contextlib.asynccontextmanager
async def open_database(settings: Settings, keychain: Keychain) -> AsyncIterator[Database]:
    """Open the database of ``settings`` for the block. Raises ``Misconfigured`` unless its schema is ours."""
    database = Database(settings.database_url, password=keychain.find(Secret.DATABASE_PASSWORD))
    try:
        await check_schema(database)
        yield database
    finally:
        await database.close()
