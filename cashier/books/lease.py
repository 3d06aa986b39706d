"""Leases: of several companions on one database, one at a time does what should be done once.

A lease runs out by itself, so a companion that dies is replaced after a while. Work under a lease is safe
to do twice anyway; the lease only keeps two from stepping on each other's feet. It is measured by the database's
clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from cashier.clock import now
from cashier.database import Base, Database, UtcDateTime


class Lease(Base):
    """Who does a kind of work, and until when."""

    __tablename__ = "lease"

    work: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(64))
    until: Mapped[datetime] = mapped_column(UtcDateTime)


async def take_lease(database: Database, work: str, holder: str, *, seconds: float) -> bool:
    """Take or prolong the lease on ``work`` for ``holder``; False while somebody else has it."""
    insert = sqlite.insert if database.is_sqlite else postgresql.insert
    async with database.transaction() as session:
        moment = now()
        until = moment + timedelta(seconds=seconds)
        inserting = insert(Lease).values(work=work, holder=holder, until=until)
        statement = inserting.on_conflict_do_update(
            index_elements=[Lease.work],
            set_={"holder": holder, "until": until},
            where=sa.or_(Lease.holder == holder, Lease.until < moment),
        ).returning(Lease.holder)
        return (await session.execute(statement)).scalar_one_or_none() == holder


async def give_back_lease(database: Database, work: str, holder: str) -> None:
    """End ``holder``'s lease on ``work``, so that another one need not wait. Safe to repeat."""
    async with database.transaction() as session:
        await session.execute(sa.delete(Lease).where(Lease.work == work, Lease.holder == holder))
