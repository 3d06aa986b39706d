"""The command ``cashier restore``: a backup becomes the embedded database again; what was there is kept beside it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from cashier import settings
from cashier.books.schema.revision import SCHEMA_REVISION
from cashier.clock import now
from cashier.database.copying import check_whole, copy_to, discard, make_one_file, put_in_place, refusals_of
from cashier.errors import Misconfigured, Refused
from cashier.language import Message, m, mc
from cashier.setup.backup import Contents, contents_of, embedded_file

_DRAFT = ".restoring"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the backup that is to be put back."""
    file = str(mc("placeholder", "FILE"))
    parser.add_argument("file", type=Path, metavar=file, help=str(m("a backup that “cashier backup” has made")))


def run(arguments: argparse.Namespace) -> int:
    """Check the backup, put it in place of the database, check that, and say what to do next.

    Raises ``Refused`` for what is no whole backup and while the database is in use, ``Misconfigured`` for a backup
    of a newer program: nothing was changed then.
    """
    file = embedded_file(settings.load(arguments.settings), instead="pg_restore")
    backup: Path = arguments.file.absolute()
    if backup.resolve() == file:
        raise Refused(m("{path} is the database itself.", path=file), advice=m("Name the backup."))
    if not backup.exists():
        raise Refused(m("There is no file {path}.", path=backup), advice=m("Name the backup."))
    check_whole(backup)
    with refusals_of(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(file.name + _DRAFT)
    discard(draft)
    copy_to(backup, draft)
    try:
        contents = asyncio.run(contents_of(draft))
        _refuse_newer(contents)
        make_one_file(draft)
        former = file.with_name(f"{file.name}.before-{now():%Y%m%dT%H%M%S.%fZ}")
        has_former = put_in_place(draft, file, former)
    finally:
        discard(draft)
    check_whole(file)
    for each in _told(contents, former if has_former else None):
        sys.stdout.write(f"{each}\n")
    return 0


def _refuse_newer(contents: Contents) -> None:
    if contents.revision > SCHEMA_REVISION:
        raise Misconfigured(
            m(
                "The backup is newer ({found}) than this program ({wanted}).",
                found=contents.revision,
                wanted=SCHEMA_REVISION,
            ),
            advice=m("Update Cashier on this machine first; nothing was changed."),
        )


def _told(contents: Contents, former: Path | None) -> list[Message]:
    told = [m("The database is as the backup has it, and whole."), contents.words]
    if former is not None:
        told.append(m("What was there before is kept: {path}.", path=former))
    if contents.revision < SCHEMA_REVISION:
        told.append(m("It is older than this program. Run: cashier migrate"))
    told.append(
        m(
            "Start the companion, which asks Stripe about what is unfinished, and run: cashier doctor --audit "
            "(docs/OPERATIONS.md, Backup)"
        )
    )
    return told
