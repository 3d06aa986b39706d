"""Accounts of PostgreSQL with the rights of each kind, and services that work as one of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import msgspec
import pytest
from psycopg import sql

from cashier.assembly import open_services
from cashier.books.schema.table_grants import Account, grant
from cashier.settings import DatabaseSettings


@pytest.fixture
def roles(postgres) -> Iterator[dict[Account, str]]:
    """An account of each kind, without any right yet. Their names need quoting, as hospitals' names do."""
    names = {account: f'{account} "{secrets.token_hex(4)}"' for account in Account}
    for name in names.values():
        postgres.order(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    yield names
    for name in names.values():
        postgres.order(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


@pytest.fixture
def url_of(roles, hospital, postgres) -> Iterator[dict[Account, str]]:
    """The addresses at which the accounts find the sample hospital, with the rights of their kind."""
    for account, name in roles.items():
        grant(hospital.url, account, name)
    database = hospital.url.rpartition("/")[2]
    yield {account: postgres.url(database, role=name.replace('"', "%22").replace(" ", "%20"))
           for account, name in roles.items()}  # fmt: skip
    # An account can go only when nothing is granted to it any more.
    for name in roles.values():
        postgres.order(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)), database=database)


@pytest.fixture
def open_as(settings, keychain, url_of):
    """Open all services as an account: ``async with open_as(Account.DESK) as services``."""

    def open_them(account: Account):
        database = DatabaseSettings(url=url_of[account])
        return open_services(msgspec.structs.replace(settings, database=database), keychain)

    return open_them
