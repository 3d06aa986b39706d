"""Checks of papers: whether this machine has a font for all that stands on them, and a printer for receipts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from cashier.books.hospital import Desk, Hospital, ReceiptExtra
from cashier.books.invoice import Invoice, InvoiceLine, Patient
from cashier.books.schema.revision import check_schema
from cashier.books.staff import Staff
from cashier.database import Database
from cashier.doctor.configuration import Configuration
from cashier.doctor.connections import Connections
from cashier.doctor.findings import Finding, Level
from cashier.errors import Refused
from cashier.language import m
from cashier.paper.faces import UnreadableFontError, check_font, use_fonts
from cashier.paper.missing import NAME_A_FONT, boxes_in
from cashier.printing.thermal import receipt_printer_of

_NEWEST = 20_000
"""So many invoices, patients and services are looked at: what was sent lately is printed next."""


async def look_at_fonts(configuration: Configuration, lines: Connections) -> Finding:
    """Can the named fonts be read, and is there one for every name that stands on papers."""
    fonts = configuration.settings.paper.fonts
    for path in fonts:
        try:
            check_font(path)
        except UnreadableFontError as reason:
            return Finding(
                level=Level.WRONG,
                message=m("The font {path} cannot be used: {reason}.", path=path, reason=str(reason)),
                remedy=m("Correct fonts in [paper] of the settings."),
            )
    use_fonts(fonts)
    async with lines.open_database() as database:
        await check_schema(database)
        texts = await _printed(database)
    boxes = boxes_in(*texts)
    if boxes:
        return Finding(level=Level.WARNING, message=boxes, remedy=NAME_A_FONT)
    return Finding(level=Level.OK, message=m("There is a font for every name on papers."))


async def look_at_receipt_printer(configuration: Configuration) -> Finding:
    """Does the thermal printer answer, and has it paper. Nothing is printed."""
    settings = configuration.settings
    printer = receipt_printer_of(settings)
    if printer is None:
        return Finding(level=Level.OK, message=m("Receipts are printed where everything is."))
    try:
        status = await printer.look()
    except Refused as refusal:
        return Finding(level=Level.WARNING, message=refusal.message, remedy=refusal.advice)
    address = settings.desk.receipt_printer
    if status.is_paper_low:
        message = m("The receipt printer at {address} answers; its paper ends soon.", address=address)
        return Finding(level=Level.WARNING, message=message, remedy=m("Keep a new roll at hand."))
    return Finding(level=Level.OK, message=m("The receipt printer at {address} answers.", address=address))


async def _printed(database: Database) -> Sequence[str]:
    """Return what people typed and what papers show; of what is endless, the newest."""
    async with database.reading() as session:
        hospital = await session.get(Hospital, 1)
        extras = hospital.on_receipts if hospital is not None else frozenset()
        wanted: list[sa.Select[Any]] = [
            sa.select(Desk.name),
            sa.select(Staff.display_name),
            _newest(Invoice.department, Invoice.id),
        ]
        if ReceiptExtra.PATIENT_NAME in extras:
            wanted.append(_newest(Patient.name, Patient.id))
        if ReceiptExtra.SERVICES in extras:
            wanted.append(_newest(InvoiceLine.description, InvoiceLine.id))
        found = list(hospital.printed_texts) if hospital is not None else []
        for statement in wanted:
            found += (await session.execute(statement)).scalars()
    return found


def _newest(text: Any, key: Any) -> sa.Select[tuple[str]]:
    newest = sa.select(text.label("text")).order_by(key.desc()).limit(_NEWEST).subquery()
    return sa.select(newest.c.text).distinct()
