"""Positions: after the commit each event gets the next one, so that reading on from one misses nothing.

What the database numbers by itself may commit late: a long transaction has taken 5 while 6 can be read already, and
whoever reads on from 6 never sees 5. A position is given to what is committed, by one at a time, and is seen only
together with all before it.
"""

from __future__ import annotations

import sqlalchemy as sa

from cashier.books.outgoing.endpoint import DeliveryState, OutgoingDelivery, OutgoingEndpoint
from cashier.books.outgoing.event import OutgoingEvent, OutgoingHead
from cashier.clock import now
from cashier.database import ROW_LOCK, Database

_AT_ONCE = 500

_WITHOUT = sa.select(OutgoingEvent).where(OutgoingEvent.position.is_(None)).order_by(OutgoingEvent.number)


async def give_positions(database: Database) -> int:
    """Give every event that has none its position, and put it on its way to every endpoint that is on.

    Returns how many there were. Safe to repeat, and to call from everywhere at once.
    """
    given = 0
    while batch := await _give_some(database):
        given += batch
        if batch < _AT_ONCE:
            break
    return given


async def _give_some(database: Database) -> int:
    # Looking first keeps those who find nothing from taking SQLite's one right to write.
    async with database.reading() as session:
        if (await session.execute(_WITHOUT.limit(1))).first() is None:
            return 0
    async with database.transaction() as session:
        locked = sa.select(OutgoingHead).where(OutgoingHead.id == 1).with_for_update(**ROW_LOCK)
        head = (await session.execute(locked)).scalar_one()
        events = (await session.scalars(_WITHOUT.limit(_AT_ONCE))).all()
        on = (await session.scalars(sa.select(OutgoingEndpoint.id).where(OutgoingEndpoint.off_at.is_(None)))).all()
        moment = now()
        for event in events:
            head.position += 1
            event.position = head.position
            session.add_all(
                OutgoingDelivery(
                    endpoint_id=endpoint_id,
                    event_number=event.number,
                    about=about(event),
                    state=DeliveryState.WAITING,
                    due_at=moment,
                )
                for endpoint_id in on
            )
    return len(events)


def about(event: OutgoingEvent) -> str:
    """Name what an event is about: of that, one is told after the other."""
    return f"invoice {event.invoice_id}" if event.invoice_id is not None else f"payment {event.payment_id}"
