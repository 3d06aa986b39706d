"""Whether everything a desk needs is there: the database, Stripe, and the companion that hears from Stripe."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
import sqlalchemy as sa

from cashier.clock import OFF_MAX, machine_off
from cashier.database import Database
from cashier.errors import CashierError, Unreachable
from cashier.language import NOTHING, Message, m, mc, mn
from cashier.stripe_gateway.gateway import StripeGateway

_LOOK_EVERY_SECONDS = 15.0
_LOOK_AGAIN_SECONDS = 3.0
_ANSWER_WITHIN_SECONDS = 4.0
_SLOW_SECONDS = 1.5

_NO_ANSWER = mc("of a part", "no answer")
_READY = mc("of a part", "ready")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that a desk needs. ``words`` say how it is, ``remedy`` what to do when it is not ready.

    ``trouble`` says in a sentence what is wrong with it: that it does not answer, or what it answers instead.
    """

    ready: bool
    words: Message
    remedy: Message = NOTHING
    trouble: Message = NOTHING


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """How everything is at one moment."""

    database: Part
    stripe: Part
    companion: Part
    clocks: Message = NOTHING
    """What is wrong with this machine's clock, or with the companion's; nothing while they are about right."""

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is missing."""
        return self.database.ready and self.stripe.ready and self.companion.ready


class ReadinessCheck:
    """Looks every now and then, sooner while something is missing, and at once after ``look_now``."""

    def __init__(self, database: Database, gateway: StripeGateway, *, companion_url: str) -> None:
        """Look at ``database``, at Stripe and at the companion's ``/health``."""
        self._database = database
        self._gateway = gateway
        self._health_url = companion_url.rstrip("/") + "/health"
        self._bell = asyncio.Event()

    async def look_now(self) -> None:
        """Have ``follow`` look at once: something just went wrong."""
        self._bell.set()

    async def follow(self) -> AsyncIterator[Readiness]:
        """Yield the first look, and every later one that differs from the one before."""
        shown: Readiness | None = None
        async with client_of_companion(self._health_url, timeout_seconds=_ANSWER_WITHIN_SECONDS) as client:
            while True:
                self._bell.clear()
                found = await self.look(client)
                if found != shown:
                    yield found
                    shown = found
                pause = _LOOK_EVERY_SECONDS if found.is_complete else _LOOK_AGAIN_SECONDS
                try:
                    async with asyncio.timeout(pause):
                        await self._bell.wait()
                except TimeoutError:
                    pass

    async def look(self, client: httpx.AsyncClient) -> Readiness:
        """Look at all three at the same time; takes some seconds at most."""
        database, stripe, (companion, off) = await asyncio.gather(
            _look(
                self._ask_database,
                Part(
                    ready=False,
                    words=_NO_ANSWER,
                    remedy=m("Check the network and the database server."),
                    trouble=m("The database does not answer."),
                ),
            ),
            _look(
                self._gateway.check,
                Part(
                    ready=False,
                    words=_NO_ANSWER,
                    remedy=m(
                        "Check the internet connection. Payments under way are asked about until Stripe answers."
                    ),
                    trouble=m("Stripe does not answer."),
                ),
            ),
            self._look_at_companion(client),
        )
        clocks = _clock_trouble(machine_off(), _wrong_here) or _clock_trouble(off, _wrong_at_companion)
        return Readiness(database=database, stripe=stripe, companion=companion, clocks=clocks)

    async def _ask_database(self) -> None:
        async with self._database.reading() as session:
            await session.execute(sa.text("SELECT 1"))

    async def _look_at_companion(self, client: httpx.AsyncClient) -> tuple[Part, timedelta]:
        """Return how the companion is, and how far its clock is ahead."""
        remedy = m("Payments still settle here, a few seconds later. Ask IT to start the companion.")
        silent = Part(ready=False, words=_NO_ANSWER, remedy=remedy)
        try:
            answer = (await client.get(self._health_url)).json()
            status = str(answer["status"])
            # The companion of the release before tells nothing of its clock.
            off = timedelta(seconds=int(answer.get("clock_off_seconds", 0)))
        except httpx.ConnectError as error:
            if not is_disbelieved(error):
                return silent, timedelta()
            not_believed = m(
                "Payments still settle here, a few seconds later. Ask IT for a certificate that is good."
            )
            return Part(ready=False, words=mc("of a part", "not trusted"), remedy=not_believed), timedelta()
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return silent, timedelta()
        if status == "down":
            return Part(ready=False, words=mc("of a part", "not ready"), remedy=remedy), off
        return Part(ready=True, words=_READY), off


def _clock_trouble(off: timedelta, words: Callable[[int, bool], Message]) -> Message:
    """Say by how many minutes a clock is wrong; nothing while it is about right."""
    if abs(off) <= OFF_MAX:
        return NOTHING
    return words(max(1, round(abs(off) / timedelta(minutes=1))), off > timedelta())


def _wrong_here(minutes: int, is_ahead: bool) -> Message:
    if is_ahead:
        return mn(
            "This machine's clock is {count} minute ahead of the hospital's.",
            "This machine's clock is {count} minutes ahead of the hospital's.",
            count=minutes,
        )
    return mn(
        "This machine's clock is {count} minute behind the hospital's.",
        "This machine's clock is {count} minutes behind the hospital's.",
        count=minutes,
    )


def _wrong_at_companion(minutes: int, is_ahead: bool) -> Message:
    if is_ahead:
        return mn(
            "The companion's clock is {count} minute ahead of the hospital's.",
            "The companion's clock is {count} minutes ahead of the hospital's.",
            count=minutes,
        )
    return mn(
        "The companion's clock is {count} minute behind the hospital's.",
        "The companion's clock is {count} minutes behind the hospital's.",
        count=minutes,
    )


def client_of_companion(url: str, *, timeout_seconds: float) -> httpx.AsyncClient:
    """Return a client for the companion at ``url``, past any proxy.

    It believes the certificates that this machine's system believes, the hospital's own authority among them, and
    those of the usual authorities.
    """
    if not url.startswith("https:"):
        # Nothing is encrypted on the way: no certificates are read, which would take a while.
        unread = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        return httpx.AsyncClient(timeout=timeout_seconds, trust_env=False, verify=unread)
    believed = httpx.create_ssl_context(trust_env=False)
    believed.load_default_certs()
    return httpx.AsyncClient(timeout=timeout_seconds, trust_env=False, verify=believed)


def is_disbelieved(error: BaseException) -> bool:
    """Tell whether it was the other side's certificate that this machine does not believe."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


async def _look(ask: Callable[[], Awaitable[None]], silent: Part) -> Part:
    begun = time.monotonic()
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_SECONDS):
            await ask()
    except TimeoutError:
        return silent
    except CashierError as error:
        words = silent.words if isinstance(error, Unreachable) else mc("of a part", "not ready")
        return Part(ready=False, words=words, remedy=error.words, trouble=error.message)
    slow = time.monotonic() - begun > _SLOW_SECONDS
    return Part(ready=True, words=mc("of a part", "slow") if slow else _READY)
