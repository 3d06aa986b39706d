"""Invoices as the hospital's system sends them, made short for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO
from typing import Any

from cashier.database import Database
from cashier.invoices.arriving.json_lines import JSON_LINES
from cashier.invoices.arriving.report import ImportReport
from cashier.invoices.file_import import import_file
from cashier.invoices.views import IncomingInvoice, IncomingLine

TODAY = date(2026, 11, 23)


def a_line(total_minor: int = 10_000, **changes: Any) -> IncomingLine:
    facts: dict[str, Any] = {
        "description": "Consultation",
        "quantity_milli": 1000,
        "unit_price_minor": total_minor,
        "tax_basis_points": 0,
        "tax_minor": 0,
        "total_minor": total_minor,
    }
    return IncomingLine(**facts | changes)


def an_invoice(number: str = "INV-1", **changes: Any) -> IncomingInvoice:
    facts: dict[str, Any] = {
        "number": number,
        "record_number": "MRN-0000001",
        "patient_name": "Zoë Dąbek",
        "department": "Cardiology",
        "currency": "EUR",
        "issued_on": TODAY,
        "due_on": TODAY,
        "lines": (a_line(),),
    }
    return IncomingInvoice(**facts | changes)


async def import_lines(database: Database, lines: Iterable[bytes], *, is_dry_run: bool = False) -> ImportReport:
    """Import a file of these lines."""
    stream = BytesIO(b"".join(line.rstrip(b"\n") + b"\n" for line in lines))
    return await import_file(database, stream, JSON_LINES, is_dry_run=is_dry_run)
