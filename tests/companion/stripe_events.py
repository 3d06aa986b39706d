"""Events as Stripe sends them, signed as Stripe signs them."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from typing import Any

from cashier.stripe_gateway.client import API_VERSION

_numbers = itertools.count(1)


def event(**changes: Any) -> dict[str, Any]:
    """Make an event about a payment of somebody else's; ``changes`` replace fields."""
    return {
        "id": f"evt_test{next(_numbers):08d}",
        "object": "event",
        "api_version": API_VERSION,
        "created": int(time.time()),
        "type": "payment_intent.succeeded",
        "livemode": False,
        "data": {"object": {"id": "pi_somebodyelses", "object": "payment_intent", "metadata": {}}},
        **changes,
    }


def body_of(content: object) -> bytes:
    """Write an event as it goes over the wire."""
    return json.dumps(content, indent=2).encode()


def signature(body: bytes, *secrets: str, at: float | None = None) -> str:
    """Sign ``body`` with all of ``secrets``: https://docs.stripe.com/webhooks#verify-manually."""
    moment = int(time.time() if at is None else at)
    marks = [
        hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest() for secret in secrets
    ]
    return ",".join([f"t={moment}", *(f"v1={mark}" for mark in marks)])
