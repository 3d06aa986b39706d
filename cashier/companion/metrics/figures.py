"""What is counted: how the companion is, what waits and since when, what became of payments.

No patient, and no amounts: sums by day are for the books. Nothing here reads a whole table: states come from indexes
of what is unfinished, and what is finished is counted on from the position of the events that were read before,
beginning with the companion's start.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier import __version__
from cashier.assembly import Services
from cashier.books.from_stripe.event import StripeEvent
from cashier.books.outgoing.event import EventKind
from cashier.books.payment import Payment
from cashier.books.schema.revision import SCHEMA_REVISION
from cashier.clock import machine_off, now
from cashier.companion.health import Health
from cashier.companion.metrics.exposition import Family, gauge
from cashier.companion.metrics.traffic import Traffic
from cashier.errors import CashierError
from cashier.outbox.endpoints import EndpointView

_DAY = timedelta(days=1)
_EVENTS_AT_ONCE = 500
_READ_SECONDS = 5.0
_UNFINISHED = sa.text("payment.state NOT IN ('paid', 'cancelled')")


class Figures:
    """Collects all figures; what finished payments have become is counted from the first time on."""

    def __init__(self, services: Services, health: Health, traffic: Traffic) -> None:
        """Ask ``services`` and ``health``, and count what ``traffic`` has seen."""
        self._services = services
        self._health = health
        self._traffic = traffic
        self._collecting = asyncio.Lock()
        self._position: int | None = None
        self._told: Counter[tuple[str, str]] = Counter()
        self._failed: Counter[str] = Counter()

    async def collect(self) -> list[Family]:
        """Return every family. Where the database does not answer, what comes from it is left out."""
        async with self._collecting:
            database, stripe = await self._health.parts()
            families = [
                gauge("cashier_info", "What runs.", 1, version=__version__, schema=SCHEMA_REVISION, mode=self._mode),
                gauge("cashier_database_up", "Whether the database can be worked with.", int(database["ok"])),
                gauge("cashier_stripe_up", "Whether Stripe answers and takes the key.", int(stripe["ok"])),
                gauge(
                    "cashier_clock_off_seconds",
                    "How far the machine's clock is ahead of the database's.",
                    machine_off().total_seconds(),
                ),
                *_of_health(database),
                *self._traffic.families(),
            ]
            try:
                async with asyncio.timeout(_READ_SECONDS):
                    families += await self._from_database()
            except (CashierError, TimeoutError):
                pass  # that the database is away is one of the figures
            return families

    @property
    def _mode(self) -> str:
        return self._services.settings.stripe.mode

    async def _from_database(self) -> list[Family]:
        async with self._services.database.reading() as session:
            families = [*await _unfinished(session), *await _stripe_events(session)]
        await self._count_on()
        endpoints = await self._services.endpoints.overview()
        return [*families, *self._finished(), *_of_endpoints(endpoints)]

    def _finished(self) -> list[Family]:
        return [
            Family(
                name="cashier_events_total",
                help="What happened to money since the companion's start, by kind and tender.",
                kind="counter",
                series=[({"type": kind, "tender": tender}, count) for (kind, tender), count in self._told.items()],
            ),
            Family(
                name="cashier_payment_failures_total",
                help="Payments that ended without money since the companion's start, by the last decline's reason.",
                kind="counter",
                series=[({"reason": reason}, count) for reason, count in self._failed.items()],
            ),
        ]

    async def _count_on(self) -> None:
        """Count what happened after what was counted before."""
        outbox = self._services.outbox
        if self._position is None:
            self._position = await outbox.last_position()
        has_more = True
        while has_more:
            found = await outbox.changes(after=self._position, limit=_EVENTS_AT_ONCE)
            for event in found.events:
                self._told[event.kind.value, event.tender or ""] += 1
                if event.kind is EventKind.PAYMENT_FAILED:
                    self._failed[event.reason or "none"] += 1
            self._position, has_more = found.next, found.has_more


async def _unfinished(session: AsyncSession) -> list[Family]:
    rows = (
        await session.execute(
            sa.select(Payment.state, Payment.tender, sa.func.count(), sa.func.min(Payment.created_at))
            .where(_UNFINISHED)
            .group_by(Payment.state, Payment.tender)
        )
    ).all()
    return [
        Family(
            name="cashier_payments_unfinished",
            help="Payments whose end is not known yet, by state and tender.",
            kind="gauge",
            series=[({"state": str(state), "tender": str(tender)}, count) for state, tender, count, _ in rows],
        ),
        gauge(
            "cashier_payments_unfinished_oldest_age_seconds",
            "How old the oldest payment is whose end is not known yet; 0 where there is none.",
            _age(min((row[3] for row in rows), default=None)) or 0,
        ),
    ]


async def _stripe_events(session: AsyncSession) -> list[Family]:
    waiting = sa.select(sa.func.min(StripeEvent.received_at)).where(StripeEvent.processed_at.is_(None))
    oldest = (await session.execute(waiting)).scalar_one()
    declines = await session.execute(
        sa.select(StripeEvent.decline_code, sa.func.count())
        .where(StripeEvent.created_at >= now() - _DAY, StripeEvent.decline_code.is_not(None))
        .group_by(StripeEvent.decline_code)
    )
    return [
        gauge(
            "cashier_stripe_events_oldest_waiting_age_seconds",
            "How long the oldest of Stripe's events waits to be worked on; 0 where none does.",
            _age(oldest) or 0,
        ),
        Family(
            name="cashier_declines_last_day",
            help="Cards that were declined in the last 24 hours, by the bank's reason.",
            kind="gauge",
            series=[({"reason": str(code)}, count) for code, count in declines],
        ),
    ]


def _of_health(database: Mapping[str, Any]) -> list[Family]:
    events = database.get("events") or {}
    return [
        gauge("cashier_stripe_events_waiting", "Stripe's events that wait to be worked on.", events.get("waiting")),
        gauge(
            "cashier_stripe_event_last_age_seconds",
            "How long ago the last of Stripe's events came.",
            _age_of_text(events.get("last_received_at")),
        ),
        gauge(
            "cashier_sweep_age_seconds",
            "How long ago missed events of Stripe's were last looked for.",
            _age_of_text(database.get("last_sweep_at")),
        ),
        gauge(
            "cashier_comparison_age_seconds",
            "How long ago the books were last compared with Stripe's.",
            _age_of_text(database.get("last_comparison_at")),
        ),
        gauge(
            "cashier_differences_open",
            "Differences between our books and Stripe's that wait for a supervisor.",
            database.get("open_differences"),
        ),
        gauge(
            "cashier_unconfirmed",
            "Payments and refunds by Stripe that Stripe has not confirmed in an hour.",
            database.get("unconfirmed"),
        ),
    ]


def _of_endpoints(endpoints: tuple[EndpointView, ...]) -> list[Family]:
    def family(name: str, help_: str, values: Mapping[str, float]) -> Family:
        series = [({"endpoint": endpoint}, value) for endpoint, value in values.items()]
        return Family(name=name, help=help_, kind="gauge", series=series)

    return [
        family(
            "cashier_endpoint_on",
            "Whether events are sent to an endpoint.",
            {each.name: int(each.off_at is None) for each in endpoints},
        ),
        family(
            "cashier_outgoing_events_waiting",
            "Events that wait for an endpoint.",
            {each.name: each.waiting for each in endpoints},
        ),
        family(
            "cashier_outgoing_events_given_up",
            "Events that did not get to an endpoint in three days.",
            {each.name: each.given_up for each in endpoints},
        ),
        family(
            "cashier_outgoing_events_oldest_age_seconds",
            "How long ago the oldest event happened that waits for an endpoint; 0 where none does.",
            {each.name: _age(each.oldest_at) or 0 for each in endpoints},
        ),
    ]


def _age(moment: datetime | None) -> float | None:
    return None if moment is None else max(0.0, round((now() - moment).total_seconds(), 3))


def _age_of_text(text: str | None) -> float | None:
    return None if text is None else _age(datetime.fromisoformat(text))
