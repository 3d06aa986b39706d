"""How a CSV file is written: encoding, delimiter and headings, recognised where that is safe, else by a profile."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from cashier.errors import CashierError
from cashier.invoices.arriving.entries import FileRefused
from cashier.invoices.arriving.profile import FIELDS, Profile, missing_in
from cashier.language import Message, m, verbatim

ERROR = "error"
"""The heading of the reasons in a file of refused rows, which is read again without them."""
_DELIMITERS = (",", ";", "\t", "|")
_LINE_LENGTH_MAX = 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATOR = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """``fields`` says for each column which field it is, None for one that is ignored. ``head`` lines come before
    the first row.
    """

    encoding: str
    delimiter: str
    headings: tuple[str, ...]
    fields: tuple[str | None, ...]
    head: int

    def rows(self, stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
        """Yield every row that is not empty, after the headings, with the line that it begins at.

        Raises ``FileRefused`` where the file is no text in its encoding, or no CSV.
        """
        for line, values in _rows(stream, self.encoding, self.delimiter, self.head):
            if any(each.strip() for each in values):
                yield line, values

    def heading_of(self, field: str) -> str:
        """Return what stands above a field; the field's own name where it is a constant."""
        return self.headings[self.fields.index(field)] if field in self.fields else field


def recognised(stream: BinaryIO, profile: Profile) -> Layout:
    """Return how the file is written. Raises ``FileRefused`` where that is not sure, and says what is missing."""
    encoding = _encoding(stream, profile)
    named = _named_delimiter(stream, encoding)
    candidates = [each for each in (profile.delimiter or named,) if each] or _DELIMITERS
    found: list[Layout] = []
    reasons: list[CashierError] = []
    for delimiter in candidates:
        try:
            found.append(_layout(stream, encoding, delimiter, profile, skip=1 if named else 0))
        except FileRefused as refused:
            reasons.append(refused)
    if len(found) == 1:
        return found[0]
    if found or len(candidates) > 1:
        raise (
            _best(reasons)
            if not found
            else FileRefused(
                m("It is not sure what parts the columns of this file."),
                advice=m('Name it in a profile: delimiter = ";"'),
            )
        )
    raise reasons[0]


def _best(reasons: Sequence[CashierError]) -> CashierError:
    """Return the reason of whoever came furthest: the one that knows at least some heading."""
    return next((each for each in reasons if isinstance(each, _HeadingsRefused)), reasons[0])


class _HeadingsRefused(FileRefused):
    """Some headings are known, and not all of them."""

    default = m("Some headings of this file are not known.")


def _encoding(stream: BinaryIO, profile: Profile) -> str:
    stream.seek(0)
    begin = stream.read(4)
    for mark, encoding in _MARKS:
        if begin.startswith(mark):
            return encoding
    return profile.encoding or "utf-8"


def _named_delimiter(stream: BinaryIO, encoding: str) -> str:
    """Return what a first line such as ``sep=;`` says, which spreadsheets write."""
    with contextlib.closing(_lines(stream, encoding)) as lines:
        found = _SEPARATOR.fullmatch(next(lines, ""))
    return found[1] if found else ""


def _layout(stream: BinaryIO, encoding: str, delimiter: str, profile: Profile, *, skip: int) -> Layout:
    with contextlib.closing(_rows(stream, encoding, delimiter, skip)) as rows:
        line, values = next(((line, row) for line, row in rows if any(each.strip() for each in row)), (0, []))
        after = next(rows, (line + 1, []))[0]
    headings = tuple(each.strip() for each in values)
    fields = _fields(headings, profile)
    return Layout(encoding=encoding, delimiter=delimiter, headings=headings, fields=fields, head=after - 1)


def _fields(headings: Sequence[str], profile: Profile) -> tuple[str | None, ...]:
    """Return which field each column is. Raises ``FileRefused`` for what is missing, unknown, or there twice."""
    by_heading = {_plain(heading): field for field, heading in profile.columns.items()}
    own = {_plain(field): field for field in FIELDS - set(profile.columns) - set(profile.constants)}
    ignored = {_plain(each) for each in profile.ignored}
    fields: list[str | None] = []
    unknown: list[str] = []
    for place, heading in enumerate(headings):
        plain = _plain(heading)
        field = by_heading.get(plain) or (None if plain in ignored else own.get(plain))
        is_error = plain == ERROR and place == len(headings) - 1
        if field is None and not (plain in ignored or profile.ignores_others or is_error):
            unknown.append(heading)
        fields.append(field)
    known = {each for each in fields if each is not None}
    kind = _HeadingsRefused if known else FileRefused
    twice = next((each for each in known if fields.count(each) > 1), None)
    if twice is not None:
        raise kind(m("Two columns are {field}.", field=twice), advice=_MAP)
    missing = missing_in(known | set(profile.constants))
    absent = [heading for heading in profile.columns.values() if _plain(heading) not in map(_plain, headings)]
    if absent:
        raise kind(m("There is no column “{heading}”.", heading=_shown(absent[0])), advice=_MAP)
    if missing:
        said = m("No column is known as {fields}.", fields=verbatim(", ".join(missing)))
        raise kind(said, advice=_MAP)
    if unknown:
        said = m("It is not known what the column “{heading}” is.", heading=_shown(unknown[0]))
        raise kind(said, advice=m("Name it in a profile: among columns, or as ignored."))
    return tuple(fields)


_MAP = m("Name the headings in a profile: cashier import --profile FILE. docs/IMPORT.md describes it.")


def _plain(heading: str) -> str:
    return re.sub(r"[\s_-]+", "_", heading.strip().casefold())


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in text[:40])


def _rows(stream: BinaryIO, encoding: str, delimiter: str, skip: int) -> Generator[tuple[int, list[str]], None, None]:
    with contextlib.closing(_lines(stream, encoding)) as lines:
        for _ in range(skip):
            next(lines, "")
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            line = skip + reader.line_num + 1
            try:
                values = next(reader, None)
            except csv.Error as error:
                raise _no_csv(line, verbatim(str(error))) from None
            if values is None:
                return
            yield line, values


def _lines(stream: BinaryIO, encoding: str) -> Generator[str, None, None]:
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="")
    number = 1
    try:
        while line := text.readline(_LINE_LENGTH_MAX):
            if len(line) == _LINE_LENGTH_MAX:
                raise _no_csv(number, m("it has more than {most} characters", most=_LINE_LENGTH_MAX))
            yield line
            number += 1
    except UnicodeError:
        raise FileRefused(
            m("Line {line}, or one after it, is no text in {encoding}.", line=number, encoding=encoding.upper()),
            advice=m("Write the file in UTF-8, or name its encoding in a profile."),
        ) from None
    finally:
        with contextlib.suppress(ValueError):
            text.detach()


def _no_csv(line: int, reason: Message) -> FileRefused:
    return FileRefused(
        m("Line {line} is no row of a CSV file: {reason}.", line=line, reason=reason),
        advice=m("Nothing was taken in. Have the file written anew."),
    )
