"""A small hospital for tests: two desks, three people, and a handful of invoices that are named here."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cashier.books.hospital import Desk, Hospital
from cashier.books.invoice import Invoice
from cashier.books.journal import Actor, staff_at
from cashier.books.schema.guards import BOUND
from cashier.books.staff import Role, Staff, StaffSecret
from cashier.database import Database
from cashier.invoices.intake import take_in
from cashier.invoices.views import IncomingInvoice, IncomingLine
from cashier.staff.pins import drawn_for, secret_of

CASHIER_NAME, CASHIER_PIN = "casey", "2580"
SUPERVISOR_NAME, SUPERVISOR_PIN = "sol", "7410"
ADMINISTRATOR_NAME, ADMINISTRATOR_PIN = "ada", "9630"

DUE = "INV-2026-000001"
"""120.00 EUR of Ana Núñez, nothing paid."""
DUE_OF_SAME_PATIENT = "INV-2026-000002"
"""90.00 EUR of Ana Núñez, of which her insurer pays half."""
DUE_OF_OTHER_PATIENT = "INV-2026-000003"
"""80.00 EUR of Björn Dvořák."""
CANCELLED = "INV-2026-000004"
TINY = "INV-2026-000005"
"""0.30 EUR: less than a card can be charged."""
IN_YEN = "INV-2026-000006"
"""12,000 JPY: a currency without a minor unit."""


@dataclass(frozen=True, kw_only=True)
class SampleHospital:
    """Where a filled database is and what is in it. Nothing is connected."""

    url: str
    invoice_ids: dict[str, int]
    desk_code: str = "D1"
    desk_id: int = 1
    cashier_id: int = 1
    supervisor_id: int = 2
    administrator_id: int = 3

    @property
    def file(self) -> Path:
        """The database's file; only SQLite has one."""
        assert self.url.startswith("sqlite:///")
        return Path(self.url.removeprefix("sqlite:///"))

    def execute(self, statement: str, **values: object) -> list[dict[str, Any]]:
        """Run a statement past all services, in a transaction of its own; return its rows."""
        return execute(self.url, statement, **values)

    async def change(self, statement: str, **values: object) -> None:
        """Run a statement as ``execute`` does, where a companion lives in the test's own loop.

        Waiting inside the loop for the companion to finish its writing, while it waits for the loop, would never end.
        """
        await asyncio.to_thread(self.execute, statement, **values)

    def remove_guards(self) -> None:
        """Drop the triggers that keep records, as who has all rights could; events are still written."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.file, timeout=30, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                kept = (
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name NOT LIKE 'tell\\_%' ESCAPE '\\'"
                )
                for (name,) in connection.execute(kept).fetchall():
                    connection.execute(f"DROP TRIGGER {name}")
                connection.execute("COMMIT")
        else:
            bound = [f"cashier_refuse_{table}_bound()" for table in BOUND]
            self.execute(f"DROP FUNCTION {', '.join(['cashier_refuse()', *bound])} CASCADE")

    @property
    def cashier(self) -> Actor:
        """The cashier at desk D1."""
        return staff_at(staff_id=self.cashier_id, desk_id=self.desk_id)

    @property
    def colleague(self) -> Actor:
        """The supervisor at desk D2."""
        return staff_at(staff_id=self.supervisor_id, desk_id=2)

    @property
    def administrator(self) -> Actor:
        """The administrator, at no desk."""
        return staff_at(staff_id=self.administrator_id)


def execute(url: str, statement: str, **values: object) -> list[dict[str, Any]]:
    """Run a statement on the database at ``url``, past everything of ours; return its rows."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    try:
        with engine.begin() as connection:
            result = connection.execute(sa.text(statement), values)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []
    finally:
        engine.dispose()


async def fill(database: Database) -> dict[str, int]:
    """Set the hospital up in an empty, migrated database; return the invoices' keys by their numbers."""
    async with database.transaction() as session:
        session.add(
            Hospital(
                id=1,
                name="Harbour Example Hospital",
                legal_name="Harbour Example Hospital Foundation",
                tax_id="EX-00000000-0",
                address="1 Sample Quay\n00000 Exampleton",
                phone="+44 1632 960000",
                currency="EUR",
                time_zone="Europe/Madrid",
                receipt_footer="Thank you.",
            )
        )
        session.add_all(
            [
                Desk(id=1, code="D1", name="Main entrance", is_active=True),
                Desk(id=2, code="D2", name="Outpatient clinic", is_active=True),
                *_staff(1, CASHIER_NAME, "Casey Sample", Role.CASHIER, CASHIER_PIN),
                *_staff(2, SUPERVISOR_NAME, "Sol Example", Role.SUPERVISOR, SUPERVISOR_PIN),
                *_staff(3, ADMINISTRATOR_NAME, "Ada Sample", Role.ADMINISTRATOR, ADMINISTRATOR_PIN),
            ]
        )
        if not database.is_sqlite:
            # Rows that bring their own keys do not move the sequences.
            await session.execute(sa.text("SELECT setval('staff_id_seq', 3), setval('desk_id_seq', 2)"))
    await take_in(database, _invoices())
    async with database.reading() as session:
        rows = await session.execute(sa.select(Invoice.number, Invoice.id))
        return {row.number: row.id for row in rows}


def _staff(key: int, name: str, display_name: str, role: Role, pin: str) -> tuple[Staff, StaffSecret]:
    staff = Staff(id=key, sign_in_name=name, display_name=display_name, role=role, is_active=True)
    return staff, secret_of(key, drawn_for(pin))


def _invoices() -> list[IncomingInvoice]:
    ana, bjorn = ("MRN-0000101", "Ana Núñez", date(1971, 3, 3)), ("MRN-0000102", "Björn Dvořák", None)
    return [
        _invoice(DUE, ana, 12_000),
        _invoice(DUE_OF_SAME_PATIENT, ana, 9_000, insurer_share_minor=4_500),
        _invoice(DUE_OF_OTHER_PATIENT, bjorn, 8_000),
        _invoice(CANCELLED, bjorn, 5_000, cancelled=True),
        _invoice(TINY, bjorn, 30),
        _invoice(IN_YEN, bjorn, 12_000, currency="JPY"),
    ]


def _invoice(
    number: str,
    patient: tuple[str, str, date | None],
    total_minor: int,
    *,
    currency: str = "EUR",
    insurer_share_minor: int = 0,
    cancelled: bool = False,
) -> IncomingInvoice:
    line = IncomingLine(
        description="Ultrasound, abdomen",
        quantity_milli=1000,
        unit_price_minor=total_minor,
        tax_basis_points=0,
        tax_minor=0,
        total_minor=total_minor,
    )
    return IncomingInvoice(
        number=number,
        record_number=patient[0],
        patient_name=patient[1],
        born=patient[2],
        department="Radiology",
        currency=currency,
        issued_on=date(2026, 11, 2),
        due_on=date(2026, 12, 2),
        insurer="Meridian Mutual" if insurer_share_minor else "",
        insurer_share_minor=insurer_share_minor,
        cancelled=cancelled,
        lines=(line,),
    )
