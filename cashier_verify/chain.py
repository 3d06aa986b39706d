"""The journal by itself: every entry follows from the one before, and anchors that left the machine still fit."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence

from cashier_verify.anchors import Anchor
from cashier_verify.finding import Finding, Findings

_FIRST = "0" * 64
_COLUMNS = (
    "number, at, staff_id, desk_id, action, subject, subject_id, facts, previous_hash, hash, account, session_id"
)


def chain(books: sqlite3.Connection, anchors: Sequence[Anchor]) -> Findings:
    """Go through all entries once. After the first broken link nothing more is said about the links behind it."""
    wanted = {anchor.number for anchor in anchors}
    hashes: dict[int, str] = {}
    number, last, at, is_whole = 0, _FIRST, "", True
    for entry in books.execute(f"SELECT {_COLUMNS} FROM journal_entry ORDER BY number"):
        if is_whole:
            broken = _broken(entry, number, last)
            if broken:
                yield Finding("chain", broken)
                is_whole = False
        if str(entry[1]) < at:
            yield Finding("time", f"entry {entry[0]} is of {entry[1]}, earlier than the one before it")
        number, at, last = entry[0], str(entry[1]), str(entry[9])
        if number in wanted:
            hashes[number] = last
    head = books.execute("SELECT number, hash FROM journal_head").fetchone()
    if is_whole and head != (number, last):
        yield Finding(
            "chain", f"the journal ends with entry {number}, but {head and head[0]} was the last one written"
        )
    yield from _anchored(books, anchors, hashes, number, at)


def hash_of(entry: Sequence[object]) -> str:
    """Compute an entry's hash from its columns without the hash, as Cashier documents it (docs/AUDITING.md)."""
    number, at, *others = entry[:9]
    moment = str(at).replace(" ", "T")
    moment = moment if "." in moment else f"{moment}.000000"
    content = [number, f"{moment}+00:00", *others]
    signed = entry[10:12]
    if signed and signed[0] is not None:
        content += signed
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _broken(entry: Sequence[object], number: int, last: str) -> str:
    if entry[0] != number + 1:
        return f"entry {number + 1} is missing"
    if entry[8] != last:
        return f"entry {entry[0]} does not follow from entry {number}: one of them was replaced"
    # The program writes text and numbers; anything else was put there by somebody.
    if any(isinstance(value, (bytes, float)) for value in entry) or entry[9] != hash_of(entry):
        return f"entry {entry[0]} ({entry[4]}, {entry[5]} {entry[6]}) was changed"
    return ""


def _anchored(
    books: sqlite3.Connection, anchors: Sequence[Anchor], hashes: dict[int, str], last: int, last_at: str
) -> Findings:
    """Compare with the anchors: the last one that fits and the first that does not say where the journal was written
    anew; one beyond its end says that the end is gone."""
    fits = 0
    for anchor in sorted(anchors, key=lambda each: each.number):
        if anchor.number > last:
            continue
        found = hashes.get(anchor.number)
        if found is None or not found.startswith(anchor.hash):
            yield Finding(
                "anchor",
                f"{anchor.source} saw another entry {anchor.number}: the journal was written anew between "
                f"{fits + 1} and "
                f"{anchor.number}",
            )
            break
        fits = anchor.number
    beyond = [anchor for anchor in anchors if anchor.number > last]
    if beyond:
        anchor = max(beyond, key=lambda each: each.number)
        newest = _newest_record(books)
        how = (
            "its end was cut, for there are records newer than its last entry"
            if newest > last_at
            else "an older copy was put back, or its end was cut together with its records"
        )
        yield Finding("anchor", f"{anchor.source} saw entry {anchor.number}, and the journal ends with {last}: {how}")


def _newest_record(books: sqlite3.Connection) -> str:
    moments = (
        ("payment", "created_at"), ("receipt", "issued_at"), ("refund", "requested_at"),
        ("receipt_print", "printed_at"), ("shift", "opened_at"),
    )  # fmt: skip
    asked = (f"SELECT coalesce(max({column}), '') FROM {table}" for table, column in moments)
    return max(str(books.execute(statement).fetchone()[0]) for statement in asked)
