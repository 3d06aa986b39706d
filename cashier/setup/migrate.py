"""The command ``cashier migrate``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping

from cashier import settings
from cashier.books.schema.migration import migrate
from cashier.books.schema.revision import SCHEMA_REVISION, check_schema, revision_of
from cashier.books.schema.table_grants import Account, grant
from cashier.database import Database
from cashier.database.soundness import check_encoding
from cashier.keychain import Keychain, Secret
from cashier.language import Message, m
from cashier.setup.attesting import attest
from cashier.setup.placeholders import ROLE

_RIGHTS: Mapping[Account, Message] = {
    Account.DESK: m("give this account of PostgreSQL the rights of the desks, and no others; may be repeated"),
    Account.COMPANION: m(
        "give this account of PostgreSQL the rights of the companion, and no others; may be repeated"
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the accounts that get rights on PostgreSQL; the database itself is in the settings."""
    for account, words in _RIGHTS.items():
        parser.add_argument(f"--grant-{account}", action="append", default=[], metavar=str(ROLE), help=str(words))


def run(arguments: argparse.Namespace) -> int:
    """Bring the database to this program's schema, then give the accounts their rights; say what was done."""
    url = settings.load(arguments.settings).database_url
    password = Keychain().find(Secret.DATABASE_PASSWORD)
    before = asyncio.run(_revision_before(url, password))
    if before == SCHEMA_REVISION:
        done = m("The database is up to date (schema {revision}).", revision=SCHEMA_REVISION)
    else:
        migrate(url, password=password)
        done = _brought_from(before)
    sys.stdout.write(f"{done}\n")
    if asyncio.run(_attest(url, password)):
        stated = m("What was there before is stated in the journal, and proved from now on.")
        sys.stdout.write(f"{stated}\n")
    for account, roles in ((Account.DESK, arguments.grant_desk), (Account.COMPANION, arguments.grant_companion)):
        for role in roles:
            grant(url, account, role, password=password)
            sys.stdout.write(f"{_granted(account, role)}\n")
    return 0


def _brought_from(revision: str | None) -> Message:
    if revision is None:
        return m("The database was brought from an empty database to schema {revision}.", revision=SCHEMA_REVISION)
    return m(
        "The database was brought from schema {former} to schema {revision}.",
        former=revision,
        revision=SCHEMA_REVISION,
    )


def _granted(account: Account, role: str) -> Message:
    if account is Account.DESK:
        return m("The account “{account}” has the rights of a desk.", account=role)
    return m("The account “{account}” has the rights of a companion.", account=role)


async def _attest(url: str, password: str | None) -> bool:
    database = Database(url, password=password)
    try:
        return await attest(database)
    finally:
        await database.close()


async def _revision_before(url: str, password: str | None) -> str | None:
    database = Database(url, password=password)
    try:
        await check_encoding(database)
        revision = await revision_of(database)
        if revision is not None and revision > SCHEMA_REVISION:
            await check_schema(database)
        return revision
    finally:
        await database.close()
