"""What must always be true of the books, whatever happened to processes and networks."""

from __future__ import annotations

from cashier.audit.rules import RULES, apply
from cashier.database import Database


async def contradictions_in(database: Database) -> list[str]:
    """Return what does not agree among payments, refunds, allocations, invoices, receipts and the journal."""
    return [str(contradiction) for rule in RULES for contradiction in (await apply(database, rule)).examples]
