"""The command ``cashier import``."""

from __future__ import annotations

import argparse
import asyncio
import sys

from cashier import settings
from cashier.invoices.file_import import ImportReport, import_lines, open_source
from cashier.keychain import Keychain
from cashier.language import m
from cashier.settings import Settings
from cashier.setup.access import open_database
from cashier.setup.placeholders import FILE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file to ``parser``."""
    parser.add_argument(
        "file",
        metavar=str(FILE),
        help=str(m("invoices as JSON, one a line (docs/IMPORT.md); - for standard input")),
    )


def run(arguments: argparse.Namespace) -> int:
    """Take the file's invoices in; return 1 when lines of it were refused."""
    report = asyncio.run(_import(settings.load(arguments.settings), arguments.file))
    sys.stdout.write(f"{report.words}\n")
    return 0 if report.is_complete else 1


async def _import(found: Settings, name: str) -> ImportReport:
    async with open_database(found, Keychain()) as database:
        with open_source(name) as lines:
            return await import_lines(database, lines)
