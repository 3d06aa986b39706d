"""The hospital's own system as a client of the API: plain HTTP and a key, written against the ten addresses alone."""

from __future__ import annotations

from typing import Any

import httpx

from tests.surroundings.plain_http import PLAIN

_STRIPE = "/api/v1/payments/stripe"


class HospitalSystem:
    """Calls the ten addresses of the hospital's Stripe integration; each verb returns the answer as it came."""

    def __init__(self, url: str, key: str) -> None:
        """Call the companion at ``url``."""
        self.http = httpx.Client(
            base_url=url, trust_env=False, verify=PLAIN, timeout=30, headers={"Authorization": f"Bearer {key}"}
        )

    def begin(self, *, key: str = "", **body: Any) -> httpx.Response:
        """Begin a payment; the same ``key`` again goes on with the same one."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.http.post(f"{_STRIPE}/payment-intents", json=body, headers=headers)

    def confirm(self, intent_id: str, **body: Any) -> httpx.Response:
        """Charge a saved card, or say that Stripe.js has done its part."""
        return self.http.post(f"{_STRIPE}/payment-intents/{intent_id}/confirm", json=body)

    def intent(self, intent_id: str) -> httpx.Response:
        """Ask how a payment stands."""
        return self.http.get(f"{_STRIPE}/payment-intents/{intent_id}")

    def cancel(self, intent_id: str) -> httpx.Response:
        """Take a payment back."""
        return self.http.post(f"{_STRIPE}/payment-intents/{intent_id}/cancel")

    def refund(self, intent_id: str, **body: Any) -> httpx.Response:
        """Ask for money to go back."""
        return self.http.post(f"{_STRIPE}/refunds", json={"payment_intent_id": intent_id, **body})

    def customer_of(self, record_number: str) -> httpx.Response:
        """Ask what a patient is called at Stripe."""
        return self.http.get(f"{_STRIPE}/customers/patient/{record_number}")

    def methods_of(self, customer_id: str) -> httpx.Response:
        """List the saved cards of a customer."""
        return self.http.get(f"{_STRIPE}/customers/{customer_id}/payment-methods")

    def remove_method(self, method_id: str) -> httpx.Response:
        """Remove a saved card."""
        return self.http.delete(f"{_STRIPE}/payment-methods/{method_id}")

    def make_default(self, method_id: str) -> httpx.Response:
        """Offer a saved card first."""
        return self.http.post(f"{_STRIPE}/payment-methods/{method_id}/default")

    def receipt(self, intent_id: str, *, form: str = "application/json") -> httpx.Response:
        """Ask for a receipt, as JSON or as a document."""
        return self.http.get(f"{_STRIPE}/payment-intents/{intent_id}/receipt", headers={"Accept": form})
