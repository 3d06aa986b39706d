"""The clock of the database, which all who work on it share: ages and leases are measured by it alone.

A machine whose own clock is wrong then withdraws nothing too early and holds nothing for too long. An embedded
database has its machine's clock.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.clock import now


async def moment_in(session: AsyncSession) -> datetime:
    """Tell the time (UTC) by the clock that all who write here share."""
    if session.get_bind().dialect.name == "sqlite":
        return now()
    moment: datetime = (await session.execute(sa.select(sa.func.clock_timestamp()))).scalar_one()
    return moment.astimezone(UTC)
