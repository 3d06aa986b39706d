"""Whole numbers: the invoices that a number means, before any that only begin like it."""

from __future__ import annotations

import re

from cashier.database.looking import Look, Question, Values
from cashier.invoices.spelling import compact, spaced, whole_keys

_MOST = 100
_RECEIPT_NUMBER_MAX = 10**15


def meant_by(text: str) -> Look[tuple[int, ...]]:
    """Return the keys of invoices whose number ``text`` is in some spelling, or that such a receipt tells of."""
    found = yield from numbered(text)
    return (*(invoice_id for _, invoice_id in found), *(yield from of_receipt(text)))


def only_one_meant(text: str) -> Look[int | None]:
    """Return the invoice that a whole number means; None where it means none, or several in the same way.

    The one written most alike counts: as it is typed, then without capitals, punctuation, and zeros.
    """
    found = yield from numbered(text)
    if not found:
        told_of = yield from of_receipt(text)
        return told_of[0] if len(told_of) == 1 else None
    closest = min(likeness for likeness, _ in found)
    alike = [invoice_id for likeness, invoice_id in found if likeness == closest]
    return alike[0] if len(alike) == 1 else None


def numbered(text: str) -> Look[list[tuple[int, int]]]:
    """Return invoices whose whole number ``text`` is in some spelling: how unlike it is written, and its key."""
    keys, values = whole_keys(text), Values()
    if keys:
        of_keys = f"SELECT invoice_id FROM invoice_key WHERE key IN ({values.places(keys)}) AND is_whole"
        condition = f"id IN ({of_keys}) LIMIT {_MOST}"
    elif text.strip().isprintable():
        condition = f"number = {values.place(text.strip())}"
    else:
        # No number is kept with signs that nobody sees, and no database compares some of them.
        return []
    rows = yield Question(f"SELECT id, number FROM invoice WHERE {condition}", values.all)
    return [
        (_unlikeness(number, text), invoice_id) for invoice_id, number in rows if not _may_lack_its_end(text, number)
    ]


def _unlikeness(number: str, text: str) -> int:
    if number == text.strip():
        return 0
    if number.casefold() == text.strip().casefold():
        return 1
    if compact(number) == compact(text):
        return 2
    return 3 if whole_keys(number)[:1] == whole_keys(text)[:1] else 4


def _may_lack_its_end(text: str, number: str) -> bool:
    """Tell whether ``text`` has some of the zeros of ``number`` but not all: then it may begin a longer number."""
    typed, whole = compact(text), compact(number)
    return len(typed) < len(whole) and re.search(r"(?<!\d)0\d", spaced(text)) is not None


def of_receipt(text: str) -> Look[tuple[int, ...]]:
    """Return the invoices of the payment that a receipt of the number ``text`` tells of, the newest first.

    A deposit was for no invoice: then it is those of its patient.
    """
    typed = compact(text)
    if not typed[-1:].isdecimal():
        return ()
    codes = yield Question("SELECT code FROM receipt_series")
    values = Values()
    meant = [
        f"series = {values.place(code)} AND number = {values.place(int(rest))}"
        for (code,) in codes
        if (rest := typed.removeprefix(compact(code))) != typed
        and rest.isdecimal()
        and 0 < int(rest) < _RECEIPT_NUMBER_MAX
    ]
    if not meant:
        return ()
    payments = f"SELECT payment_id FROM receipt WHERE {' OR '.join(meant)}"
    items = f"SELECT DISTINCT invoice_id FROM payment_item WHERE payment_id IN ({payments})"
    paid = yield Question(f"{items} ORDER BY invoice_id DESC LIMIT {_MOST}", values.all)
    if not paid:
        patients = f"SELECT patient_id FROM payment WHERE id IN ({payments})"
        theirs = f"SELECT id FROM invoice WHERE patient_id IN ({patients})"
        paid = yield Question(f"{theirs} ORDER BY id DESC LIMIT {_MOST}", values.all)
    return tuple(invoice_id for (invoice_id,) in paid)
