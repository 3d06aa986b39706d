"""Rules about refunds that nobody looked at: an administrator's rule covers each, and all of a day together."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.audit.deeds import as_written
from cashier.books.api_client import ApiClient
from cashier.books.deeds.deed import DeedKind
from cashier.books.hospital import Hospital
from cashier.books.journal import JournalEntry
from cashier.books.payment import Payment
from cashier.books.refund import Refund
from cashier.clock import begin_of, on_the_clock
from cashier.language import Message, m

_PART = 1000


async def wrong_by_rule(session: AsyncSession) -> AsyncIterator[Message]:
    """Find refunds approved by rule that the rule, as the journal kept it then, does not cover.

    Each is of a payment that the client took, asked for by the client, within the limit of one refund; and what the
    rule let pass on that day before is the sum of those before it.
    """
    hospital = await session.get(Hospital, 1)
    zone = "UTC" if hospital is None else hospital.time_zone
    passed: dict[tuple[int, str], list[tuple[datetime, int]]] = defaultdict(list)
    statement = (
        sa.select(Refund, Payment.desk_id, ApiClient, JournalEntry.facts)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(ApiClient, ApiClient.id == Refund.rule_client_id)
        .join(JournalEntry, JournalEntry.subject_id == as_written(session, Refund.id))
        .where(JournalEntry.action == DeedKind.REFUND_APPROVED_BY_RULE)
        .order_by(JournalEntry.number)
        .execution_options(yield_per=_PART)
    )
    async for refund, desk_id, client, facts in await session.stream(statement):
        if (refund.requested_by, desk_id) != (client.staff_id, client.desk_id):
            yield m("refund {refund} is not one that {client} may make by rule", refund=refund.id, client=client.name)
        decided_at = refund.decided_at or refund.requested_at
        begin = begin_of(on_the_clock(decided_at, zone).date(), zone)
        earlier = passed[client.id, refund.currency]
        before_minor = sum(minor for at, minor in earlier if at >= begin)
        # Clocks of two machines may differ, but not by a day.
        earlier[:] = [each for each in earlier if each[0] >= begin - timedelta(days=1)]
        earlier.append((decided_at, refund.amount_minor))
        if not _covers(json.loads(facts), refund, before_minor):
            yield m("refund {refund} is beyond what {client} may by rule", refund=refund.id, client=client.name)


def _covers(told: dict[str, Any], refund: Refund, before_minor: int) -> bool:
    return bool(
        refund.amount_minor <= told["amount_minor_max"]
        and before_minor + refund.amount_minor <= told["day_total_minor_max"]
        and told["day_before_minor"] == before_minor
        and told["set_by"] == refund.decided_by
    )
