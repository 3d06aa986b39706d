"""``GET /health``: how the companion is doing, for the desks, load balancers and monitors.

503 means: send webhooks elsewhere, they cannot be stored here. Trouble with Stripe alone is 200 with the
status ``degraded``: every other companion has the same trouble, and what is stored is worked off later. So is a
certificate that ends soon.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from cashier import __version__
from cashier.assembly import Services
from cashier.books.schema.revision import SCHEMA_REVISION, check_schema
from cashier.certificate import LiveCertificate
from cashier.clock import OFF_MAX, machine_off, now
from cashier.database.soundness import check_encoding, check_file, room_left
from cashier.errors import CashierError, Unreachable
from cashier.hl7.store import count_unsettled
from cashier.language import Message, m, mn
from cashier.outbox.deliveries import GONE
from cashier.outbox.endpoints import EndpointView

_DATABASE_EVERY_SECONDS = 1.0
_STRIPE_EVERY_SECONDS = 10.0
_ANSWER_WITHIN_SECONDS = 2.0
_FILE_EVERY_SECONDS = 3600.0
_FILE_SECONDS = 1.5
_SWEEP_AGE_MAX = timedelta(minutes=30)
_COMPARISON_AGE_MAX = timedelta(hours=3)
_EVENT_AGE_MAX = timedelta(minutes=15)
"""Several rounds: one may fail, or be cut off by a restart."""

Json = dict[str, Any]


class Health:
    """Looks now and then, however often it is asked, so that nobody can make it hammer Stripe."""

    def __init__(
        self, services: Services, certificate: LiveCertificate | None = None, *, started_at: datetime | None = None
    ) -> None:
        """Report on ``services``, and on the ``certificate`` where the companion speaks TLS itself.

        What never came to its end is as old as the companion, which was ``started_at`` (now).
        """
        self._started_at = started_at or now()
        self._services = services
        self._certificate = certificate
        self._database = _Remembered(self._look_at_database, _DATABASE_EVERY_SECONDS)
        self._stripe = _Remembered(self._look_at_stripe, _STRIPE_EVERY_SECONDS)
        self._file = _Remembered(self._look_at_file, _FILE_EVERY_SECONDS)

    async def parts(self) -> tuple[Json, Json]:
        """Return how the database and Stripe are: whether it is ``ok``, and else in words what the ``problem`` is."""
        database, stripe, file = await asyncio.gather(self._database.get(), self._stripe.get(), self._file.get())
        if database["ok"] and not file["ok"]:
            database = {**database, **file}
        return database, stripe

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses: all there is to know, whether it lives, and whether it can work."""
        return [
            web.get("/health", self.answer),
            web.get("/health/live", self.live),
            web.get("/health/ready", self.ready),
        ]

    async def live(self, _request: web.Request) -> web.Response:
        """Answer that the program runs; whoever gets no answer starts it anew. Nothing else is asked for it."""
        return web.json_response({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer whether requests can be taken (200), or belong to another companion (503)."""
        database, _stripe = await self.parts()
        words = {"status": "ok" if database["ok"] else "down", "problem": _read(database["problem"])}
        status = 200 if database["ok"] else 503
        return web.json_response(words, status=status, headers={"Cache-Control": "no-store"})

    async def answer(self, _request: web.Request) -> web.Response:
        """Answer with all there is to know."""
        database, stripe = await self.parts()
        remark = database.get("remark")
        certificate = self._look_at_certificate()
        is_well = stripe["ok"] and remark is None and (certificate is None or certificate["ok"])
        status = "down" if not database["ok"] else "ok" if is_well else "degraded"
        body = {
            "status": status,
            "version": __version__,
            "schema": SCHEMA_REVISION,
            "mode": self._services.settings.stripe.mode,
            "database": {"ok": database["ok"], "problem": _read(database["problem"] or remark)},
            "stripe": {"ok": stripe["ok"], "problem": _read(stripe["problem"])},
            "certificate": certificate,
            "clock_off_seconds": round(machine_off().total_seconds()),
            "events": database.get("events"),
            "unfinished_payments": database.get("unfinished_payments"),
            "last_sweep_at": database.get("last_sweep_at"),
            "last_comparison_at": database.get("last_comparison_at"),
            "open_differences": database.get("open_differences"),
            "unconfirmed": database.get("unconfirmed"),
            "left_out": database.get("left_out"),
            "outgoing_events": database.get("outgoing_events"),
            "unsettled_messages": database.get("unsettled_messages"),
        }
        headers = {"Cache-Control": "no-store"}
        return web.json_response(body, status=503 if status == "down" else 200, headers=headers)

    def _look_at_certificate(self) -> Json | None:
        if self._certificate is None:
            return None
        problem = self._certificate.problem()
        return {"ok": problem is None, "problem": _read(problem), "ends_at": _written(self._certificate.ends_at)}

    async def _look_at_database(self) -> Json:
        async with _problem_within_limit(m("The database does not answer.")) as found:
            await check_schema(self._services.database)
            await self._services.database.check_writable()
            wanted = self._services.settings.database.free_megabytes_min
            comparison = await self._services.reconciliation.last_comparison()
            compared_at = comparison.compared_at if comparison is not None else None
            swept_at = await self._services.sweep.last_at()
            unconfirmed = found["unconfirmed"] = await self._services.reconciliation.confirmations.count_overdue()
            endpoints = await self._services.endpoints.overview()
            unsettled = found["unsettled_messages"] = await count_unsettled(self._services.database)
            found["outgoing_events"] = {each.name: _told_endpoint(each) for each in endpoints}
            found["remark"] = (
                room_left(self._services.database, wanted_megabytes=wanted)
                or _clock_trouble()
                or self._age_trouble(swept_at=swept_at, compared_at=compared_at)
                or _unconfirmed_trouble(unconfirmed)
                or endpoint_trouble(endpoints)
                or _message_trouble(unsettled)
                or self._services.anchors.trouble
            )
            inbox = await self._services.inbox.status()
            found["events"] = {"waiting": inbox.waiting, "last_received_at": _written(inbox.last_received_at)}
            found["unfinished_payments"] = await self._services.payments.count_unfinished()
            found["last_sweep_at"] = _written(swept_at)
            found["last_comparison_at"] = _written(compared_at)
            found["left_out"] = None if comparison is None else dataclasses.asdict(comparison.left_out)
            found["open_differences"] = await self._services.reconciliation.count_open()
        return found

    def _age_trouble(self, *, swept_at: datetime | None, compared_at: datetime | None) -> Message | None:
        """Say what of the companions' rounds has not come to its end for long."""
        if (age := now() - (swept_at or self._started_at)) > _SWEEP_AGE_MAX:
            minutes = round(age / timedelta(minutes=1))
            if swept_at is None:
                return m("Missed events of Stripe's were never looked for, in {minutes} minutes.", minutes=minutes)
            return m("Missed events of Stripe's were last looked for {minutes} minutes ago.", minutes=minutes)
        if (age := now() - (compared_at or self._started_at)) > _COMPARISON_AGE_MAX:
            minutes = round(age / timedelta(minutes=1))
            if compared_at is None:
                return m("The books were never compared with Stripe's, in {minutes} minutes.", minutes=minutes)
            return m("The books were last compared with Stripe's {minutes} minutes ago.", minutes=minutes)
        return None

    async def _look_at_file(self) -> Json:
        """Look for damage, as far as that is possible while somebody waits for the answer."""
        found: Json = {"ok": True, "problem": None}
        try:
            await check_encoding(self._services.database)
            await check_file(self._services.database, seconds=_FILE_SECONDS)
        except Unreachable:
            pass  # that it is away is told by what looks at it more often
        except CashierError as error:
            found = {"ok": False, "problem": error.message}
        return found

    async def _look_at_stripe(self) -> Json:
        async with _problem_within_limit(m("Stripe does not answer.")) as found:
            await self._services.gateway.check()
        return found


def _clock_trouble() -> Message | None:
    """Say that this machine's clock is another than the database's; None when it is not."""
    off = machine_off()
    if abs(off) <= OFF_MAX:
        return None
    seconds = round(abs(off).total_seconds())
    return (
        m("This machine's clock is {seconds} seconds ahead of the database's.", seconds=seconds)
        if off > timedelta()
        else m("This machine's clock is {seconds} seconds behind the database's.", seconds=seconds)
    )


def _unconfirmed_trouble(count: int) -> Message | None:
    """Say how much counts as paid or given back that Stripe has not confirmed in an hour; None for nothing."""
    if not count:
        return None
    return mn(
        "{count} payment or refund by Stripe was not confirmed by Stripe in an hour.",
        "{count} payments or refunds by Stripe were not confirmed by Stripe in an hour.",
        count=count,
    )


def _message_trouble(count: int) -> Message | None:
    """Say how many messages of HL7 could not be taken in and wait for somebody; None for none."""
    if not count:
        return None
    return mn(
        "{count} message of HL7 waits for somebody to settle it.",
        "{count} messages of HL7 wait for somebody to settle them.",
        count=count,
    )


def endpoint_trouble(endpoints: Sequence[EndpointView]) -> Message | None:
    """Say which other system does not get its events; None when all of them do."""
    for each in endpoints:
        if each.off_reason == GONE:
            return m("{endpoint} answered that it wants no more events, and gets none.", endpoint=each.name)
        if each.off_at is None and each.given_up:
            return mn(
                "An event for {endpoint} was given up.",
                "{count} events for {endpoint} were given up.",
                count=each.given_up,
                endpoint=each.name,
            )
        if each.off_at is None and each.oldest_at is not None and (age := now() - each.oldest_at) > _EVENT_AGE_MAX:
            minutes = round(age / timedelta(minutes=1))
            return m("An event waits for {endpoint} since {minutes} minutes.", endpoint=each.name, minutes=minutes)
    return None


def _told_endpoint(endpoint: EndpointView) -> Json:
    return {
        "is_on": endpoint.off_at is None,
        "waiting": endpoint.waiting,
        "given_up": endpoint.given_up,
        "oldest_at": _written(endpoint.oldest_at),
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _read(problem: Message | None) -> str | None:
    return str(problem) if problem else None


class _Remembered:
    """The result of a look, remembered for a while; whoever asks during a look waits for the same one."""

    def __init__(self, look: Callable[[], Awaitable[Json]], seconds: float) -> None:
        self._look = look
        self._seconds = seconds
        self._looking = asyncio.Lock()
        self._looked_at = -seconds
        self._result: Json = {}

    async def get(self) -> Json:
        async with self._looking:
            if not self._result or time.monotonic() - self._looked_at >= self._seconds:
                self._result = await self._look()
                self._looked_at = time.monotonic()
            return self._result


@contextlib.asynccontextmanager
async def _problem_within_limit(silence: Message) -> AsyncIterator[Json]:
    """Turn what goes wrong in the block, or takes too long, into ``ok`` and ``problem``."""
    found: Json = {"ok": False, "problem": silence}
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_SECONDS):
            yield found
        found |= {"ok": True, "problem": None}
    except TimeoutError:
        pass
    except CashierError as error:
        found["problem"] = error.message
