"""The command ``cashier merge``: two record numbers turned out to be one patient's."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import date

import sqlalchemy as sa

from cashier import clock, settings
from cashier.books.hospital import Hospital
from cashier.books.journal import staff_at
from cashier.database import Database
from cashier.errors import Refused
from cashier.invoices.people.merging import Merging, PatientMerging
from cashier.invoices.spelling import is_same_name
from cashier.keychain import Keychain
from cashier.language import NOTHING, Message, joined, m, mn
from cashier.settings import Settings
from cashier.setup.access import open_database
from cashier.setup.placeholders import NAME, NUMBER
from cashier.setup.prompts import ask_secret, is_terminal
from cashier.staff.service import StaffService


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add both record numbers and who merges them; the PIN is asked for, never an option."""
    parser.add_argument("old", metavar=str(NUMBER), help=str(m("the old record number")))
    parser.add_argument("into", metavar=str(NUMBER), help=str(m("the record number that stays")))
    parser.add_argument(
        "--sign-in-name", metavar=str(NAME), help=str(m("of a supervisor or administrator; the PIN is asked"))
    )
    parser.add_argument("--dry-run", action="store_true", help=str(m("say what would be merged, and change nothing")))
    parser.add_argument("--yes", action="store_true", help=str(m("do not ask once more")))


def run(arguments: argparse.Namespace) -> int:
    """Say what is merged, ask, and merge it; return 1 where it was not wanted after all."""
    return asyncio.run(_run(arguments, settings.load(arguments.settings)))


async def _run(arguments: argparse.Namespace, found: Settings) -> int:
    async with open_database(found, Keychain()) as database:
        merging = PatientMerging(database)
        planned = await merging.look(arguments.old, arguments.into)
        _say(_plan(planned, await _today(database)))
        if arguments.dry_run or planned.is_done:
            return 0
        if arguments.sign_in_name is None:
            raise Refused(m("Nobody is named who merges them."), advice=m("Add --sign-in-name."))
        if not arguments.yes and not _is_wanted():
            _say(m("Nothing was changed."))
            return 1
        pin = await asyncio.to_thread(ask_secret, m("PIN"), repeat=False)
        signed_in = await StaffService(database).sign_in(arguments.sign_in_name, pin, desk_id=None)
        done = await merging.merge(arguments.old, arguments.into, staff_at(staff_id=signed_in.staff_id))
        _say(
            m(
                "{old} leads to {stays} now; {followed} followed.",
                old=done.old.record_number,
                stays=done.stays.record_number,
                followed=_followed(done),
            )
        )
    return 0


def _plan(planned: Merging, today: date) -> Message:
    lines = [
        m("Old record: {patient}", patient=planned.old.in_a_line(today)),
        m("Stays: {patient}", patient=planned.stays.in_a_line(today)),
    ]
    if planned.is_done:
        return joined("\n", [*lines, m("They are merged already; nothing was changed.")])
    lines += _doubts(planned)
    return joined("\n", [*lines, m("{followed} follow. This cannot be taken back.", followed=_followed(planned))])


def _doubts(planned: Merging) -> list[Message]:
    old, stays = planned.old, planned.stays
    return [
        NOTHING if is_same_name(old.name, stays.name) else m("Their names differ."),
        m("Their dates of birth differ.") if old.born and stays.born and old.born != stays.born else NOTHING,
    ]


def _followed(merging: Merging) -> Message:
    return joined(
        ", ",
        [
            mn("{count} invoice", "{count} invoices", count=merging.invoices),
            mn("{count} payment", "{count} payments", count=merging.payments),
        ],
    )


def _is_wanted() -> bool:
    """Ask at the terminal. Raises ``Refused`` where nobody can be asked."""
    if not is_terminal():
        raise Refused(m("Nobody can be asked whether they are one patient."), advice=m("Add --yes."))
    yes = m("yes")
    return input(str(m("Are they one patient? Type {yes}: ", yes=yes))).strip().casefold() == str(yes)


async def _today(database: Database) -> date:
    async with database.reading() as session:
        zone = (await session.execute(sa.select(Hospital.time_zone))).scalar()
    return clock.today(zone or "UTC")


def _say(words: Message) -> None:
    sys.stdout.write(f"{words}\n")
