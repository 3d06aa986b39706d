"""The command ``cashier hl7``: messages from files, and what of those that came could not be taken in."""

from __future__ import annotations

import argparse
import asyncio
import sys

from cashier import settings
from cashier.books.journal import Actor, staff_at
from cashier.database import Database
from cashier.errors import Misconfigured
from cashier.hl7.files import messages_in
from cashier.hl7.inbox import Hl7Inbox
from cashier.hl7.problems import MessageRefused, Unreadable
from cashier.hl7.showing import lines_of
from cashier.hl7.store import StoredMessage
from cashier.invoices.file_import import open_source
from cashier.keychain import Keychain
from cashier.language import Message, joined, m, mn, verbatim
from cashier.settings import Settings
from cashier.setup.access import open_database
from cashier.setup.placeholders import ACTION, FILE, NAME, NUMBER, TEXT
from cashier.setup.prompts import ask_secret
from cashier.staff.service import StaffService


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``import``, ``list``, ``show``, ``retry`` and ``set-aside``; the PIN is asked for, never an option."""
    actions = parser.add_subparsers(dest="action", required=True, metavar=str(ACTION))
    taken = actions.add_parser("import", help=str(m("take in the messages of a file")))
    taken.add_argument("file", metavar=str(FILE), help=str(m("messages of HL7 version 2; - for standard input")))
    listed = actions.add_parser("list", help=str(m("tell which messages could not be taken in, and why")))
    shown = actions.add_parser("show", help=str(m("show a message, without what is about the patient")))
    shown.add_argument("--whole", action="store_true", help=str(m("with all that is in it")))
    retried = actions.add_parser("retry", help=str(m("take in what could not be taken in before")))
    retried.add_argument(
        "--anyway",
        action="store_true",
        help=str(m("although a newer message, or another one by the same number, was there before")),
    )
    aside = actions.add_parser("set-aside", help=str(m("settle a message without taking it in")))
    aside.add_argument("--reason", required=True, metavar=str(TEXT), help=str(m("why; the journal keeps it")))
    for each in (shown, retried, aside):
        each.add_argument("number", type=int, metavar=str(NUMBER), help=str(m("of the message, as list says it")))
    for each in (listed, shown, retried, aside):
        each.add_argument(
            "--sign-in-name",
            required=True,
            metavar=str(NAME),
            help=str(m("of a supervisor or administrator; the PIN is asked")),
        )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for; return 1 where something is left to settle."""
    said, is_good = asyncio.run(_run(arguments, settings.load(arguments.settings)))
    sys.stdout.write(f"{said}\n")
    return 0 if is_good else 1


async def _run(arguments: argparse.Namespace, found: Settings) -> tuple[Message, bool]:
    if not found.hl7.invoice_number:
        raise Misconfigured(
            m("hl7.invoice_number is not set."),
            advice=m("Say in which field your system writes the number of an invoice, such as FT1-2 or PID-18."),
        )
    async with open_database(found, Keychain()) as database:
        inbox = Hl7Inbox(database, found.hl7, moves_money=found.moves_money)
        if arguments.action == "import":
            return await _import(inbox, arguments.file)
        return await _done(arguments, inbox, await _signed_in(database, arguments.sign_in_name), found)


async def _signed_in(database: Database, name: str) -> Actor:
    pin = await asyncio.to_thread(ask_secret, m("PIN"), repeat=False)
    signed_in = await StaffService(database).sign_in(name, pin, desk_id=None)
    return staff_at(staff_id=signed_in.staff_id)


async def _done(
    arguments: argparse.Namespace, inbox: Hl7Inbox, actor: Actor, found: Settings
) -> tuple[Message, bool]:
    match arguments.action:
        case "list":
            waiting = await inbox.waiting(actor)
            said = [_told(each) for each in waiting]
            return (joined("\n", said) if said else m("Every message is settled.")), not waiting
        case "show":
            message, content = await inbox.show(arguments.number, actor)
            fields = lines_of(content, found.hl7, is_whole=arguments.whole)
            return joined("\n", [_told(message), *map(verbatim, fields)]), True
        case "retry":
            problem = await inbox.retry(arguments.number, actor, anyway=arguments.anyway)
            if problem is not None:
                return _wrong(arguments.number, problem), False
            return m("Message {number} is taken in.", number=arguments.number), True
    await inbox.set_aside(arguments.number, arguments.reason, actor)
    return m("Message {number} is set aside.", number=arguments.number), True


async def _import(inbox: Hl7Inbox, name: str) -> tuple[Message, bool]:
    taken, said = 0, []
    with open_source(name) as stream:
        for number, content in enumerate(messages_in(stream), start=1):
            try:
                problem = (await inbox.take(content)).problem
            except Unreadable as unreadable:
                said.append(m("{number}: {problem}", number=number, problem=unreadable.words))
                continue
            if problem is None:
                taken += 1
            else:
                said.append(_wrong(number, problem))
    counts = mn("{count} message taken in, {refused} not.", "{count} messages taken in, {refused} not.",
                count=taken, refused=len(said))  # fmt: skip
    return joined("\n", [*said, counts]), not said


def _wrong(number: int, problem: MessageRefused) -> Message:
    return m("{number}: {problem}", number=number, problem=problem.words)


def _told(message: StoredMessage) -> Message:
    came = f"{message.received_at:%Y-%m-%d %H:%M} UTC"
    sender = "/".join(filter(None, (message.application, message.facility)))
    facts = [str(message.id), came, sender, message.control_id, message.kind, message.about, message.problem_at]
    problem = message.problem or str(m("It was not finished."))
    return joined("  ", [*(verbatim(each) for each in facts if each), verbatim(problem)])
