"""The command ``cashier keys``: which systems may ask over the API, and an administrator's work on their keys."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import timedelta

from cashier import settings
from cashier.assembly import Services, open_services
from cashier.books.api_client import Scope
from cashier.books.journal import Actor, staff_at
from cashier.clients.refund_limits import RefundLimit
from cashier.clients.service import ClientView, KeyView, NewKey
from cashier.errors import Refused
from cashier.keychain import Keychain
from cashier.language import Message, joined, m, verbatim
from cashier.settings import Settings
from cashier.setup.placeholders import ACTION, AMOUNT, CODE, KEY, NAME, NUMBER, SCOPE
from cashier.setup.prompts import ask_secret

_OVERLAP_HOURS_MAX = 24 * 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``list``, ``add``, ``limit``, ``rotate`` and ``revoke``; the PIN is asked for, never an option."""
    actions = parser.add_subparsers(dest="action", required=True, metavar=str(ACTION))
    listed = actions.add_parser("list", help=str(m("tell which systems may ask, and by which keys")))
    add = actions.add_parser("add", help=str(m("let another system ask; its key is shown once")))
    add.add_argument("client", metavar=str(NAME), help=str(m("how it is called, such as “Patient portal”")))
    add.add_argument(
        "--desk-code",
        required=True,
        metavar=str(CODE),
        help=str(m("what the numbers of its receipts begin with, such as WEB")),
    )
    add.add_argument(
        "--scope",
        action="append",
        required=True,
        metavar=str(SCOPE),
        help=str(m("what it may do; may be repeated: {scopes}", scopes=", ".join(Scope))),
    )
    limit = actions.add_parser("limit", help=str(m("say how much another system may refund by itself")))
    limit.add_argument("client", metavar=str(NAME))
    limit.add_argument("--each", required=True, metavar=str(AMOUNT), help=str(m("in one refund; 0: nothing")))
    limit.add_argument("--day", required=True, metavar=str(AMOUNT), help=str(m("in one day altogether")))
    rotate = actions.add_parser("rotate", help=str(m("make another key; the present ones end later")))
    rotate.add_argument("client", metavar=str(NAME))
    rotate.add_argument(
        "--overlap-hours",
        type=int,
        default=24,
        metavar=str(NUMBER),
        help=str(m("for how long the present keys hold besides")),
    )
    revoke = actions.add_parser("revoke", help=str(m("let one key, or a client with all its keys, count no more")))
    which = revoke.add_mutually_exclusive_group(required=True)
    which.add_argument("--key", metavar=str(KEY), help=str(m("the nine characters by which list names it")))
    which.add_argument("--client", metavar=str(NAME))
    for each in (listed, add, limit, rotate, revoke):
        each.add_argument(
            "--sign-in-name", required=True, metavar=str(NAME), help=str(m("of an administrator; the PIN is asked"))
        )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for and say what was done."""
    sys.stdout.write(f"{asyncio.run(_run(arguments, settings.load(arguments.settings)))}\n")
    return 0


async def _run(arguments: argparse.Namespace, found: Settings) -> str:
    async with open_services(found, Keychain()) as services:
        pin = await asyncio.to_thread(ask_secret, m("PIN"), repeat=False)
        signed_in = await services.staff.sign_in(arguments.sign_in_name, pin, desk_id=None)
        return str(await _done(arguments, services, staff_at(staff_id=signed_in.staff_id)))


async def _done(arguments: argparse.Namespace, services: Services, actor: Actor) -> Message:
    match arguments.action:
        case "list":
            limits = {limit.client: limit for limit in await services.client_limits.all(actor)}
            told = [_told(client, limits.get(client.name)) for client in await services.clients.all(actor)]
            return joined("\n", told) if told else m("No other system may ask.")
        case "add":
            scopes = [_scope(text) for text in arguments.scope]
            return _shown(await services.clients.add(arguments.client, arguments.desk_code, scopes, actor))
        case "limit":
            given = await services.client_limits.set(arguments.client, arguments.each, arguments.day, actor)
            return _told_limit(given)
        case "rotate":
            overlap = _overlap(arguments.overlap_hours)
            return _shown(await services.clients.rotate(arguments.client, actor, overlap=overlap))
    if arguments.key is not None:
        await services.clients.end_key(arguments.key, actor)
        return m("Key {key} counts no more.", key=arguments.key)
    await services.clients.end(arguments.client, actor)
    return m("{client} and all its keys count no more.", client=arguments.client)


def _shown(made: NewKey) -> Message:
    return joined(
        "\n",
        [
            m("The key of {client}. It is shown this once; keep it like a password.", client=made.client),
            verbatim(made.text),
        ],
    )


def _told(client: ClientView, limit: RefundLimit | None) -> Message:
    ended = m("ended {day}", day=client.ended_at.date()) if client.ended_at is not None else verbatim(client.desk)
    first = verbatim(f"{client.name} ({ended}): {' '.join(client.scopes)}")
    refunds = [] if limit is None else [joined("", [verbatim("  "), _told_limit(limit)])]
    return joined("\n", [first, *refunds, *(_told_key(key) for key in client.keys)])


def _told_limit(limit: RefundLimit) -> Message:
    if not limit.each:
        return m("Somebody decides about every refund that {client} asks for.", client=limit.client)
    return m(
        "{client} may refund up to {each} each and {day} a day by itself.",
        client=limit.client,
        each=limit.each,
        day=limit.day,
    )


def _told_key(key: KeyView) -> Message:
    used = m("never used") if key.last_used_at is None else m("last used {day}", day=key.last_used_at.date())
    facts = [verbatim(f"  {key.public_id}"), m("since {day}", day=key.created_at.date()), used]
    if key.ends_at is not None:
        facts.append(m("until {moment}", moment=f"{key.ends_at:%Y-%m-%d %H:%M} UTC"))
    return joined(", ", facts)


def _scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise Refused(
            m("There is no scope “{scope}”.", scope=text),
            advice=m("Name one or several of these: {scopes}.", scopes=", ".join(Scope)),
        ) from None


def _overlap(hours: int) -> timedelta:
    if not 0 <= hours <= _OVERLAP_HOURS_MAX:
        raise Refused(
            m("Keys overlap for 0 to {most} hours.", most=_OVERLAP_HOURS_MAX), advice=m("Give a smaller number.")
        )
    return timedelta(hours=hours)
