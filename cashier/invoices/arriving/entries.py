"""What a file of invoices is made of, whatever its form: entries, each an invoice or the reason why it is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cashier.errors import Refused
from cashier.invoices.views import IncomingInvoice
from cashier.language import Message, m


class FileRefused(Refused):
    """This file cannot be read as invoices; nothing of it was taken in."""

    default = m("This file cannot be read as invoices; nothing of it was taken in.")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One invoice of a file, or why it is none (``problem``). ``line`` is where it begins, counted from 1.

    ``text`` is what stood there, as the file of refused entries has it.
    """

    line: int
    text: bytes
    invoice: IncomingInvoice | None = None
    problem: Message | None = None


Read = Callable[[BinaryIO], Iterator[Entry]]


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a file is read, and how what is refused of it is written down again: after ``heading``, by ``refused``."""

    read: Read
    about: Message
    heading: bytes = b""
    refused: Callable[[Entry, Message], bytes] = lambda entry, _problem: entry.text
