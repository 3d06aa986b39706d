"""The lists of refunds at a desk: what waits for a decision, what is under way, what became of it."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from cashier.books import journal
from cashier.books.refund import Refund
from cashier.clock import now
from cashier.database import Database
from cashier.refunds.queries import IS_UNDER_WAY, IS_WAITING, ids_of, views_of
from cashier.refunds.views import RefundView
from cashier.staff.rights import Action, may, require

_SETTLED_SHOWN_MAX = 300


class RefundLists:
    """What a desk sees of refunds: those that it asked for, and with the right to it those of every desk."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def waiting(self, actor: journal.Actor) -> tuple[RefundView, ...]:
        """List what nobody has decided yet, what lapses first at the top."""
        views = await self._read(actor, IS_WAITING, Refund.expires_at > now())
        return tuple(sorted(views, key=lambda view: (view.requested_at, view.id)))

    async def under_way(self, actor: journal.Actor) -> tuple[RefundView, ...]:
        """List what is approved and not settled: at Stripe, or to be transferred."""
        return await self._read(actor, IS_UNDER_WAY)

    async def settled(self, actor: journal.Actor) -> tuple[RefundView, ...]:
        """List what became of the last few hundred others, the newest first."""
        return await self._read(actor, ~IS_WAITING, ~IS_UNDER_WAY, limit=_SETTLED_SHOWN_MAX)

    async def count_waiting(self, actor: journal.Actor) -> int:
        """Count what waits for somebody like ``actor`` to decide: requests of others. Nothing without the right."""
        statement = sa.select(sa.func.count()).where(
            IS_WAITING, Refund.expires_at > now(), Refund.requested_by != actor.staff_id
        )
        async with self._database.reading() as session:
            if not await may(session, actor, Action.APPROVE_REFUND):
                return 0
            return (await session.execute(statement)).scalar_one()

    async def find(self, refund_id: uuid.UUID) -> RefundView | None:
        """Return a refund, whoever asked for it, or None where there is none of that id."""
        async with self._database.reading() as session:
            return next(iter(await views_of(session, [refund_id])), None)

    async def _read(
        self, actor: journal.Actor, *conditions: sa.ColumnElement[bool], limit: int | None = None
    ) -> tuple[RefundView, ...]:
        await require(self._database, actor, Action.SEE_PAYMENTS)
        async with self._database.reading() as session:
            if not await may(session, actor, Action.SEE_EVERY_DESK):
                conditions = (*conditions, Refund.desk_id == actor.desk_id)
            return await views_of(session, await ids_of(session, *conditions, limit=limit))
