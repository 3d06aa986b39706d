"""Invoices as JSON, one a line. The form is in docs/IMPORT.md."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from cashier.invoices.acceptance import accepted, printable
from cashier.invoices.arriving.entries import Entry, Form
from cashier.invoices.changes import InvoiceRefused
from cashier.invoices.views import IncomingInvoice
from cashier.language import Message, m
from cashier.language.validation import in_words

LINE_BYTES_MAX = 16 * 1024 * 1024
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_decoder = msgspec.json.Decoder(IncomingInvoice)


class _Numbered(msgspec.Struct):
    number: str


_number_decoder = msgspec.json.Decoder(_Numbered)


def _read(stream: BinaryIO) -> Iterator[Entry]:
    number = 0
    while line := stream.readline(LINE_BYTES_MAX + 1):
        number += 1
        if len(line) > LINE_BYTES_MAX and not line.endswith(b"\n"):
            _skip_line(stream)
            yield Entry(line=number, text=b"", problem=m("The line has more than {most} bytes.", most=LINE_BYTES_MAX))
            continue
        text = line.removeprefix(_BYTE_ORDER_MARK).strip() if number == 1 else line.strip()
        if text:
            yield _entry(number, text)


JSON_LINES = Form(read=_read, about=m("JSON, one invoice a line."))


def _skip_line(stream: BinaryIO) -> None:
    while (more := stream.readline(LINE_BYTES_MAX)) and not more.endswith(b"\n"):
        pass


def _entry(number: int, text: bytes) -> Entry:
    try:
        return Entry(line=number, text=text, invoice=accepted(_decoder.decode(text)))
    except InvoiceRefused as refused:
        return Entry(line=number, text=text, problem=refused.words)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return Entry(line=number, text=text, problem=_explain(error, text))


def _explain(error: msgspec.MsgspecError | UnicodeDecodeError | RecursionError, text: bytes) -> Message:
    reason = _cleaned(str(error))
    if not isinstance(error, msgspec.ValidationError):
        return m(
            "This is not a JSON object on one line ({reason}). Write the file in UTF-8, one invoice per line.",
            reason=reason,
        )
    number, wrong = _number_in(text), in_words(reason)
    if number:
        return m("{number}: {reason}. docs/IMPORT.md describes every field.", number=number, reason=wrong)
    return m("{reason}. docs/IMPORT.md describes every field.", reason=wrong)


def _number_in(text: bytes) -> str:
    """Return the number of an invoice that is no invoice otherwise, or nothing."""
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return printable(_number_decoder.decode(text).number)
    return ""


def _cleaned(reason: str) -> str:
    """Take what a terminal would obey out of a reason that quotes the line."""
    return "".join(each if each.isprintable() else "\ufffd" for each in reason)
