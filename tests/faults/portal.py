"""A system of the hospital that takes payments over the API, and what its payers do: plain HTTP, with a key."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx

from tests.faults.truth import everything_at
from tests.surroundings.running_sandbox import RunningSandbox

PORTAL = "WEB"
"""The desk of its payments."""

_STRIPE = "/api/v1/payments/stripe"
_FORESEEN = (503,)
"""A companion that cannot do it now says so; anything else above 499 is a fault of its own."""


class Portal:
    """A client with a key. Whatever gets no answer is None: then it is for the caller to ask again."""

    def __init__(self, url: str, key: str) -> None:
        """Ask the companion at ``url``."""
        self._http = httpx.Client(
            base_url=url, trust_env=False, timeout=60, headers={"Authorization": f"Bearer {key}"}
        )
        self._said: list[tuple[str, str]] = []

    def begin(self, key: str, **body: Any) -> httpx.Response | None:
        """Begin a payment under this ``Idempotency-Key``."""
        return self._post("payment-intents", body, key=key)

    def confirm(self, intent_id: str, *, method: str | None = None) -> httpx.Response | None:
        """Say that Stripe.js has done its part, or charge a saved card."""
        return self._post(f"payment-intents/{intent_id}/confirm", {"payment_method_id": method} if method else {})

    def cancel(self, intent_id: str) -> httpx.Response | None:
        """Take a payment back."""
        return self._post(f"payment-intents/{intent_id}/cancel", None)

    def ask_for_refund(self, key: str, **body: Any) -> httpx.Response | None:
        """Ask for money to go back, under this ``Idempotency-Key``."""
        return self._post("refunds", body, key=key)

    def broken_words(self, sandbox: RunningSandbox) -> Iterator[str]:
        """Look for what it was told and that turned out wrong."""
        charged = {each["payment_intent"] for each in everything_at(sandbox).charges}
        for intent_id, status in self._said:
            if status == "succeeded" and intent_id not in charged:
                yield f"{intent_id}: the portal was told that it is paid, and nothing was charged"
            if status == "canceled" and intent_id in charged:
                yield f"{intent_id}: the portal was told that it is cancelled, and the card was charged"

    def close(self) -> None:
        """End its connections."""
        self._http.close()

    def _post(self, path: str, body: Any, *, key: str = "") -> httpx.Response | None:
        headers = {"Idempotency-Key": key} if key else {}
        with contextlib.suppress(httpx.TransportError):
            answer = self._http.post(f"{_STRIPE}/{path}", json=body, headers=headers)
            assert answer.status_code < 500 or answer.status_code in _FORESEEN, answer.text
            told = answer.json()
            if answer.is_success and str(told["id"]).startswith("pi_"):
                self._said.append((told["id"], told["status"]))
            return answer
        return None


def pay_in_browser(sandbox: RunningSandbox, intent_id: str, card: str = "pm_card_visa") -> None:
    """Do what Stripe.js does in the payer's browser; an intent that ended meanwhile is not paid."""
    with contextlib.suppress(httpx.TransportError, AssertionError):
        sandbox.ask(f"/v1/payment_intents/{intent_id}/confirm", payment_method=card)
