"""Rules about what stands on receipts. Read in order, in parts."""

from __future__ import annotations

from collections.abc import AsyncIterator

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.receipt import Receipt
from cashier.language import Message, m
from cashier.receipts.facts import thaw

_PART = 1000


async def wrong_sums(session: AsyncSession) -> AsyncIterator[Message]:
    """Find receipts on which somebody who adds up comes to something else than what is printed."""
    statement = sa.select(Receipt).order_by(Receipt.id).execution_options(yield_per=_PART)
    async for receipt in await session.stream_scalars(statement):
        facts = thaw(receipt.facts)
        if (facts.total_minor, facts.currency) != (receipt.amount_minor, receipt.currency):
            yield m(
                "receipt {receipt} is of {amount_minor} {currency}, and {printed_minor} {printed} stand on it",
                receipt=receipt.full_number,
                amount_minor=receipt.amount_minor,
                currency=receipt.currency,
                printed_minor=facts.total_minor,
                printed=facts.currency,
            )
        elif not facts.adds_up:
            yield m("what stands on receipt {receipt} does not add up", receipt=receipt.full_number)
