"""How far the books were compared with Stripe's: one stretch without a gap, which grows at both of its ends.

So every payment that Stripe took is compared, however old: what was paid while nothing ran, and what was paid before
anything was compared.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from cashier.books.difference import Comparison
from cashier.books.payment import Payment, PaymentState
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.reconciliation.tally import LeftOut
from cashier.reconciliation.views import Compared
from cashier.tenders.tender import AT_STRIPE_TENDERS

RECENT = timedelta(hours=48)
"""What is compared again and again: Stripe may list it late, and we may learn of it late."""
AT_ONCE_MAX = timedelta(days=7)
"""So much is compared before the mark moves: whoever is interrupted goes on from there."""
_CLOCKS_DIFFER_BY = timedelta(minutes=1)

Stretch = tuple[datetime, datetime]


async def read_compared(database: Database) -> Compared | None:
    """Return what was compared, as a whole; None before the first time."""
    async with database.reading() as session:
        kept = await session.get(Comparison, 1)
    if kept is None:
        return None
    left_out = LeftOut(charges=kept.foreign_charges, disputes=kept.foreign_disputes, set_aside=kept.set_aside)
    return Compared(since=kept.since, until=kept.until, compared_at=kept.compared_at, left_out=left_out)


@again_after_circle
async def note_compared(database: Database, since: datetime, until: datetime, left_out: LeftOut) -> None:
    """Keep that everything from ``since`` to ``until`` was compared now.

    What touches the stretch that is kept makes it longer; what is newer and does not, takes its place. What was left
    out is kept of the newest.
    """
    insert = sqlite.insert if database.is_sqlite else postgresql.insert
    moment = now()
    counts = {
        "foreign_charges": left_out.charges,
        "foreign_disputes": left_out.disputes,
        "set_aside": left_out.set_aside,
    }
    first = insert(Comparison).values(id=1, since=since, until=until, compared_at=moment, **counts)
    async with database.transaction() as session:
        if (await session.execute(first.on_conflict_do_nothing().returning(Comparison.id))).first() is not None:
            return
        kept = await session.get_one(Comparison, 1, with_for_update=ROW_LOCK)
        is_newest, touches = until >= kept.until, since <= kept.until and until >= kept.since
        if is_newest:
            kept.foreign_charges, kept.foreign_disputes = left_out.charges, left_out.disputes
            kept.set_aside = left_out.set_aside
        if touches:
            kept.since, kept.until = min(since, kept.since), max(until, kept.until)
        elif is_newest:
            kept.since, kept.until = since, until
        kept.compared_at = moment


async def recent_stretches(database: Database) -> list[Stretch]:
    """Return what is to be compared up to now, the last 48 hours at the end, without a gap to what was compared."""
    # A little beyond now: Stripe's clock counts in whole seconds, and is not ours.
    until = now() + _CLOCKS_DIFFER_BY
    recent = until - RECENT
    compared = await read_compared(database)
    stretches = []
    if compared is not None and compared.until < recent:
        begin = compared.until - RECENT
        while begin < recent:
            stretches.append((begin, min(begin + AT_ONCE_MAX, recent)))
            begin += AT_ONCE_MAX
    return [*stretches, (recent, until)]


async def older_stretch(database: Database) -> Stretch | None:
    """Return what is to be compared before all that was; None when nothing of Stripe's is older."""
    compared = await read_compared(database)
    if compared is None:
        return None
    oldest = sa.select(Payment.created_at).where(
        Payment.state == PaymentState.PAID, Payment.tender.in_(AT_STRIPE_TENDERS), Payment.created_at < compared.since
    )
    async with database.reading() as session:
        found = (await session.execute(oldest.order_by(Payment.created_at).limit(1))).scalar_one_or_none()
    if found is None:
        return None
    return max(compared.since - AT_ONCE_MAX, found - _CLOCKS_DIFFER_BY), compared.since
