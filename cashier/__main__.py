"""The command ``cashier``. Each command imports its own room only, so that each starts fast."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from cashier import __version__
from cashier.errors import CashierError
from cashier.language import Message, language_of_environment, m, mc, use_language
from cashier.language.command_line import translate_argparse


@dataclass(frozen=True, kw_only=True)
class _Command:
    """Where a command lives, and what it does in a few words."""

    module: str
    help: Message


class _Room(Protocol):
    """What a command's module has."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's own options."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it; return the exit status."""


COMMANDS: Mapping[str, _Command] = {
    "desk": _Command(module="cashier.desk.command", help=m("open the cashier's window")),
    "companion": _Command(module="cashier.companion.command", help=m("receive Stripe's webhooks")),
    "demo": _Command(module="cashier.demo.command", help=m("try everything on a sample hospital; no money moves")),
    "doctor": _Command(module="cashier.doctor.command", help=m("say what works and what does not")),
    "migrate": _Command(module="cashier.setup.migrate", help=m("bring the database up to date")),
    "backup": _Command(module="cashier.setup.backup", help=m("copy the embedded database into one file")),
    "restore": _Command(module="cashier.setup.restore", help=m("put a backup back as the embedded database")),
    "setup": _Command(module="cashier.setup.command", help=m("set the hospital up; add desks and people")),
    "secret": _Command(module="cashier.setup.secret", help=m("keep keys and passwords in the keyring")),
    "reader": _Command(module="cashier.setup.readers", help=m("put card readers at desks")),
    "keys": _Command(module="cashier.setup.keys", help=m("let other systems ask over the API")),
    "events": _Command(module="cashier.setup.events", help=m("send other systems what happens to money")),
    "import": _Command(module="cashier.setup.import_invoices", help=m("take in invoices from a file")),
    "fhir": _Command(module="cashier.setup.fhir.command", help=m("take in invoices of FHIR from a file")),
    "hl7": _Command(module="cashier.setup.hl7.command", help=m("take in messages of HL7, and settle what is left")),
    "merge": _Command(module="cashier.setup.merge_patients", help=m("merge two records of one patient")),
    "books": _Command(module="cashier.setup.books", help=m("write the double-entry ledger for accountants")),
    "sandbox": _Command(module="cashier.sandbox.command", help=m("run a stand-in for Stripe on this machine")),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0 good, 1 bad news, 2 it could not be done."""
    _say_what_can_be_said()
    use_language(language_of_environment())
    given = list(sys.argv[1:] if argv is None else argv)
    arguments = _parser(next((each for each in given if each in COMMANDS), None)).parse_args(given)
    earlier = signal.signal(signal.SIGINT, _interrupt)
    try:
        return _room(arguments.command).run(arguments)
    except CashierError as error:
        sys.stderr.write(f"cashier {arguments.command}: {error.message}\n")
        if error.advice:
            sys.stderr.write(f"{error.advice}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        return 130
    except BrokenPipeError:
        # Whoever read our output has left, as with “| head”; the interpreter must not write to it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    finally:
        signal.signal(signal.SIGINT, earlier)


def _say_what_can_be_said() -> None:
    """Show a question mark for a letter that the terminal does not have, as under ``LC_ALL=C`` or code page 437."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _interrupt(_number: int, _frame: object) -> None:
    """Stop at once on Ctrl-C, also at a prompt: asyncio's own way would wait until the prompt is answered."""
    raise KeyboardInterrupt


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    """Build the parser; only the chosen command's own options are known, and only its module is imported."""
    translate_argparse()
    parser = argparse.ArgumentParser(prog="cashier", description=str(m("The payment desk for hospitals.")))
    parser.add_argument(
        "--version",
        action="version",
        version=f"Cashier {__version__}",
        help=str(m("show program's version number and exit")),
    )
    file = str(mc("placeholder", "FILE"))
    parser.add_argument(
        "--settings", type=Path, metavar=file, default=None, help=str(m("read the settings from FILE"))
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar=str(mc("placeholder", "COMMAND")))
    for name, command in COMMANDS.items():
        each = commands.add_parser(name, help=str(command.help))
        # Suppressed, so that the option counts on either side of the command.
        each.add_argument("--settings", type=Path, metavar=file, default=argparse.SUPPRESS, help=str(m("as above")))
        if name == chosen:
            _room(name).add_arguments(each)
    return parser


def _room(command: str) -> _Room:
    return cast(_Room, importlib.import_module(COMMANDS[command].module))


if __name__ == "__main__":
    sys.exit(main())
