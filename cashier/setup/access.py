"""Opening the database for a command."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from cashier.books.schema.revision import check_schema
from cashier.database import Database
from cashier.database.soundness import check_encoding
from cashier.keychain import Keychain, Secret
from cashier.settings import Settings


@contextlib.asynccontextmanager
async def open_database(settings: Settings, keychain: Keychain) -> AsyncIterator[Database]:
    """Open the database of ``settings`` for the block.

    Raises ``Misconfigured`` unless its schema is ours and it keeps all letters.
    """
    database = Database(settings.database_url, password=keychain.find(Secret.DATABASE_PASSWORD))
    try:
        await check_schema(database)
        await check_encoding(database)
        yield database
    finally:
        await database.close()
