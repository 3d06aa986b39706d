"""What became of each of many invoices: one that is refused keeps no other out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cashier.books import journal
from cashier.database import Database
from cashier.invoices.changes import InvoiceRefused
from cashier.invoices.intake import take_in_batch
from cashier.invoices.views import IncomingInvoice


class Result(StrEnum):
    """What became of one; the values stand in answers to other systems and never change."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one invoice; ``refused`` says why it was not taken in."""

    result: Result
    refused: InvoiceRefused | None = None


async def take_in_each(
    database: Database, batch: Sequence[IncomingInvoice], actor: journal.Actor, *, keeps: bool = True
) -> list[Outcome]:
    """Take in what was ``accepted`` and say of each, in its order, what became of it; or would, without ``keeps``.

    All of it is one transaction. Where something is refused it is halved until that stands alone. Of several versions
    of one invoice the last one counts. Safe to repeat.
    """
    if not batch:
        return []
    try:
        taken = await take_in_batch(database, batch, actor, keeps=keeps)
    except InvoiceRefused as refused:
        if len(batch) == 1:
            return [Outcome(result=Result.REFUSED, refused=refused)]
        half = len(batch) // 2
        first = await take_in_each(database, batch[:half], actor, keeps=keeps)
        return first + await take_in_each(database, batch[half:], actor, keeps=keeps)
    seen: set[str] = set()
    outcomes = []
    for each in batch:
        if each.number in taken.new and each.number not in seen:
            result = Result.ADDED
        else:
            result = Result.UNCHANGED if each.number in taken.unchanged else Result.UPDATED
        seen.add(each.number)
        outcomes.append(Outcome(result=result))
    return outcomes
