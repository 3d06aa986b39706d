"""The command ``cashier events``: to which systems events of money are sent, and what has not got there."""

from __future__ import annotations

import argparse
import asyncio
import sys
import uuid
from datetime import UTC, datetime

from cashier import settings
from cashier.assembly import Services, open_services
from cashier.books.journal import Actor, staff_at
from cashier.errors import Refused
from cashier.identifiers import id_from
from cashier.keychain import Keychain
from cashier.language import Message, joined, m, mn, verbatim
from cashier.outbox.endpoints import EndpointView, GivenUp
from cashier.outbox.sending import Outcome
from cashier.outbox.signing import new_secret
from cashier.settings import Settings
from cashier.setup.placeholders import ACTION, ADDRESS, ID, MOMENT, NAME
from cashier.setup.prompts import ask_secret


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``list``, ``add``, ``off``, ``on``, ``test``, ``given-up`` and ``replay``; the PIN is asked for."""
    actions = parser.add_subparsers(dest="action", required=True, metavar=str(ACTION))
    listed = actions.add_parser("list", help=str(m("tell where events are sent, and what waits or was given up")))
    add = actions.add_parser("add", help=str(m("send events to another system; its secret is shown once")))
    add.add_argument("name", metavar=str(NAME), help=str(m("how it is called, in small letters, such as hmis")))
    add.add_argument("url", metavar=str(ADDRESS), help=str(m("where it takes events, such as https://hmis/events")))
    off = actions.add_parser("off", help=str(m("send it no more events")))
    on = actions.add_parser("on", help=str(m("send it events again")))
    test = actions.add_parser("test", help=str(m("send it one event that says nothing, and tell what it answered")))
    given_up = actions.add_parser("given-up", help=str(m("tell which events did not get there in three days")))
    replay = actions.add_parser("replay", help=str(m("send events again, with the same ids")))
    for each in (off, on, test, replay):
        each.add_argument("name", metavar=str(NAME))
    which = replay.add_mutually_exclusive_group(required=True)
    which.add_argument("--event", metavar=str(ID), help=str(m("the one with this id")))
    which.add_argument(
        "--since", metavar=str(MOMENT), help=str(m("all that happened since, such as 2026-11-23T08:00 (UTC)"))
    )
    for each in (listed, add, off, on, test, given_up, replay):
        each.add_argument(
            "--sign-in-name", required=True, metavar=str(NAME), help=str(m("of an administrator; the PIN is asked"))
        )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for and say what was done; return 1 where a test event did not arrive."""
    told, is_good = asyncio.run(_run(arguments, settings.load(arguments.settings)))
    sys.stdout.write(f"{told}\n")
    return 0 if is_good else 1


async def _run(arguments: argparse.Namespace, found: Settings) -> tuple[Message, bool]:
    async with open_services(found, Keychain()) as services:
        pin = await asyncio.to_thread(ask_secret, m("PIN"), repeat=False)
        signed_in = await services.staff.sign_in(arguments.sign_in_name, pin, desk_id=None)
        actor = staff_at(staff_id=signed_in.staff_id)
        if arguments.action == "test":
            await services.endpoints.all(actor)
            outcome = await services.outbox.try_out(arguments.name)
            return _told_outcome(arguments.name, outcome), outcome.is_delivered
        return await _done(arguments, services, actor), True


async def _done(arguments: argparse.Namespace, services: Services, actor: Actor) -> Message:
    endpoints = services.endpoints
    match arguments.action:
        case "list":
            told = [_told(each) for each in await endpoints.all(actor)]
            return joined("\n", told) if told else m("Events are sent nowhere.")
        case "given-up":
            lost = [_told_given_up(each) for each in await endpoints.given_up(actor)]
            return joined("\n", lost) if lost else m("No event was given up.")
        case "add":
            await endpoints.add(arguments.name, arguments.url, actor)
            return _shown(arguments.name)
        case "replay":
            count = await _replay(arguments, services, actor)
            return mn(
                "An event is sent to {endpoint} again.",
                "{count} events are sent to {endpoint} again.",
                count=count,
                endpoint=arguments.name,
            )
    await endpoints.switch(arguments.name, actor, on=arguments.action == "on")
    if arguments.action == "on":
        return m(
            "Events are sent to {endpoint} again; replay sends what happened meanwhile.", endpoint=arguments.name
        )
    return m("No events are sent to {endpoint} any more.", endpoint=arguments.name)


def _shown(name: str) -> Message:
    return joined(
        "\n",
        [
            m("Events are sent to {endpoint} from now on. Its secret is shown this once:", endpoint=name),
            verbatim(f"{name}={new_secret()}"),
            m(
                "Give that system what follows “=”. Where each companion runs, store the line, with those of other "
                "endpoints after a blank: cashier secret set event-secrets"
            ),
        ],
    )


async def _replay(arguments: argparse.Namespace, services: Services, actor: Actor) -> int:
    if arguments.event is not None:
        return await services.endpoints.replay_one(arguments.name, _id(arguments.event), actor)
    return await services.endpoints.replay_since(arguments.name, _moment(arguments.since), actor)


def _id(text: str) -> uuid.UUID:
    found = id_from(text)
    if found is None:
        raise Refused(m("“{text}” is no event's id.", text=text), advice=m("See: cashier events given-up"))
    return found


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            m("“{text}” is no moment.", text=text), advice=m("Write it like 2026-11-23T08:00, in UTC.")
        ) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _told(endpoint: EndpointView) -> Message:
    lines: list[Message] = []
    if endpoint.off_at is not None:
        why = m("it answered that it wants no more") if endpoint.off_reason == "gone" else m("somebody decided so")
        lines.append(m("off since {moment}: {why}", moment=_written(endpoint.off_at), why=why))
    lines.append(m("waiting: {waiting}, given up: {given_up}", waiting=endpoint.waiting, given_up=endpoint.given_up))
    if endpoint.oldest_at is not None:
        lines.append(m("the oldest is of {moment}", moment=_written(endpoint.oldest_at)))
    if endpoint.last_status is not None or endpoint.last_error is not None:
        lines.append(m("the last attempt: {how}", how=_how(endpoint.last_status, endpoint.last_error)))
    indented = [joined("", [verbatim("  "), line]) for line in lines]
    return joined("\n", [verbatim(f"{endpoint.name}: {endpoint.url}"), *indented])


def _told_given_up(lost: GivenUp) -> Message:
    how = _how(lost.last_status, lost.last_error)
    return verbatim(f"{lost.event_id}  {lost.endpoint}  {_written(lost.at)}  {lost.kind}  {how}")


def _told_outcome(name: str, outcome: Outcome) -> Message:
    if outcome.is_delivered:
        return m("{endpoint} took it ({status}).", endpoint=name, status=outcome.status)
    return m("{endpoint} did not take it: {how}.", endpoint=name, how=_how(outcome.status, outcome.error))


def _how(status: int | None, error: str | None) -> str:
    return str(status) if status is not None else error or "?"


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
