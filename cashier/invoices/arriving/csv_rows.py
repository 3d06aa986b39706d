"""Invoices as CSV: one row each, or one row a line of them. The form is in docs/IMPORT.md."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from cashier.books.invoice import tidied
from cashier.errors import Refused
from cashier.invoices.acceptance import accepted
from cashier.invoices.arriving.amounts import Mark, mark_among
from cashier.invoices.arriving.composing import Row, composed
from cashier.invoices.arriving.entries import Entry, FileRefused, Form
from cashier.invoices.arriving.layout import ERROR, Layout, recognised
from cashier.invoices.arriving.profile import AMOUNTS, Profile
from cashier.language import Message, joined, m

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, kw_only=True)
class _File:
    """A file whose layout is known. ``torn`` are the numbers whose rows do not stand together."""

    layout: Layout
    profile: Profile
    mark: Mark | None = None
    torn: frozenset[str] = field(default_factory=frozenset)

    def read(self, stream: BinaryIO) -> Iterator[Entry]:
        """Yield every invoice of the file."""
        group: list[Row] = []
        for row in self.rows(stream):
            if group and (self.profile.rows == "invoice" or row.number != group[0].number or not row.number):
                yield self.entry(group)
                group = []
            group.append(row)
        if group:
            yield self.entry(group)

    def rows(self, stream: BinaryIO) -> Iterator[Row]:
        """Yield every row with its fields and the constants."""
        for line, values in self.layout.rows(stream):
            named = zip(self.layout.fields, values, strict=False)
            fields = {name: value.strip() for name, value in named if name is not None}
            number = tidied(fields.get("number", self.profile.constants.get("number", "")))
            yield Row(line=line, number=number, fields={**self.profile.constants, **fields}, values=values)

    def entry(self, rows: Sequence[Row]) -> Entry:
        """Return the invoice of these rows, or why it is none."""
        text = "".join(self.written(row.values) for row in rows).encode()
        try:
            self._check(rows)
            invoice = accepted(composed(rows, self.profile, self.layout, self.mark))
        except Refused as refused:
            return Entry(line=rows[0].line, text=text, problem=refused.words)
        return Entry(line=rows[0].line, text=text, invoice=invoice)

    def _check(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if len(row.values) != len(self.layout.headings):
                raise FileRefused(
                    m(
                        "The row has {count} columns, and the headings are {most}.",
                        count=len(row.values),
                        most=len(self.layout.headings),
                    )
                )
        number = rows[0].number
        if number in self.torn:
            said = (
                m("{number} stands in two rows: one of them would be lost.", number=number)
                if self.profile.rows == "invoice"
                else m("The rows of {number} do not stand together: some would be lost.", number=number)
            )
            raise FileRefused(said, advice=_TORN[self.profile.rows])

    def written(self, values: Sequence[str], *more: str) -> str:
        """Write a row as it stood, with ``more`` columns."""
        out = io.StringIO()
        csv.writer(out, delimiter=self.layout.delimiter).writerow([*values, *more])
        return out.getvalue()

    def refused(self, entry: Entry, problem: Message) -> bytes:
        """Write the rows of a refused entry, each with the reason behind it."""
        rows = csv.reader(io.StringIO(entry.text.decode(), newline=""), delimiter=self.layout.delimiter)
        kept = [row[:-1] if self._has_reasons and len(row) == len(self.layout.headings) else row for row in rows]
        return "".join(self.written(row, str(problem)) for row in kept).encode().removesuffix(b"\n")

    @property
    def heading(self) -> bytes:
        """The first line of the file of refused rows."""
        names = self.layout.headings[:-1] if self._has_reasons else self.layout.headings
        return (_BYTE_ORDER_MARK + self.written(names, ERROR)).encode().removesuffix(b"\n")

    @property
    def about(self) -> Message:
        """How it is read: encoding, delimiter, decimals, and what each column is."""
        layout = self.layout
        columns = [
            m("“{heading}” is {field}.", heading=heading, field=name)
            if name
            else m("“{heading}” is ignored.", heading=heading)
            for heading, name in zip(layout.headings, layout.fields, strict=True)
        ]
        form = m(
            "CSV in {encoding}, columns parted by {delimiter}, decimals after {mark}.",
            encoding=layout.encoding.upper(),
            delimiter="Tab" if layout.delimiter == "\t" else f"“{layout.delimiter}”",
            mark=f"“{self.mark}”" if self.mark else m("nothing: whole numbers"),
        )
        return joined("\n", [form, *columns])

    @property
    def _has_reasons(self) -> bool:
        return self.layout.headings[-1].casefold() == ERROR and self.layout.fields[-1] is None


_TORN = {
    "invoice": m('If one row is one line of an invoice, say so in a profile: rows = "line"'),
    "line": m("Sort the file by its numbers."),
}


def csv_form(stream: BinaryIO, profile: Profile) -> Form:
    """Recognise how the file is written and read it once: which mark its decimals have, and what is there twice.

    Raises ``FileRefused`` where that is not sure; a profile can say it.
    """
    file = _File(layout=recognised(stream, profile), profile=profile)
    seen: set[str] = set()
    torn: set[str] = set()
    last = ""
    for row in file.rows(stream):
        if row.number in seen and (profile.rows == "invoice" or row.number != last):
            torn.add(row.number)
        seen.add(row.number)
        last = row.number
    mark = profile.decimal or _mark(file, stream)
    whole = _File(layout=file.layout, profile=profile, mark=mark, torn=frozenset(torn - {""}))
    return Form(read=whole.read, heading=whole.heading, refused=whole.refused, about=whole.about)


def _mark(file: _File, stream: BinaryIO) -> Mark | None:
    """Return the decimal mark of the file's amounts. Raises ``NoAmount`` where it is not sure."""
    texts = (row.fields.get(name, "") for row in file.rows(stream) for name in AMOUNTS & row.fields.keys())
    return mark_among(texts)
