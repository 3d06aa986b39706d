"""A file of the lines that an import refused, as they stood there: to be corrected and imported again.

It holds patients' names, so only its owner can read it. It is there as a whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from cashier.errors import Refused, why_not
from cashier.invoices.arriving.report import ImportReport
from cashier.language import m

Keep = Callable[[ImportReport], None]


@contextlib.contextmanager
def open_refused(path: Path, *, source: str) -> Iterator[Keep]:
    """Begin the file; what is yielded puts it in place with the lines, in the place of one of an import before.

    Raises ``Refused`` at once, before anything is imported, for the ``source`` itself, for what is no file, and for a
    folder that takes none; and at the end for a disk that is full.
    """
    _check(path, source)
    with _refusals(path):
        draft, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)

    def keep(report: ImportReport) -> None:
        with _refusals(path):
            with open(draft, "wb", closefd=False) as file:
                if report.problems and report.heading:
                    file.write(report.heading + b"\n")
                file.writelines(problem.text + b"\n" for problem in report.problems)
            Path(name).replace(path)

    try:
        yield keep
    finally:
        os.close(draft)
        Path(name).unlink(missing_ok=True)


def _check(path: Path, source: str) -> None:
    if path.exists() and not path.is_file():
        raise Refused(m("{name} is no file.", name=path.name), advice=m("Choose another name."))
    if source != "-" and path.exists() and Path(source).exists() and path.samefile(source):
        raise Refused(
            m("{name} is the file that is imported.", name=path.name),
            advice=m("Write the refused lines to a file of their own."),
        )


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(
            m("The refused lines cannot be written to {name}: {reason}.", name=path.name, reason=why_not(error)),
            advice=m("Choose another place for them; what is taken in stays."),
        ) from None
