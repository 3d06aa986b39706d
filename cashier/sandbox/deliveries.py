"""Sending signed webhooks: in the background, with retries, never in the way of the API.

https://docs.stripe.com/webhooks#retries
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
from collections import Counter
from dataclasses import dataclass

import aiohttp

from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json
from cashier.sandbox.exchange_log import ExchangeLog
from cashier.sandbox.objects.webhook_endpoints import signing_secrets

log = logging.getLogger(__name__)

_PER_ENDPOINT_MAX = 8
_ANSWER_WITHIN_SECONDS = 10
_GIVE_UP_SECONDS = 3 * 24 * 60 * 60
# Five seconds, doubling up to half a day, which makes some twenty attempts in three days.
_FIRST_RETRY_SECONDS, _LAST_RETRY_SECONDS = 5, 12 * 60 * 60
_LONGEST_NAP_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class _Delivery:
    seq: int
    event: str
    endpoint: str
    attempts: int
    since: float


class Deliveries:
    """The loop that sends what ``Account.emit`` lined up. ``retry_scale`` stretches or shrinks the waiting times."""

    def __init__(self, account: Account, exchange_log: ExchangeLog, *, retry_scale: float = 1.0) -> None:
        """Take up deliveries for ``account``; ``run`` does the work."""
        self.account = account
        self.exchange_log = exchange_log
        self.retry_scale = retry_scale
        self.paused = False
        self._wake = asyncio.Event()
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._busy: Counter[str] = Counter()

    def wake(self) -> None:
        """Look for work now; called after each commit."""
        self._wake.set()

    async def run(self) -> None:
        """Send what is due until cancelled; what is under way then is sent again after the next start."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_WITHIN_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            try:
                while True:
                    self._wake.clear()
                    self.account.catch_up()
                    for delivery in [] if self.paused else self._due():
                        self._start(session, delivery)
                    await self._nap()
            finally:
                for task in self._sending.values():
                    task.cancel()
                await asyncio.gather(*self._sending.values(), return_exceptions=True)

    async def settled(self) -> None:
        """Wait until nothing is due or under way; later retries are not waited for."""
        while self._sending or (not self.paused and self._due()):
            self.wake()
            await asyncio.sleep(0.01)

    def _due(self) -> list[_Delivery]:
        rows = self.account.store.connection.execute(
            "SELECT seq, event, endpoint, attempts, since FROM deliveries WHERE state = 'pending' AND due <= ? "
            "ORDER BY due LIMIT 500",
            (self.account.clock.precise(),),
        )
        return [_Delivery(**dict(row)) for row in rows if row["seq"] not in self._sending]

    async def _nap(self) -> None:
        row = self.account.store.connection.execute(
            "SELECT min(due) AS due FROM deliveries WHERE state = 'pending' AND due > ?",
            (self.account.clock.precise(),),
        ).fetchone()
        seconds = _LONGEST_NAP_SECONDS
        if row["due"] is not None:
            seconds = min(seconds, max(0.005, row["due"] - self.account.clock.precise()))
        # Not wait_for: until Python 3.12 it loses a cancellation that comes in the moment of waking.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    def _start(self, session: aiohttp.ClientSession, delivery: _Delivery) -> None:
        # A dead endpoint fills its own slots only; the others go on.
        if self._busy[delivery.endpoint] >= _PER_ENDPOINT_MAX:
            return
        endpoint = self.account.store.find(delivery.endpoint, "webhook_endpoint")
        if endpoint is None or endpoint.get("deleted") or endpoint["status"] != "enabled":
            self._record(delivery, state="dropped", status=None, due=0)
            return
        self._busy[delivery.endpoint] += 1
        task = asyncio.create_task(self._send(session, delivery, endpoint["url"]))
        self._sending[delivery.seq] = task

    async def _send(self, session: aiohttp.ClientSession, delivery: _Delivery, url: str) -> None:
        try:
            event = self.account.fetch("event", delivery.event)
            body = json.dumps(event, indent=2, ensure_ascii=False)
            secrets = signing_secrets(self.account, delivery.endpoint)
            headers = {
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature(body, secrets, self.account.now),
                "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            }
            status = await _status_of_answer(session, url, body, headers)
            self.exchange_log.webhook(url, headers, body, secrets[0], status)
            self._conclude(delivery, status)
        except Exception:
            log.exception("a webhook was not delivered", extra={"event": delivery.event})
        finally:
            self._busy[delivery.endpoint] -= 1
            self._sending.pop(delivery.seq, None)
            self.wake()

    def _conclude(self, delivery: _Delivery, status: int | None) -> None:
        now = self.account.clock.precise()
        if status is not None and 200 <= status < 300:
            self._record(delivery, state="delivered", status=status, due=0)
            return
        wait = min(_FIRST_RETRY_SECONDS * 2**delivery.attempts, _LAST_RETRY_SECONDS) * self.retry_scale
        given_up = now + wait > delivery.since + _GIVE_UP_SECONDS * self.retry_scale
        self._record(delivery, state="failed" if given_up else "pending", status=status, due=now + wait)

    def _record(self, delivery: _Delivery, *, state: str, status: int | None, due: float) -> None:
        store = self.account.store
        with store.transaction():
            store.connection.execute(
                "UPDATE deliveries SET state = ?, attempts = attempts + ?, due = ?, last_status = ? WHERE seq = ?",
                (state, int(state != "dropped"), due, status, delivery.seq),
            )
            if state == "delivered":
                event: Json = self.account.fetch("event", delivery.event)
                store.save(event | {"pending_webhooks": max(0, event["pending_webhooks"] - 1)})


def signature(body: str, secrets: list[str], timestamp: int) -> str:
    """Sign a webhook as Stripe does. https://docs.stripe.com/webhooks#verify-manually"""
    signed = f"{timestamp}.{body}".encode()
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={timestamp}", *(f"v1={mark}" for mark in marks)])


async def _status_of_answer(
    session: aiohttp.ClientSession, url: str, body: str, headers: dict[str, str]
) -> int | None:
    """Post ``body``; nothing when the endpoint cannot be reached or is too slow."""
    try:
        # Stripe does not follow redirects: they count as a failure.
        async with session.post(url, data=body.encode(), headers=headers, allow_redirects=False) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None
