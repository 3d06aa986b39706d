"""What is searched by: words of patients, and keys of invoices' numbers.

Today's spelling stands here as it is, because a migration stays when the program moves on. The words of before stay
as well, and are still written: desks of the release before search by them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 10_000
WORD_LENGTH_MAX = 80

_APOSTROPHES = "'’‘‛`´ʹʻʼʽʾʿˈ′＇׳״"
_PUNCTUATION = "/"
# Letters that Unicode does not take apart, or that are written in two ways, as most people type them.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ħ": "h"}
    | dict(zip("ٱىیېۍکةۀہھךםןףץ", "اييييكهههه" + "כמנפצ", strict=True))
    | {"ـ": None}  # only stretches a word
)
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_PARTICLES_AS_WRITTEN = (
    "a al as ash at an ar ad ath abd abdul abu ap ben bin bint da das de dei del dela della den der des di do dos du "
    "d el fitz ibn il l la las le les li lo los m mac mc o saint san st santa te ten ter ul um und van vande vander "
    "vom von y zu zum zur ال عبد بن ابن ابو ام بنت בן בת אל"
)
_ARTICLE = "ال"
_SYLLABLES = re.compile("[\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]{1,8}")


def upgrade() -> None:
    """Make both tables and fill them, some thousand records at a time; the indexes come after the rows."""
    word = sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql")
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    words = op.create_table(
        "patient_word",
        sa.Column("word", word, nullable=False),
        sa.Column("patient_id", big, nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_word_patient_id")),
        sa.PrimaryKeyConstraint("word", "patient_id", name=op.f("pk_patient_word")),
        sqlite_with_rowid=False,
    )
    keys = op.create_table(
        "invoice_key",
        sa.Column("key", word, nullable=False),
        sa.Column("invoice_id", big, nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_invoice_key_invoice_id")),
        sa.PrimaryKeyConstraint("key", "invoice_id", name=op.f("pk_invoice_key")),
        sqlite_with_rowid=False,
    )
    bind = op.get_bind()
    for patients in _batches("patient", ("record_number", "name", "phone")):
        found = [
            {"word": each, "patient_id": row.id}
            for row in patients
            for each in words_of_patient(name=row.name, record_number=row.record_number, phone=row.phone)
        ]
        if found:
            bind.execute(sa.insert(words), found)
    for invoices in _batches("invoice", ("number",)):
        found = [
            {"key": each, "invoice_id": row.id, "is_whole": each in whole_keys(row.number)}
            for row in invoices
            for each in keys_of_number(row.number)
        ]
        if found:
            bind.execute(sa.insert(keys), found)
    op.create_index("ix_patient_word_patient_id_word", "patient_word", ["patient_id", "word"])
    op.create_index("ix_invoice_key_invoice_id_key", "invoice_key", ["invoice_id", "key"])


def downgrade() -> None:
    """Take them away; the words of before are there still."""
    op.drop_table("invoice_key")
    op.drop_table("patient_word")


def _batches(name: str, columns: tuple[str, ...]) -> Iterator[Sequence[sa.Row[Any]]]:
    table = sa.table(name, sa.column("id"), *map(sa.column, columns))
    last = 0
    while True:
        some = sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        rows = op.get_bind().execute(some).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def words_of_patient(*, name: str, record_number: str, phone: str) -> set[str]:
    """Return the words by which a patient is found: of the name, the record number and the phone number."""
    words = {word for text in _spellings(name) for group in _groups(text) for word in _stored(group)}
    words |= keys_of_number(record_number)
    digits = "".join(_runs(phone.replace("(0)", ""), only_digits=True)).lstrip("0")
    # A phone number is told with its country or without, with its area or without.
    words |= {digits, *(digits[-length:].lstrip("0") for length in (10, 9, 8, 7))} if digits else set()
    return {word[:WORD_LENGTH_MAX] for word in words if word}


def keys_of_number(number: str) -> set[str]:
    """Return the keys of a number: whole, and from each of its parts on; zeros between parts kept or not."""
    runs = _runs(number)
    starts = range(len(runs))
    return {_joined(runs[start:])[:WORD_LENGTH_MAX] for start in starts} | {
        _joined_short(runs[start:])[:WORD_LENGTH_MAX] for start in starts
    }


def whole_keys(number: str) -> tuple[str, ...]:
    """Return the keys of a number as a whole, the closest to its writing first."""
    runs = _runs(number)
    return tuple(dict.fromkeys(key[:WORD_LENGTH_MAX] for key in (_joined(runs), _joined_short(runs)) if key))


def fold(text: str) -> str:
    """Write ``text`` with plain letters, digits, ``'``, ``-`` and single blanks; ``/`` is all other punctuation."""
    text = "".join("'" if each in _APOSTROPHES else each for each in text)
    text = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN_LETTERS)).casefold()
    plain = "".join(each for each in text if not unicodedata.combining(each)).translate(_PLAIN_LETTERS)
    return " ".join("".join(map(_plain_character, plain)).split())


def _plain_character(character: str) -> str:
    if character == "'" or (character.isascii() and character.isalnum()):
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Cf":  # directions, soft hyphens, joiners
        return ""
    if category == "Pd" or character == "־":
        return "-"
    if character.isspace() or category == "Cc":
        return " "
    return character if character.isalnum() else _PUNCTUATION


def _spellings(text: str) -> tuple[str, ...]:
    """Return ``text`` folded with umlauts as one letter, and with umlauts as two."""
    composed = unicodedata.normalize("NFC", text.casefold())
    return tuple(dict.fromkeys((fold(text), fold(composed.translate(_TWO_LETTERS)))))


def _groups(folded: str) -> list[list[str]]:
    """Cut into words, those together that may be written as one: over hyphens, after particles, between syllables."""
    groups: list[list[str]] = []
    before = ""
    for piece in folded.replace(_PUNCTUATION, " ").split():
        for position, part in enumerate(filter(None, (part.strip("'") for part in piece.split("-")))):
            is_joined = position > 0 or before in _PARTICLES or (_is_syllables(before) and _is_syllables(part))
            if groups and is_joined:
                groups[-1].append(part)
            else:
                groups.append([part])
            before = part.replace("'", "")
    return groups


def _is_syllables(word: str) -> bool:
    return _SYLLABLES.fullmatch(unicodedata.normalize("NFC", word)) is not None


def _stored(group: list[str]) -> set[str]:
    """Return the words to store for words that may be written as one."""
    plain = _without_apostrophes(group)
    words = {"".join(plain[start:]) for start in range(len(plain))} | set(plain)
    words |= {part for word in group for part in word.split("'")}
    words |= {word.removeprefix(_ARTICLE) for word in plain if len(word) > len(_ARTICLE) + 2}
    for word in plain:
        syllables = unicodedata.normalize("NFC", word)
        if _SYLLABLES.fullmatch(syllables):
            # Family and given name stand together, and either may be typed.
            words |= {unicodedata.normalize("NFKD", syllables[start:]) for start in range(1, len(syllables))}
    return words


def _without_apostrophes(group: list[str]) -> list[str]:
    return [word.replace("'", "") for word in group]


def _runs(text: str, *, only_digits: bool = False) -> list[str]:
    """Cut a number into its runs of digits and of letters."""
    return re.findall("[0-9]+" if only_digits else r"[0-9]+|[^\W0-9_]+", fold(text))


def _joined(runs: list[str]) -> str:
    """Write runs as one; neighbouring digits are one number, and only the zeros before it are left out."""
    return "".join(
        _without_zeros("".join(some)) if is_digits else "".join(some)
        for is_digits, some in groupby(runs, str.isdigit)
    )


def _joined_short(runs: list[str]) -> str:
    return "".join(map(_without_zeros, runs))


def _without_zeros(run: str) -> str:
    return (run.lstrip("0") or "0") if run.isdigit() else run


_PARTICLES = frozenset(fold(_PARTICLES_AS_WRITTEN).split())
