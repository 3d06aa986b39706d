"""The command ``cashier fhir``: invoices from files of FHIR, one resource a file, or one a line."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator
from typing import BinaryIO

from cashier import settings
from cashier.books import journal
from cashier.errors import CashierError, Party
from cashier.fhir.elements import BYTES_MAX, read_json
from cashier.fhir.invoice import FhirVersion
from cashier.fhir.problems import ResourceRefused
from cashier.fhir.taking import take_resource
from cashier.invoices.file_import import open_source
from cashier.keychain import Keychain
from cashier.language import Message, joined, m, mn
from cashier.settings import Settings
from cashier.setup.access import open_database
from cashier.setup.placeholders import FILE, ID


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, and which version of FHIR it is: that is never guessed."""
    parser.add_argument(
        "file",
        metavar=str(FILE),
        help=str(m("Invoices, or bundles of them, as JSON: one, or one a line; - for standard input")),
    )
    parser.add_argument(
        "--fhir-version",
        required=True,
        choices=[each.value for each in FhirVersion],
        metavar=str(ID),
        help=str(m("r4 or r5")),
    )


def run(arguments: argparse.Namespace) -> int:
    """Take in what the file has; return 1 where something was not taken in."""
    found = settings.load(arguments.settings)
    said, is_good = asyncio.run(_import(found, arguments.file, FhirVersion(arguments.fhir_version)))
    sys.stdout.write(f"{said}\n")
    return 0 if is_good else 1


async def _import(found: Settings, name: str, version: FhirVersion) -> tuple[Message, bool]:
    taken, said = 0, []
    async with open_database(found, Keychain()) as database:
        with open_source(name) as stream:
            for number, content in enumerate(_resources_in(stream), start=1):
                try:
                    done = await take_resource(
                        database, content, version, found.fhir, journal.PROGRAM, moves_money=found.moves_money
                    )
                except CashierError as error:
                    if error.by is Party.DATABASE:
                        raise
                    said.append(m("{number}: {problem}", number=number, problem=error.words))
                else:
                    taken += len(done.numbers)
                    said += [
                        m("{number}: {invoice} is balanced elsewhere, so it is not owed here.",
                          number=number, invoice=each)
                        for each in done.elsewhere
                    ]  # fmt: skip
    counts = mn("{count} invoice taken in.", "{count} invoices taken in.", count=taken)
    return joined("\n", [*said, counts]), not said


def _resources_in(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what stands in a file: one on each line (NDJSON) where the first line is one, else all of it as one."""
    first = stream.readline(BYTES_MAX + 1)
    if not _is_whole(first):
        yield first + stream.read(BYTES_MAX + 1)
        return
    yield first
    while line := stream.readline(BYTES_MAX + 1):
        if line.strip():
            yield line


def _is_whole(line: bytes) -> bool:
    try:
        read_json(line)
    except ResourceRefused:
        return False
    return True
