"""What the companion does by itself: works through stored events, and finishes what was left unfinished.

Every companion of a database works through events. The other rounds are made by one of them at a time, the
leader, whose lease runs out soon after it dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from cashier import logs
from cashier.assembly import Services
from cashier.books.lease import give_back_lease, take_lease
from cashier.errors import CashierError
from cashier.invoices.arriving.folder import WatchedFolder

log = logging.getLogger(__name__)

_HANDS = 8
"""How many payments and other objects are asked about at the same time."""
_PROCESS_EVERY_SECONDS = 5.0
_QUIET_SECONDS = 0.05
_PUT_OFF_SECONDS_MAX = 2.0
"""Taking events in goes first: working through them waits until none came for a moment, but not for longer."""
_RECOVER_EVERY_SECONDS = 60.0
_SWEEP_EVERY_SECONDS = 300.0
_COMPARE_EVERY_SECONDS = 3600.0
_CONFIRM_EVERY_SECONDS = 300.0
_NOTE_EVERY_SECONDS = 300.0
_TELL_EVERY_SECONDS = 3600.0
_LEFT_ALONE = timedelta(seconds=30)
"""A younger payment is in the hands of a desk still."""
_OLDER_AT_ONCE = 4
"""How many weeks each comparison goes back, until it comes to the first payment."""
_LOOK_AT_FOLDER_SECONDS = 3.0
_LEASE = "upkeep"
_LEASE_SECONDS = 30.0
_PROLONG_EVERY_SECONDS = 10.0
_LOOK_FOR_LEAD_SECONDS = 0.5
_FINISH_SECONDS = 3.0
_SEND_EVERY_SECONDS = 1.0

Work = Callable[[], Awaitable[None]]


class Upkeep:
    """Loops that each survive whatever goes wrong in one round."""

    def __init__(self, services: Services) -> None:
        """Look after everything in ``services``."""
        self._services = services
        # The same after a restart, so that a companion which died need not wait for its own lease.
        self._holder = f"{socket.gethostname()}:{services.settings.companion.port}"[-64:]
        self._folder = _folder_of(services, self._holder)
        self._bell = asyncio.Event()
        self._stopping = asyncio.Event()
        self._leads = False
        self._came_at = -_QUIET_SECONDS
        self._sender = services.outbox.sender()

    def wake(self) -> None:
        """Look at the inbox as soon as no more events come."""
        self._came_at = time.monotonic()
        self._bell.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run all loops inside the block. At the end a round in hand gets a few seconds, then it is cut off.

        Cutting off is safe: transactions are undone as a whole, and events and payments are found again.
        """
        rounds: tuple[tuple[str, float, Work], ...] = (
            ("recovery", _RECOVER_EVERY_SECONDS, self._recover),
            ("sweep", _SWEEP_EVERY_SECONDS, self._sweep),
            ("comparison", _COMPARE_EVERY_SECONDS, self._compare),
            ("confirmation", _CONFIRM_EVERY_SECONDS, self._confirm),
            ("outbox", _SEND_EVERY_SECONDS, self._send),
            ("notary", _NOTE_EVERY_SECONDS, self._note),
            ("anchors", _TELL_EVERY_SECONDS, self._tell),
        )
        tasks = [
            asyncio.create_task(self._lead_forever(), name="lead"),
            *(asyncio.create_task(self._process_forever(), name=f"events {hand}") for hand in range(_HANDS)),
            *(asyncio.create_task(self._repeat(*each), name=each[0]) for each in rounds),
            asyncio.create_task(self._watch_forever(), name="folder"),
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
            await self._sender.aclose()
            await _survive("lease", self._step_down)

    async def _process_forever(self) -> None:
        while not self._stopping.is_set():
            self._bell.clear()
            await _survive("events", self._process)
            await _wait(self._bell, _PROCESS_EVERY_SECONDS)

    async def _process(self) -> None:
        await self._services.inbox.process_waiting(self._stopping, before_each_batch=self._let_events_in)

    async def _let_events_in(self) -> None:
        """Wait until no event came for a moment: whoever sends many wants each answered before it is worked on."""
        latest = time.monotonic() + _PUT_OFF_SECONDS_MAX
        while (wait := min(self._came_at + _QUIET_SECONDS, latest) - time.monotonic()) > 0:
            await _wait(self._stopping, wait)
            if self._stopping.is_set():
                return

    async def _watch_forever(self) -> None:
        """Look at this machine's folder of invoices, whoever leads: no other companion may see it."""
        if self._folder is None:
            return
        while not self._stopping.is_set():
            await _survive("folder", self._look_at_folder)
            await _wait(self._stopping, _LOOK_AT_FOLDER_SECONDS)

    async def _look_at_folder(self) -> None:
        if self._folder is not None:
            await self._folder.round()

    async def _lead_forever(self) -> None:
        while not self._stopping.is_set():
            # Who cannot say that it leads does not lead.
            self._leads, led = False, self._leads
            await _survive("lease", self._stand)
            if self._leads != led:
                log.info("upkeep taken over" if self._leads else "upkeep given up")
            await _wait(self._stopping, _PROLONG_EVERY_SECONDS)

    async def _stand(self) -> None:
        self._leads = await take_lease(self._services.database, _LEASE, self._holder, seconds=_LEASE_SECONDS)

    async def _step_down(self) -> None:
        if self._leads:
            await give_back_lease(self._services.database, _LEASE, self._holder)

    async def _repeat(self, what: str, every_seconds: float, work: Work) -> None:
        """Do ``work`` as soon as we lead, and again and again while we do."""
        while not self._stopping.is_set():
            if not self._leads:
                await _wait(self._stopping, _LOOK_FOR_LEAD_SECONDS)
                continue
            await _survive(what, work)
            await _wait(self._stopping, every_seconds)

    async def _send(self) -> None:
        while self._leads and not self._stopping.is_set() and await self._services.outbox.send_due(self._sender):
            pass

    async def _recover(self) -> None:
        payments = await self._services.payments.recover(older_than=_LEFT_ALONE)
        refunds = await self._services.refunds.recover()
        if payments or refunds:
            log.info("recovered", extra={"payments": payments, "refunds": refunds})

    async def _sweep(self) -> None:
        missing = await self._services.sweep.run()
        if missing:
            log.warning("webhooks had not come", extra={"events": missing})
            self.wake()

    async def _compare(self) -> None:
        new = await self._services.reconciliation.compare_recent()
        new += await self._services.reconciliation.compare_older(times=_OLDER_AT_ONCE)
        log.info("compared with Stripe", extra={"new_differences": new})

    async def _confirm(self) -> None:
        new = await self._services.reconciliation.confirmations.run()
        if new:
            log.warning("not confirmed by Stripe", extra={"new_differences": new})

    async def _note(self) -> None:
        await self._services.anchors.notary.run()

    async def _tell(self) -> None:
        await self._services.anchors.elsewhere.run()


def _folder_of(services: Services, holder: str) -> WatchedFolder | None:
    watched = services.settings.invoices
    if not watched.folder:
        return None
    return WatchedFolder(
        services.database,
        Path(watched.folder).expanduser(),
        profile=Path(watched.profile).expanduser() if watched.profile else None,
        settles_seconds=watched.settles_seconds,
        holder=holder,
    )


async def _survive(what: str, work: Work) -> None:
    """Do one round of ``work``; what goes wrong is logged, and the next round tries again."""
    try:
        await work()
    except CashierError as error:
        log.warning("round interrupted", extra={"round": what, "reason": error.message.english})
    except Exception:
        log.exception("round failed", extra={"round": what, "reference": logs.new_reference()})


async def _wait(bell: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await bell.wait()
