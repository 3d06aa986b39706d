"""The command ``cashier reader``: which card readers there are, and an administrator's work on them."""

from __future__ import annotations

import argparse
import asyncio
import sys

import sqlalchemy as sa

from cashier import settings
from cashier.assembly import Services, open_services
from cashier.books.hospital import Desk
from cashier.books.journal import staff_at
from cashier.errors import Refused
from cashier.keychain import Keychain
from cashier.language import m
from cashier.readers.service import CONDITION_WORDS, ReaderView
from cashier.settings import Settings
from cashier.setup.placeholders import ACTION, CODE, NAME, READER, TEXT
from cashier.setup.prompts import ask_secret
from cashier.stripe_gateway.terminal import LocationAddress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``list``, ``register``, ``rename`` and ``remove``; the PIN is asked for, never an option."""
    actions = parser.add_subparsers(dest="action", required=True, metavar=str(ACTION))
    actions.add_parser("list", help=str(m("tell which readers there are, and whether they are ready")))
    register = actions.add_parser("register", help=str(m("put a reader at a desk")))
    register.add_argument(
        "code",
        metavar=str(CODE),
        help=str(m("what the reader shows as its registration code, or its id (tmr_…) at Stripe")),
    )
    register.add_argument(
        "--desk",
        required=True,
        metavar=str(CODE),
        help=str(m("the desk that it stands at, such as D1")),
    )
    register.add_argument(
        "--label",
        required=True,
        metavar=str(TEXT),
        help=str(m("how cashiers call it, such as Counter 1")),
    )
    place = register.add_argument_group(
        str(m("where the hospital's readers stand")), str(m("Needed once, with the first reader."))
    )
    place.add_argument("--street", metavar=str(TEXT), default="", help=str(m("street and number")))
    place.add_argument("--postal-code", metavar=str(TEXT), default="")
    place.add_argument("--city", metavar=str(TEXT), default="")
    place.add_argument("--state", metavar=str(TEXT), default="", help=str(m("where the country has states")))
    place.add_argument("--country", metavar=str(CODE), default="", help=str(m("two letters, such as ES")))
    rename = actions.add_parser("rename", help=str(m("give a reader another label")))
    rename.add_argument("reader", metavar=str(READER), help=str(m("its id (tmr_…), as list shows it")))
    rename.add_argument("--label", required=True, metavar=str(TEXT), help=str(m("how cashiers call it")))
    remove = actions.add_parser("remove", help=str(m("take a reader away; the payments it took stay")))
    remove.add_argument("reader", metavar=str(READER), help=str(m("its id (tmr_…), as list shows it")))
    for each in (register, rename, remove):
        each.add_argument(
            "--sign-in-name",
            required=True,
            metavar=str(NAME),
            help=str(m("of an administrator; the PIN is asked")),
        )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for and say what was done."""
    sys.stdout.write(f"{asyncio.run(_run(arguments, settings.load(arguments.settings)))}\n")
    return 0


async def _run(arguments: argparse.Namespace, found: Settings) -> str:
    async with open_services(found, Keychain()) as services:
        if arguments.action == "list":
            return await _listed(services)
        pin = await asyncio.to_thread(ask_secret, m("PIN"), repeat=False)
        signed_in = await services.staff.sign_in(arguments.sign_in_name, pin, desk_id=None)
        actor = staff_at(staff_id=signed_in.staff_id)
        if arguments.action == "register":
            desk_id = await _desk(services, arguments.desk)
            view = await services.readers.register(
                desk_id, arguments.code, arguments.label, actor, address=_address(arguments)
            )
            return str(
                m(
                    "{reader} ({stripe_id}) stands at desk {desk} now.",
                    reader=view.label,
                    stripe_id=view.stripe_id,
                    desk=view.desk,
                )
            )
        reader = await _named(services, arguments.reader)
        if arguments.action == "rename":
            view = await services.readers.rename(reader.id, arguments.label, actor)
            return str(m("{former} is called {reader} now.", former=reader.label, reader=view.label))
        await services.readers.remove(reader.id, actor)
        return str(m("{reader} was taken away from desk {desk}.", reader=reader.label, desk=reader.desk))


async def _listed(services: Services) -> str:
    lines, nowhere = [], m("no desk")
    for view in await services.readers.everywhere():
        condition = CONDITION_WORDS[await services.readers.readiness(view.id)]
        lines.append(f"{view.desk:12}  {view.stripe_id:28}  {view.label}: {condition}")
    for each in await services.readers.without_desk():
        lines.append(f"{nowhere:12}  {each.stripe_id:28}  {each.label}")
    return "\n".join(lines) or str(m("There are no card readers."))


async def _desk(services: Services, code: str) -> int:
    is_counter = (Desk.is_active, Desk.is_counter)
    async with services.database.reading() as session:
        found = (await session.execute(sa.select(Desk.id).where(*is_counter, Desk.code == code))).scalar()
    if found is None:
        raise Refused(m("There is no desk {desk}.", desk=code), advice=m("Add it with: cashier setup --add-desk"))
    return found


async def _named(services: Services, stripe_id: str) -> ReaderView:
    for view in await services.readers.everywhere():
        if view.stripe_id == stripe_id:
            return view
    raise Refused(
        m("No desk has a reader {reader}.", reader=stripe_id),
        advice=m("See which there are: cashier reader list"),
    )


def _address(arguments: argparse.Namespace) -> LocationAddress | None:
    if not arguments.country:
        return None
    return LocationAddress(
        line1=arguments.street,
        postal_code=arguments.postal_code,
        city=arguments.city,
        state=arguments.state,
        country=arguments.country.upper(),
    )
