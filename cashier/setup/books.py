"""The command ``cashier books``: the double-entry ledger as files for accountants and their programs."""

from __future__ import annotations

import argparse
import asyncio
import sys
from datetime import date
from pathlib import Path

from cashier import settings
from cashier.books.journal import staff_at
from cashier.errors import Refused
from cashier.keychain import Keychain
from cashier.language import Message, m, mn, sentences, verbatim
from cashier.ledger.chart import DEFAULT_CHART, load_chart, written
from cashier.ledger.days import Period
from cashier.ledger.files import Form
from cashier.ledger.service import Ledger, Written
from cashier.settings import Settings
from cashier.setup.access import open_database
from cashier.setup.placeholders import ACTION, DAY, FILE, NAME
from cashier.setup.prompts import ask_secret
from cashier.staff.service import StaffService

_TOTALS = "totals"
_ACCOUNTS = "accounts"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one action for each form, ``totals`` and ``accounts``; the PIN is asked for, never an option."""
    actions = parser.add_subparsers(dest="action", required=True, metavar=str(ACTION))
    actions.add_parser(
        _ACCOUNTS, help=str(m("show the accounts, as a file to give them numbers and names of your own"))
    )
    for name, words in (
        (Form.HLEDGER.value, m("write entries for hledger")),
        (Form.BEANCOUNT.value, m("write entries for beancount")),
        (Form.CSV.value, m("write a line for each side of each entry")),
        (Form.DAYS.value, m("write what each day comes to on each account")),
        (_TOTALS, m("write what was taken by day, desk, tender and department")),
    ):
        each = actions.add_parser(name, help=str(words))
        each.add_argument("file", type=Path, metavar=str(FILE), help=str(m("what is written")))
        each.add_argument("--from", dest="first", metavar=str(DAY), help=str(m("the first day, such as 2026-11-01")))
        each.add_argument("--until", dest="last", metavar=str(DAY), help=str(m("the last day")))
        each.add_argument("--replace", action="store_true", help=str(m("replace a file that is there")))
        each.add_argument(
            "--sign-in-name",
            required=True,
            metavar=str(NAME),
            help=str(m("of an auditor or administrator; the PIN is asked")),
        )
        if name != _TOTALS:
            each.add_argument(
                "--accounts", type=Path, metavar=str(FILE), help=str(m("numbers and names of the accounts"))
            )


def run(arguments: argparse.Namespace) -> int:
    """Write what was asked for, and say whether the same days will give the same file again."""
    if arguments.action == _ACCOUNTS:
        sys.stdout.write(written())
        return 0
    period = Period(first=_day(arguments.first), last=_day(arguments.last))
    period.check()
    done = asyncio.run(_write(arguments, period, settings.load(arguments.settings)))
    sys.stdout.write(f"{_told(arguments.file, done)}\n")
    return 0


async def _write(arguments: argparse.Namespace, period: Period, found: Settings) -> Written:
    accounts = None if arguments.action == _TOTALS else arguments.accounts
    chart = DEFAULT_CHART if accounts is None else load_chart(accounts)
    async with open_database(found, Keychain()) as database:
        pin = await asyncio.to_thread(ask_secret, m("PIN"), repeat=False)
        signed_in = await StaffService(database).sign_in(arguments.sign_in_name, pin, desk_id=None)
        actor, ledger, file = staff_at(staff_id=signed_in.staff_id), Ledger(database), arguments.file
        if arguments.action == _TOTALS:
            return await ledger.write_totals(file, period, actor, replaces=arguments.replace)
        form = Form(arguments.action)
        return await ledger.write(form, file, period, actor, chart=chart, replaces=arguments.replace)


def _day(typed: str | None) -> date | None:
    """Read a day. Raises ``Refused`` for what is none."""
    try:
        return None if typed is None else date.fromisoformat(typed)
    except ValueError as error:
        raise Refused(
            m("“{typed}” is no day.", typed=verbatim(typed or "")), advice=m("Write it as 2026-11-01.")
        ) from error


def _told(file: Path, done: Written) -> Message:
    count = mn(
        "{count} entry was written to {file}.",
        "{count} entries were written to {file}.",
        count=done.count,
        file=file.name,
    )
    if done.is_over:
        return sentences(count, m("These days are over: they will give the same file again."))
    return sentences(count, m("The last day is not over yet, and may get more entries."))
