"""The command ``cashier import``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cashier import settings
from cashier.invoices.arriving.entries import Entry, Form
from cashier.invoices.arriving.profile import Profile, load_profile
from cashier.invoices.arriving.report import ImportReport
from cashier.invoices.file_import import Watch, form_of, import_file, open_source, unwatched
from cashier.invoices.refused_lines import open_refused
from cashier.keychain import Keychain
from cashier.language import m
from cashier.money import Money
from cashier.settings import Settings
from cashier.setup.access import open_database
from cashier.setup.placeholders import FILE

_SHOWN = 5
_SAY_EVERY_SECONDS = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, and what else can be done with it, to ``parser``."""
    parser.add_argument(
        "file",
        metavar=str(FILE),
        help=str(m("invoices as JSON, one a line, or as CSV (docs/IMPORT.md); - for standard input")),
    )
    parser.add_argument(
        "--profile",
        type=Path,
        metavar=str(FILE),
        help=str(m("read it as CSV that is written as FILE says")),
    )
    parser.add_argument(
        "--preview",
        action="store_true",
        help=str(m("show how the file is read and its first invoices, and take nothing in")),
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
    profile = None if arguments.profile is None else load_profile(arguments.profile)
    if arguments.preview:
        return _preview(arguments.file, profile)
    found = settings.load(arguments.settings)
    with contextlib.ExitStack() as stack:
        keep = None
        if arguments.errors is not None:
            keep = stack.enter_context(open_refused(arguments.errors, source=arguments.file))
        report = asyncio.run(_import(found, arguments.file, profile, is_dry_run=arguments.dry_run))
        sys.stdout.write(f"{report.words}\n")
        if keep is not None:
            keep(report)
    return 0 if report.is_complete else 1


async def _import(found: Settings, name: str, profile: Profile | None, *, is_dry_run: bool) -> ImportReport:
    async with open_database(found, Keychain()) as database:
        with open_source(name) as stream, _progress() as watch:
            form = form_of(stream, name, profile)
            return await import_file(database, stream, form, is_dry_run=is_dry_run, watch=watch)


@contextlib.contextmanager
def _progress() -> Iterator[Watch]:
    """Say on a terminal how far it is, and take the line away at the end."""
    if not sys.stderr.isatty():
        yield unwatched
        return
    said_at = 0.0

    def watch(done: int, total: int | None) -> None:
        nonlocal said_at
        if done == total or time.monotonic() - said_at >= _SAY_EVERY_SECONDS:
            said_at = time.monotonic()
            words = (
                m("{done} invoices checked", done=done)
                if total is None
                else m("{done} of {total} invoices", done=done, total=total)
            )
            sys.stderr.write(f"\r\x1b[K{words}")
            sys.stderr.flush()

    try:
        yield watch
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _preview(name: str, profile: Profile | None) -> int:
    with open_source(name) as stream:
        form = form_of(stream, name, profile)
        shown = _first(stream, form)
    sys.stdout.write(f"{form.about}\n\n")
    for entry in shown:
        sys.stdout.write(f"{_line(entry)}\n")
    nothing = m("Nothing was taken in.")
    sys.stdout.write(f"{nothing}\n")
    return 0 if all(entry.problem is None for entry in shown) else 1


def _first(stream: BinaryIO, form: Form) -> list[Entry]:
    stream.seek(0)
    return list(itertools.islice(form.read(stream), _SHOWN))


def _line(entry: Entry) -> str:
    invoice = entry.invoice
    if invoice is None:
        return str(m("Line {number}: {problem}", number=entry.line, problem=entry.problem))
    total = Money(sum(line.total_minor for line in invoice.lines), invoice.currency)
    said = m(
        "Line {line}: {number}, {patient} ({record}), {department}, {total}, of it {share} the insurer's, due {day}",
        line=entry.line,
        number=invoice.number,
        patient=invoice.patient_name,
        record=invoice.record_number,
        department=invoice.department,
        total=total,
        share=Money(invoice.insurer_share_minor, invoice.currency),
        day=invoice.due_on.isoformat(),
    )
    return str(said)
