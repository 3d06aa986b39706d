"""The command ``cashier import``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from pathlib import Path

from cashier import settings
from cashier.invoices.file_import import ImportReport, import_lines, open_source
from cashier.invoices.refused_lines import open_refused
from cashier.keychain import Keychain
from cashier.language import m
from cashier.settings import Settings
from cashier.setup.access import open_database
from cashier.setup.placeholders import FILE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, and what else can be done with it, to ``parser``."""
    parser.add_argument(
        "file",
        metavar=str(FILE),
        help=str(m("invoices as JSON, one a line (docs/IMPORT.md); - for standard input")),
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help=str(m("say what would become of every line, and change nothing")),
    )
    parser.add_argument(
        "--errors",
        type=Path,
        metavar=str(FILE),
        help=str(m("write the refused lines to FILE, to correct and import them")),
    )


def run(arguments: argparse.Namespace) -> int:
    """Take the file's invoices in; return 1 when lines of it were refused."""
    found = settings.load(arguments.settings)
    with contextlib.ExitStack() as stack:
        keep = None
        if arguments.errors is not None:
            keep = stack.enter_context(open_refused(arguments.errors, source=arguments.file))
        report = asyncio.run(_import(found, arguments.file, is_dry_run=arguments.dry_run))
        sys.stdout.write(f"{report.words}\n")
        if keep is not None:
            keep(report.problems)
    return 0 if report.is_complete else 1


async def _import(found: Settings, name: str, *, is_dry_run: bool) -> ImportReport:
    async with open_database(found, Keychain()) as database:
        with open_source(name) as lines:
            return await import_lines(database, lines, is_dry_run=is_dry_run)
