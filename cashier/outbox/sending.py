"""One attempt to hand an event over: a request that follows nothing, waits for nobody long, and reads little."""

from __future__ import annotations

import asyncio
import email.utils
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from cashier.clock import machine_now
from cashier.outbox.addresses import NotAllowed, resolve
from cashier.outbox.facts import EventFacts
from cashier.outbox.signing import signature

_SECONDS = 15.0
_READ_BYTES_MAX = 4096
_RETRY_AFTER_SECONDS_MAX = 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an attempt ended. ``status`` is None where nobody answered.

    ``error`` says why then: ``no-answer``, ``no-secret``, ``not-allowed:`` with the address, or the kind of what went
    wrong. ``retry_after_seconds`` is how long the other system asked to be left alone.
    """

    status: int | None = None
    error: str = ""
    retry_after_seconds: float = 0.0

    @property
    def is_delivered(self) -> bool:
        """Tell whether the other system has it."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Tell whether the other system wants nothing more, ever."""
        return self.status == 410


def client() -> httpx.AsyncClient:
    """Make what sends: by the machine's own certificates, without proxies, following nothing."""
    return httpx.AsyncClient(
        verify=ssl.create_default_context(),
        trust_env=False,
        follow_redirects=False,
        timeout=_SECONDS,
        limits=httpx.Limits(max_connections=64, max_keepalive_connections=16),
    )


async def send(
    sender: httpx.AsyncClient, url: str, facts: EventFacts, secrets: Sequence[str], *, allowed: Sequence[str]
) -> Outcome:
    """Send ``facts`` to ``url``, signed; never raises for what the other side or the network does."""
    try:
        async with asyncio.timeout(_SECONDS):
            return await _sent(sender, url, facts, secrets, allowed)
    except TimeoutError:
        return Outcome(error="no-answer")
    except NotAllowed as error:
        return Outcome(error=f"not-allowed:{error}")
    except (httpx.HTTPError, OSError, ssl.SSLError, UnicodeError) as error:
        # Its kind alone: what it says may repeat the address, in which some keep a secret.
        return Outcome(error=type(error).__name__)


async def _sent(
    sender: httpx.AsyncClient, url: str, facts: EventFacts, secrets: Sequence[str], allowed: Sequence[str]
) -> Outcome:
    address = await resolve(url, allowed)
    target = httpx.URL(url)
    # Its own clock: the receiver compares it with its own, and both are set by the same network time.
    moment = machine_now()
    headers = {
        "host": target.netloc.decode("ascii"),
        "Content-Type": "application/json",
        "User-Agent": "Cashier",
        "webhook-id": str(facts.id),
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature(secrets, str(facts.id), moment, facts.body),
    }
    request = sender.build_request(
        "POST",
        target.copy_with(host=address),
        content=facts.body,
        headers=headers,
        extensions={"sni_hostname": target.host},
    )
    answer = await sender.send(request, stream=True)
    try:
        read = 0
        async for part in answer.aiter_raw():
            read += len(part)
            if read > _READ_BYTES_MAX:
                break
    finally:
        await answer.aclose()
    return Outcome(
        status=answer.status_code, retry_after_seconds=_seconds(answer.headers.get("Retry-After", ""), moment)
    )


def _seconds(text: str, asked_at: datetime) -> float:
    """Read ``Retry-After``: seconds, or a date. What cannot be read is as if it were not there."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(min(int(text), _RETRY_AFTER_SECONDS_MAX))
    try:
        until = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(0.0, (until - asked_at).total_seconds()), float(_RETRY_AFTER_SECONDS_MAX))
