"""The whole schema in one place, and the check that the database and this program belong together."""

from __future__ import annotations

import sqlalchemy as sa

from cashier.books import api_client as _clients
from cashier.books import card_reader as _readers
from cashier.books import difference as _reconciliation
from cashier.books import dispute as _disputes
from cashier.books import hospital as _desks
from cashier.books import invoice as _invoices
from cashier.books import payment as _payments
from cashier.books import receipt as _receipts
from cashier.books import refund as _refunds
from cashier.books import saved_card as _cards
from cashier.books import shift as _shifts
from cashier.books import staff as _staff
from cashier.books.from_hospital import message as _messages
from cashier.books.from_stripe import event as _stripe_inbox
from cashier.books.from_stripe.sweep_mark import SweepMark as _SweepMark
from cashier.books.journal import JournalEntry as _JournalEntry
from cashier.books.lease import Lease as _Lease
from cashier.books.outgoing import endpoint as _outgoing
from cashier.database import Base, Database
from cashier.errors import Misconfigured, Refused
from cashier.language import m

SCHEMA_REVISION = "0030"
"""The newest migration; a test holds it against the folder. Revisions are numbers that sort as text."""

MODELS = (
    _cards,
    _clients,
    _desks,
    _disputes,
    _invoices,
    _JournalEntry,
    _Lease,
    _outgoing,
    _messages,
    _payments,
    _readers,
    _receipts,
    _reconciliation,
    _refunds,
    _shifts,
    _staff,
    _stripe_inbox,
    _SweepMark,
)
"""Named so that every model is imported wherever ``metadata`` is used."""

metadata = Base.metadata


async def revision_of(database: Database) -> str | None:
    """Return the revision that ``database`` is on, or None where there is no schema yet."""
    async with database.reading() as session:
        connection = await session.connection()
        if not await connection.run_sync(lambda sync: sa.inspect(sync).has_table("alembic_version")):
            return None
        return (await connection.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()


async def check_schema(database: Database) -> None:
    """Refuse to work on a database that is older or newer than this program.

    Raises ``Misconfigured`` with what to do; changes nothing.
    """
    try:
        revision = await revision_of(database)
    except Refused as error:
        raise Misconfigured(error.message, advice=error.advice) from error
    if revision is None:
        raise Misconfigured(m("The database has no tables yet."), advice=m("Run: cashier migrate"))
    if revision < SCHEMA_REVISION:
        raise Misconfigured(
            m(
                "The database is older ({found}) than this program ({wanted}).",
                found=revision,
                wanted=SCHEMA_REVISION,
            ),
            advice=m("Make a backup, then run: cashier migrate"),
        )
    if revision > SCHEMA_REVISION:
        raise Misconfigured(
            m(
                "The database is newer ({found}) than this program ({wanted}).",
                found=revision,
                wanted=SCHEMA_REVISION,
            ),
            advice=m("Update Cashier on this machine; the database was left alone."),
        )
