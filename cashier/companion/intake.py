"""Storing events as they come: everything that arrives while one commit runs goes into the next.

Every event is answered after its own commit, and a burst costs a few commits instead of one each.
Waiting for a group to fill would only cost time: with little to do, each event is committed at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from cashier.stripe_gateway.webhooks import EventNotice
from cashier.stripe_inbox.service import StripeInbox

_GROUP_MAX = 200


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    notice: EventNotice
    stored: asyncio.Future[None]


class EventIntake:
    """Stores events in groups."""

    def __init__(self, inbox: StripeInbox, *, stored: Callable[[], None]) -> None:
        """Store into ``inbox``; call ``stored`` after each commit."""
        self._inbox = inbox
        self._announce = stored
        self._waiting: list[_Waiting] = []
        self._storing: asyncio.Task[None] | None = None

    async def store(self, notice: EventNotice) -> None:
        """Return when ``notice`` is committed, or was stored before.

        Raises what the database raised; then nothing of the group was stored.
        """
        mine = _Waiting(notice=notice, stored=asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if self._storing is None:
            self._storing = asyncio.create_task(self._store_all(), name="event intake")
        await mine.stored

    async def _store_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:_GROUP_MAX], self._waiting[_GROUP_MAX:]
            try:
                await self._inbox.store([each.notice for each in group])
            except Exception as error:
                _conclude(group, error)
            else:
                _conclude(group, None)
                self._announce()
        self._storing = None


def _conclude(group: list[_Waiting], error: Exception | None) -> None:
    for each in group:
        # Whoever sent it may have hung up meanwhile.
        if each.stored.done():
            continue
        if error is None:
            each.stored.set_result(None)
        else:
            each.stored.set_exception(error)
