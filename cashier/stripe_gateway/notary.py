"""The customer at Stripe that is nobody's, and has the journal's newest entry in its metadata.

https://docs.stripe.com/api/customers/update
"""

from __future__ import annotations

from dataclasses import dataclass

import stripe

from cashier.stripe_gateway.client import is_code, translated_errors
from cashier.stripe_gateway.naming import ENTRY, NOTARY

_JOURNAL = "journal"


@dataclass(frozen=True, kw_only=True)
class NotaryAtStripe:
    """What was noted: ``entry`` is number and hash as ``anchor_of`` writes them, empty before the first time."""

    customer_id: str
    entry: str

    @property
    def number(self) -> int:
        """The entry's number; 0 for what cannot be read."""
        number = self.entry.partition(":")[0]
        return int(number) if number.isascii() and number.isdecimal() and len(number) <= 18 else 0


class NotaryGateway:
    """The notary at Stripe. Raises ``Unreachable``, ``Refused``, ``Misconfigured``."""

    def __init__(self, client: stripe.StripeClient) -> None:
        """Use the connection that payments use."""
        self._client = client

    async def find(self) -> str | None:
        """Search for the customer; of several, the one that was noted last. Stripe's search lags by a minute."""
        with translated_errors():
            found = await self._client.v1.customers.search_async(
                {"query": f"metadata['{NOTARY}']:'{_JOURNAL}'", "limit": 100}
            )
            notaries = [_read(customer) for customer in found.data]
        return max(notaries, key=lambda each: each.number).customer_id if notaries else None

    async def read(self, customer_id: str) -> NotaryAtStripe | None:
        """Return what is noted there now; None when the customer was deleted, or is no notary any more."""
        with translated_errors():
            try:
                customer = await self._client.v1.customers.retrieve_async(customer_id)
            except stripe.InvalidRequestError as error:
                if not is_code(error, "resource_missing"):
                    raise
                return None
        if getattr(customer, "deleted", False) or _said(customer).get(NOTARY) != _JOURNAL:
            return None
        return _read(customer)

    async def make(self, *, after: str) -> str:
        """Make the customer that comes ``after`` another one, or after none; the same one for a day."""
        with translated_errors():
            customer = await self._client.v1.customers.create_async(
                {"description": "Notes the newest entry of Cashier's journal", "metadata": {NOTARY: _JOURNAL}},
                {"idempotency_key": f"notary:{after}"},
            )
        return customer.id

    async def write(self, customer_id: str, entry: str) -> None:
        """Note ``entry``. Safe to repeat."""
        with translated_errors():
            await self._client.v1.customers.update_async(customer_id, {"metadata": {ENTRY: entry}})


def _read(customer: stripe.Customer) -> NotaryAtStripe:
    return NotaryAtStripe(customer_id=customer.id, entry=_said(customer).get(ENTRY, ""))


def _said(customer: stripe.Customer) -> dict[str, str]:
    return {} if customer.metadata is None else customer.metadata.to_dict()
