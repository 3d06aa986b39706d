"""The columns of the ledger's CSV files, and how a hospital has them: headings, order, marks and dates of its own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from cashier.csv_file import safe_text
from cashier.language import Message, m, verbatim
from cashier.money import Money

_CONSTANT = "="
ENCODINGS = ("utf-8-sig", "utf-8", "cp1252", "iso-8859-15")
"""What a file may be written in."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a CSV file: so much on one account. Of a day's sum, all that names one entry is empty."""

    number: str
    day: date
    event: str
    account: str
    name: str
    amount: Money
    is_training: bool
    desk: str = ""
    tender: str = ""
    invoice: str = ""
    payment: str = ""
    refund: str = ""
    receipt: str = ""


class CsvForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a hospital wants its CSV files. ``columns``: the headings, and which field stands below each.

    What begins with = is no field, but stands below its heading in each line. ``date`` has %Y, %y, %m and %d.
    """

    columns: dict[str, str] = msgspec.field(default_factory=lambda: {name: name for name in FIELDS})
    delimiter: str = ","
    decimal: str = "."
    date: str = "%Y-%m-%d"
    encoding: str = "utf-8-sig"
    headings: bool = True


FIELDS: Mapping[str, Callable[[Line, CsvForm], str]] = {
    "number": lambda line, _: line.number,
    "day": lambda line, form: line.day.strftime(form.date),
    "event": lambda line, _: line.event,
    "account": lambda line, _: line.account,
    "name": lambda line, _: line.name,
    "debit": lambda line, form: _plain(line.amount, form) if line.amount.amount_minor > 0 else "",
    "credit": lambda line, form: _plain(-line.amount, form) if line.amount.amount_minor < 0 else "",
    "amount": lambda line, form: _plain(line.amount, form),
    "unsigned": lambda line, form: _plain(_unsigned(line.amount), form),
    "side": lambda line, _: "D" if line.amount.amount_minor > 0 else "C",
    "soll_haben": lambda line, _: "S" if line.amount.amount_minor > 0 else "H",
    "currency": lambda line, _: line.amount.currency,
    "desk": lambda line, _: safe_text(line.desk),
    "tender": lambda line, _: line.tender,
    "invoice": lambda line, _: safe_text(line.invoice),
    "payment": lambda line, _: line.payment,
    "refund": lambda line, _: line.refund,
    "receipt": lambda line, _: safe_text(line.receipt),
    "training": lambda line, _: "yes" if line.is_training else "",
}
"""What can stand in a column; amounts are as programs read them, with all decimals and no grouping."""


def check_form(form: CsvForm) -> Iterator[Message]:
    """Find what is wrong with ``form``, in words."""
    if not form.columns:
        yield m("the CSV files have no columns")
    for heading, name in form.columns.items():
        if not name.startswith(_CONSTANT) and name not in FIELDS:
            yield m(
                "below “{heading}” there is “{field}”, which is no field; there are {fields}",
                heading=verbatim(heading), field=verbatim(name), fields=", ".join(FIELDS),
            )  # fmt: skip
    if form.delimiter not in (",", ";", "\t", "|"):
        yield m("the delimiter is none of , ; | and the tabulator")
    if form.decimal not in (".", ",") or form.decimal == form.delimiter:
        yield m("the decimal mark is neither a point nor a comma, or it is the delimiter as well")
    if not re.fullmatch(r"(%[Yymd]|[./ -])+", form.date):
        yield m("the date is written with %Y, %y, %m, %d and . / - between, such as %d.%m.%Y")
    if form.encoding not in ENCODINGS:
        yield m("the encoding is none of {encodings}", encodings=", ".join(ENCODINGS))


def headings(form: CsvForm) -> str:
    """Return the first line, empty where the hospital wants none."""
    return _written(list(form.columns), form) if form.headings else ""


def row(line: Line, form: CsvForm) -> str:
    """Return ``line`` as it stands in the file, with its end."""
    cells = [
        name.removeprefix(_CONSTANT) if name.startswith(_CONSTANT) else FIELDS[name](line, form)
        for name in form.columns.values()
    ]
    return _written(cells, form)


def _written(cells: list[str], form: CsvForm) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=form.delimiter).writerow(cells)
    return text.getvalue()


def _plain(amount: Money, form: CsvForm) -> str:
    return amount.plain().replace(".", form.decimal)


def _unsigned(amount: Money) -> Money:
    return Money(abs(amount.amount_minor), amount.currency)
