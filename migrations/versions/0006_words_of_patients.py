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
CACHE_KIB = 256 * 1024
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
    """Make both tables and fill them, some thousand records at a time; indexes and PostgreSQL's checks come last."""
    word = sa.String(length=80).with_variant(sa.String(length=80, collation="C"), "postgresql")
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    words = (sa.Column("word", word, nullable=False), sa.Column("patient_id", big, nullable=False))
    keys = (
        sa.Column("key", word, nullable=False),
        sa.Column("invoice_id", big, nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
    )
    for name, (what, whose, *others), records in (
        ("patient_word", words, "patient"),
        ("invoice_key", keys, "invoice"),
    ):
        columns = (what, whose, *others)
        is_key = sa.PrimaryKeyConstraint(what.name, whose.name, name=op.f(f"pk_{name}"))
        refers = sa.ForeignKeyConstraint([whose.name], [f"{records}.id"], name=op.f(f"fk_{name}_{whose.name}"))
        # SQLite keeps the rows in their key; PostgreSQL would look up each row's record, one by one.
        checks = (refers, is_key) if is_sqlite else ()
        op.create_table(name, *columns, *checks, sqlite_with_rowid=False)
        for rows in _words_of_patients() if records == "patient" else _keys_of_invoices():
            _write(name, [column.name for column in columns], rows)
        if not is_sqlite:
            op.create_primary_key(op.f(f"pk_{name}"), name, [what.name, whose.name])
            op.create_foreign_key(op.f(f"fk_{name}_{whose.name}"), name, records, [whose.name], ["id"])
        op.create_index(f"ix_{name}_{whose.name}_{what.name}", name, [whose.name, what.name])


def downgrade() -> None:
    """Take them away; the words of before are there still."""
    op.drop_table("invoice_key")
    op.drop_table("patient_word")


def _words_of_patients() -> Iterator[list[tuple[object, ...]]]:
    for patients in _batches("patient", ("record_number", "name", "phone")):
        yield [
            (each, row.id)
            for row in patients
            for each in words_of_patient(name=row.name, record_number=row.record_number, phone=row.phone)
        ]


def _keys_of_invoices() -> Iterator[list[tuple[object, ...]]]:
    for invoices in _batches("invoice", ("number",)):
        yield [(each, row.id, whole) for row in invoices for each, whole in keys_of_number(row.number).items()]


def _write(table: str, columns: Sequence[str], rows: list[tuple[object, ...]]) -> None:
    """Write rows as each driver does it fastest; SQLite keeps them in their order."""
    bind, names = op.get_bind(), ", ".join(columns)
    if not rows:
        return
    if bind.dialect.name == "sqlite":
        places = ", ".join("?" for _ in columns)
        bind.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({places})", sorted(rows))
        return
    with bind.connection.driver_connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copying:
        for row in rows:
            copying.write_row(row)


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
    words |= keys_of_number(record_number).keys()
    digits = "".join(_runs(phone.replace("(0)", ""), only_digits=True)).lstrip("0")
    # A phone number is told with its country or without, with its area or without.
    words |= {digits, *(digits[-length:].lstrip("0") for length in (10, 9, 8, 7))} if digits else set()
    return {word[:WORD_LENGTH_MAX] for word in words if word}


def keys_of_number(number: str) -> dict[str, bool]:
    """Return the keys of a number: whole, and from each of its parts on; zeros between parts kept or not.

    Each says whether it is one of the number as a whole.
    """
    runs = _runs(number)
    keys: dict[str, bool] = {}
    for start in range(len(runs)):
        end = runs[start:]
        for key in (_joined(end), _joined_short(end)):
            keys.setdefault(key[:WORD_LENGTH_MAX], start == 0)
    return keys


def fold(text: str) -> str:
    """Write ``text`` with plain letters, digits, ``'``, ``-`` and single blanks; ``/`` is all other punctuation."""
    if text.isascii():
        return " ".join(text.lower().translate(_PLAIN_ASCII).split())
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
    if text.isascii():
        return (fold(text),)
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
    if len(runs) == 1:
        return _without_zeros(runs[0])
    return "".join(
        _without_zeros("".join(some)) if is_digits else "".join(some)
        for is_digits, some in groupby(runs, str.isdigit)
    )


def _joined_short(runs: list[str]) -> str:
    return "".join(map(_without_zeros, runs))


def _without_zeros(run: str) -> str:
    return (run.lstrip("0") or "0") if run.isdigit() else run


_PLAIN_ASCII = {code: _plain_character("'" if chr(code) in _APOSTROPHES else chr(code)) for code in range(128)}
_PARTICLES = frozenset(fold(_PARTICLES_AS_WRITTEN).split())
