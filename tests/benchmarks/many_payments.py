"""A database with very many payments, filled fast: for measuring, not for proving rules."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks import many_invoices

DESKS = 40
STAFF = 60
_BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
_TENDERS = ("checkout", "saved_card", "phone", "cheque", "bank_transfer")


def make(file: Path, count: int, *, invoices: int = 20_000) -> None:
    """Make ``count`` payments over a year at 40 desks, one in fifty refunded, for some thousand invoices."""
    many_invoices.make(file, invoices)
    chance = random.Random(3)
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("INSERT INTO hospital (id, name, legal_name, tax_id, address, phone, currency,"
                           " cash_step_minor, time_zone, receipt_footer) VALUES (1, 'Many Example Hospital', '', '',"
                           " '', '', 'EUR', 0, 'Europe/Madrid', '')")  # fmt: skip
        connection.executemany("INSERT INTO desk (id, code, name, is_active) VALUES (?, ?, '', 1)",
                               [(key, f"D{key}") for key in range(1, DESKS + 1)])  # fmt: skip
        connection.executemany("INSERT INTO staff (id, sign_in_name, display_name, role, is_active)"
                               " VALUES (?, ?, ?, 'supervisor', 1)",
                               [(key, f"staff{key}", f"Staff {key}") for key in range(1, STAFF + 1)])  # fmt: skip
        payments = [_payment(chance, place, count, invoices) for place in range(count)]
        connection.executemany(
            "INSERT INTO payment (id, patient_id, desk_id, staff_id, tender, settlement_id, state, amount_minor,"
            " deposit_minor, unallocated_minor, rounding_minor, reference, currency, created_at, return_base,"
            " settled_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, '', 'EUR', ?, '', ?)",
            payments,
        )
        connection.executemany("INSERT INTO payment_item (payment_id, invoice_id, amount_minor) VALUES (?, ?, ?)",
                               [(row[0], chance.randrange(invoices) + 1, row[7]) for row in payments])  # fmt: skip
        connection.executemany(
            "INSERT INTO refund (id, payment_id, amount_minor, currency, reason, note, reopens, origin, state,"
            " requested_by, desk_id, requested_at, decided_by) VALUES (?, ?, 100, 'EUR', 'requested_by_customer', '',"
            " 0, 'desk', 'succeeded', 1, 1, ?, 2)",
            [(f"{chance.getrandbits(128):032x}", row[0], row[8]) for row in payments[::50] if row[6] == "paid"],
        )
        connection.execute("ANALYZE")


def _payment(chance: random.Random, place: int, count: int, invoices: int) -> tuple[object, ...]:
    key = f"{chance.getrandbits(128):032x}"
    moment = (_BEGAN + timedelta(days=365) * (place / count)).strftime("%Y-%m-%d %H:%M:%S.%f")
    state = "paid" if chance.random() < 0.9 else "cancelled"
    return (
        key, chance.randrange(invoices // 4) + 1, chance.randrange(DESKS) + 1, chance.randrange(STAFF) + 1,
        chance.choice(_TENDERS), key, state, chance.randrange(100, 100_000), moment,
        moment if state == "paid" else None,
    )  # fmt: skip
