"""What the companion does by itself: works through stored events, and finishes what was left unfinished."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from cashier import logs
from cashier.errors import CashierError
from cashier.payments.service import Payments
from cashier.stripe_inbox.service import StripeInbox

log = logging.getLogger(__name__)

_PROCESS_EVERY_SECONDS = 5.0
_RECOVER_EVERY_SECONDS = 60.0
_LEFT_ALONE = timedelta(seconds=30)
"""A younger payment is in the hands of a desk still."""
_FINISH_SECONDS = 3.0


class Upkeep:
    """Two loops, each of which survives whatever goes wrong in one round."""

    def __init__(self, payments: Payments, inbox: StripeInbox) -> None:
        """Look after ``payments`` and ``inbox``."""
        self._payments = payments
        self._inbox = inbox
        self._bell = asyncio.Event()
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Look at the inbox now."""
        self._bell.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run both loops inside the block. At the end a round in hand gets a few seconds, then it is cut off.

        Cutting off is safe: transactions are undone as a whole, and events and payments are found again.
        """
        tasks = [
            asyncio.create_task(self._process_forever(), name="events"),
            asyncio.create_task(self._recover_forever(), name="recovery"),
        ]
        try:
            yield
        finally:
            self._stopping.set()
            self.wake()
            _finished, late = await asyncio.wait(tasks, timeout=_FINISH_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _process_forever(self) -> None:
        while not self._stopping.is_set():
            self._bell.clear()
            await _survive("events", self._process)
            await _wait(self._bell, _PROCESS_EVERY_SECONDS)

    async def _process(self) -> None:
        while not self._stopping.is_set() and await self._inbox.process_waiting():
            pass

    async def _recover_forever(self) -> None:
        while not self._stopping.is_set():
            await _survive("recovery", self._recover)
            await _wait(self._stopping, _RECOVER_EVERY_SECONDS)

    async def _recover(self) -> None:
        moved = await self._payments.recover(older_than=_LEFT_ALONE)
        if moved:
            log.info("payments recovered", extra={"moved": moved})


async def _survive(what: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do one round of ``work``; what goes wrong is logged, and the next round tries again."""
    try:
        await work()
    except CashierError as error:
        log.warning("round interrupted", extra={"round": what, "reason": error.message})
    except Exception:
        log.exception("round failed", extra={"round": what, "reference": logs.new_reference()})


async def _wait(bell: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await bell.wait()
