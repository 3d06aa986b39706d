"""A database with very many invoices, filled fast: for measuring, not for proving rules."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg

from cashier.books.schema.migration import migrate
from cashier.invoices.former_words import words_of_invoice
from cashier.invoices.spelling import keys_of_number, whole_keys, words_of_patient

_FIRST = [
    first + last for first in "Ma An Jo Lu Pe Ca El So Fr Th".split() for last in "ria na sé is dro ena fia".split()
]
_LAST = [
    first + middle + last
    for first in "Gar Mar Lo Fer Hu Schu Ko Ni Pa Ro".split()
    for middle in "cí tí pe nan ber mann val els ul dri".split()
    for last in "a ez z es sen guez ski o ner ot".split()
]
_STATUSES = (("due", 0), ("part_paid", 100), ("paid", 1000), ("cancelled", 0))


def make(file: Path, count: int) -> None:
    """Make ``count`` invoices of a quarter as many patients; some names are common, most are rare."""
    migrate(f"sqlite:///{file}")
    chance = random.Random(1)
    patients = [
        (key, f"{chance.getrandbits(128):032x}", f"MRN-{key:07d}", _name(chance), "", "")
        for key in range(1, count // 4 + 1)
    ]
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany("INSERT INTO patient (id, reference, record_number, name, phone, email)"
                               " VALUES (?, ?, ?, ?, ?, ?)", patients)  # fmt: skip
        invoices = [_invoice(chance, key, count) for key in range(1, count + 1)]
        connection.executemany(
            "INSERT INTO invoice (id, number, patient_id, department, currency, issued_on, due_on, total_minor,"
            " insurer, insurer_share_minor, paid_minor, returned_minor, balance_minor, status, received_at)"
            " VALUES (?, ?, ?, 'Radiology', 'EUR', '2026-01-01', '2026-02-01', 1000, '', 0, ?, 0, ?, ?,"
            " '2026-01-01 00:00:00')",
            invoices,
        )
        connection.executemany(
            "INSERT INTO invoice_word (invoice_id, word) VALUES (?, ?)",
            (
                (invoice[0], word)
                for invoice in invoices
                for word in words_of_invoice(
                    number=invoice[1],
                    patient_name=patients[invoice[2] - 1][3],
                    record_number=patients[invoice[2] - 1][2],
                )
            ),
        )
        connection.executemany(
            "INSERT INTO patient_word (word, patient_id) VALUES (?, ?)",
            (
                (word, key)
                for key, _, record_number, name, *_ in patients
                for word in words_of_patient(name=name, record_number=record_number, phone="")
            ),
        )
        connection.executemany(
            "INSERT INTO invoice_key (key, invoice_id, is_whole) VALUES (?, ?, ?)",
            (
                (each, key, each in whole_keys(number))
                for key, number, *_ in invoices
                for each in keys_of_number(number)
            ),
        )


def copy(file: Path, url: str) -> None:
    """Put what ``make`` made into ``file`` into an empty database of PostgreSQL, too."""
    migrate(url)
    with contextlib.closing(sqlite3.connect(file)) as source, psycopg.connect(url) as target:
        for table in ("patient", "invoice", "invoice_word", "patient_word", "invoice_key"):
            rows = source.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in rows.description]
            with target.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copying:
                for row in rows:
                    copying.write_row(row)
        target.commit()
        target.autocommit = True
        target.execute("VACUUM ANALYZE")


def keystrokes(count: int) -> Iterator[str]:
    """Yield what stands in the search field after each key of ``count`` searches."""
    chance = random.Random(2)
    for _ in range(count):
        text = chance.choice([_name(chance), f"INV-2026-{chance.randrange(10**6):07d}", _name(chance).split()[1]])
        for length in range(1, len(text) + 1):
            yield text[:length]


def _name(chance: random.Random) -> str:
    first = _FIRST[int(len(_FIRST) * chance.random() ** 2)]
    last = _LAST[int(len(_LAST) * chance.random() ** 2)]
    return f"{first} {last} {chance.choice(_LAST)}"


def _invoice(chance: random.Random, key: int, count: int) -> tuple[int, str, int, int, int, str]:
    status, paid = chance.choices(_STATUSES, (10, 1, 5, 0.5) if key > count * 0.97 else (1, 0.2, 20, 0.5))[0]
    return key, f"INV-2026-{key:07d}", chance.randrange(count // 4) + 1, paid, 1000 - paid, status
