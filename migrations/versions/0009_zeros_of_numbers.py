"""What is searched by: numbers with their zeros and in their parts, phone numbers as dialled, dates of birth.

Zeros that are typed are those of a beginning or of a whole number. Whatever was written before stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql, sqlite

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BATCH = 10_000
WORD_LENGTH_MAX = 80

_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"}
    | dict(zip("ٱىیېۍکةۀہھךםןףץ", "اييييكهههه" + "כמנפצ", strict=True))
    | {"ـ": None}
)
_COUNTRY = re.compile("1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3}")
_FROM_ABROAD = re.compile(r"\s*(?:[+＋]|00(?=\s?[1-9]))([\d\s()/.‐‑–-]{9,})")


def upgrade() -> None:
    """Add what is missing, some thousand records at a time; safe to repeat."""
    bind = op.get_bind()
    insert = postgresql.insert if bind.dialect.name == "postgresql" else sqlite.insert
    keys = sa.table("invoice_key", sa.column("key"), sa.column("invoice_id"), sa.column("is_whole"))
    words = sa.table("patient_word", sa.column("word"), sa.column("patient_id"))
    for invoices in _batches("invoice", ("number",)):
        found = [
            {"key": each, "invoice_id": row.id, "is_whole": False}
            for row in invoices
            for each in _keys_of_parts(row.number)
        ]
        if found:
            bind.execute(insert(keys).on_conflict_do_nothing(), found)
    for patients in _batches("patient", ("record_number", "phone", "born")):
        found = [
            {"word": each, "patient_id": row.id}
            for row in patients
            for each in _keys_of_parts(row.record_number) | _words_of_phone(row.phone) | _words_of_birth(row.born)
        ]
        if found:
            bind.execute(insert(words).on_conflict_do_nothing(), found)


def downgrade() -> None:
    """Keep them: the release before never asks for what it does not know, and going up again adds none twice."""


def _batches(name: str, columns: tuple[str, ...]) -> Iterator[Sequence[sa.Row[Any]]]:
    types = {"born": sa.Date()}
    table = sa.table(name, sa.column("id"), *(sa.column(each, types.get(each)) for each in columns))
    last = 0
    while True:
        some = sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        rows = op.get_bind().execute(some).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _keys_of_parts(number: str) -> set[str]:
    """Return each part of digits, and the number from each of its parts on with the zeros that were left out."""
    runs = _runs(number)
    ends = (runs[start:] for start in range(len(runs)))
    keys = {"".join(end) for end in ends if any(re.match("0.", run) for run in end)}
    return {key[:WORD_LENGTH_MAX] for key in keys | {run.lstrip("0") or "0" for run in runs if run.isdigit()}}


def _words_of_phone(phone: str) -> set[str]:
    number = phone.replace("(0)", "")
    digits = "".join(_runs(number, only_digits=True))
    abroad = digits.lstrip("0")
    words = {digits, *(abroad[-length:] for length in (10, 9, 8, 7))}
    if match := _FROM_ABROAD.fullmatch(number):
        words |= {"00" + abroad, "0" + _COUNTRY.sub("", "".join(_runs(match[1], only_digits=True)), count=1)}
    words |= {word.lstrip("0") for word in words}
    return words - {""}


def _words_of_birth(born: date | None) -> set[str]:
    if born is None:
        return set()
    year = str(born.year)
    words = set()
    for month, day in ((str(born.month), str(born.day)), (f"{born.month:02}", f"{born.day:02}")):
        words |= {year + month + day, day + month + year, month + day + year}
    return words | {word.lstrip("0") for word in words}


def _runs(text: str, *, only_digits: bool = False) -> list[str]:
    return re.findall("[0-9]+" if only_digits else r"[0-9]+|[^\W0-9_]+", _fold(text))


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN_LETTERS)).casefold()
    plain = "".join(each for each in text if not unicodedata.combining(each)).translate(_PLAIN_LETTERS)
    return "".join(map(_plain_character, plain))


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf":
        return ""
    return character if character.isalnum() else " "
