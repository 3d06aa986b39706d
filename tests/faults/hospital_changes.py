"""What the hospital's system says anew of an invoice, perhaps while somebody pays it: another sum, or no invoice."""

from __future__ import annotations

import asyncio
import contextlib

from cashier.database import Database
from cashier.invoices.changes import InvoiceRefused
from cashier.invoices.intake import take_in
from cashier.invoices.views import IncomingInvoice
from tests.invoices.arriving import a_line, an_invoice
from tests.surroundings.sample_hospital import SampleHospital


def changed(hospital: SampleHospital, number: str, total_minor: int, *, cancelled: bool) -> IncomingInvoice:
    """Return an invoice that is known as the hospital sends it anew: its patient and currency are the same."""
    row = hospital.execute(
        "SELECT i.currency, p.record_number, p.name FROM invoice i JOIN patient p ON p.id = i.patient_id "
        "WHERE i.number = :number",
        number=number,
    )[0]
    return an_invoice(
        number,
        record_number=row["record_number"],
        patient_name=row["name"],
        currency=row["currency"],
        cancelled=cancelled,
        lines=(a_line(total_minor),),
    )


def bring(hospital: SampleHospital, incoming: IncomingInvoice) -> None:
    """Take it in as ``cashier import`` does, in a connection of its own.

    What is paid by then is not taken off any more: the hospital is told, and that is no matter here.
    """

    async def take() -> None:
        database = Database(hospital.url)
        try:
            with contextlib.suppress(InvoiceRefused):
                await take_in(database, [incoming])
        finally:
            await database.close()

    asyncio.run(take())
