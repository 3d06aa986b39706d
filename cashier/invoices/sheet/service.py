"""Invoices as documents: made at the moment somebody asks, and kept nowhere."""

from __future__ import annotations

from cashier.books.hospital import Hospital
from cashier.database import Database
from cashier.invoices.sheet.facts import collect
from cashier.invoices.sheet.pdf import render
from cashier.language import speaking


class InvoiceSheets:
    """Draws invoices as they are now."""

    def __init__(self, database: Database, *, is_training: bool) -> None:
        """Work on ``database``; where ``is_training``, every page is marked."""
        self._database = database
        self._is_training = is_training

    async def document(self, invoice_id: int, language: str = "") -> bytes:
        """Return the sheet of an invoice as PDF, in ``language`` or that of the hospital's papers.

        Raises ``Refused`` where there is no such invoice.
        """
        async with self._database.reading() as session:
            facts = await collect(session, invoice_id, is_training=self._is_training)
            wanted = language or (await session.get_one(Hospital, 1)).language_on_paper
        with speaking(wanted):
            return render(facts)
