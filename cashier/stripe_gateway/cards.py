"""Customers and their saved cards at Stripe: making, finding, listing, letting go.

https://docs.stripe.com/payments/save-customer-payment-methods
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection
from dataclasses import dataclass

import stripe

from cashier.errors import Unreachable
from cashier.identifiers import new_id
from cashier.stripe_gateway.client import has_answered, is_code, translated_errors
from cashier.stripe_gateway.reading import id_of

_IN_USE = "idempotency_key_in_use"
_PAUSES_SECONDS = (0.2, 0.4, 0.8, 1.6)
"""How long to wait for who makes the same customer at the same moment, again and again."""


@dataclass(frozen=True, kw_only=True)
class CardAtStripe:
    """A card that Stripe keeps for a customer. ``fingerprint`` is the same for the same card, saved however often."""

    stripe_id: str
    fingerprint: str
    brand: str
    last_four: str
    expires_month: int
    expires_year: int


@dataclass(frozen=True, kw_only=True)
class CardsOfCustomer:
    """The cards that Stripe keeps for a customer, newest first, and which of them somebody made the default."""

    cards: tuple[CardAtStripe, ...]
    default_id: str | None


class CardsGateway:
    """Customers and cards, as our own cards see them. Raises ``Unreachable``, ``Refused``, ``Misconfigured``."""

    def __init__(self, client: stripe.StripeClient) -> None:
        """Use the connection that payments use."""
        self._client = client

    async def make_customer(self, reference: uuid.UUID, *, former: Collection[str] = ()) -> str:
        """Make the Stripe customer for the patient with this opaque ``reference``; the same one for a day.

        ``former`` are those of the patient's that were deleted: Stripe would repeat the deleted one for a day.
        """
        key = f"customer:{reference}:{len(former)}" if former else f"customer:{reference}"
        try:
            with translated_errors():
                return await self._make_customer(reference, key=key)
        except Unreachable as error:
            # Stripe repeats a 500 of its own for a day. A second customer costs nothing; a day without cards does.
            if not has_answered(error):
                raise
            with translated_errors():
                return await self._make_customer(reference, key=f"customer:{new_id()}")

    async def find_customer(self, reference: uuid.UUID, *, former: Collection[str] = ()) -> str | None:
        """Search for the customer of the patient with this ``reference``, other than the ``former`` ones.

        Stripe's search lags: a customer is found about a minute after its making, and after its deletion too.
        """
        with translated_errors():
            found = await self._client.v1.customers.search_async(
                {"query": f"metadata['cashier_customer']:'{reference}'", "limit": 10}
            )
            return next((customer.id for customer in found.data if customer.id not in former), None)

    async def cards_of(self, customer_id: str) -> CardsOfCustomer | None:
        """List the cards that a customer agreed to show again, newest first; None when the customer was deleted."""
        with translated_errors():
            customer = await self._client.v1.customers.retrieve_async(customer_id)
            if getattr(customer, "deleted", False):
                return None
            page = await self._client.v1.customers.payment_methods.list_async(
                customer_id, {"type": "card", "allow_redisplay": "always", "limit": 100}
            )
            cards = [_read(each.id, each.card) async for each in page.auto_paging_iter() if each.card]
            settings = customer.invoice_settings
            default_id = None if settings is None else id_of(settings.default_payment_method)
        return CardsOfCustomer(cards=tuple(cards), default_id=default_id)

    async def choose_default(self, customer_id: str, card_id: str) -> None:
        """Make a card its customer's default at Stripe. Safe to repeat.

        Each call has a key of its own: with one for each card, choosing a card again after another would be answered
        with what was done the first time, for a day. Raises ``Refused`` for a card that is not the customer's (any
        more), and ``Unreachable`` when it is not known whether it was done.
        https://docs.stripe.com/api/customers/update#update_customer-invoice_settings-default_payment_method
        """
        with translated_errors():
            await self._client.v1.customers.update_async(
                customer_id,
                {"invoice_settings": {"default_payment_method": card_id}},
                {"idempotency_key": f"default:{new_id()}"},
            )

    async def allow_again(self, card_id: str) -> None:
        """Note at Stripe that the cardholder agreed to be shown this card again. Safe to repeat.

        https://docs.stripe.com/api/payment_methods/update#update_payment_method-allow_redisplay
        """
        with translated_errors():
            await self._client.v1.payment_methods.update_async(card_id, {"allow_redisplay": "always"})

    async def customer_of_card(self, card_id: str) -> str | None:
        """Tell whose card this is; None when it is nobody's, or was never one of this account's."""
        with translated_errors():
            try:
                method = await self._client.v1.payment_methods.retrieve_async(card_id)
            except stripe.InvalidRequestError as error:
                if not is_code(error, "resource_missing"):
                    raise
                return None
            return id_of(method.customer)

    async def detach(self, card_id: str) -> None:
        """Take a card from its customer for good: nobody can charge it afterwards. Safe to repeat.

        https://docs.stripe.com/api/payment_methods/detach
        """
        with translated_errors():
            try:
                await self._client.v1.payment_methods.detach_async(card_id)
            except stripe.InvalidRequestError:
                # Refused as well when the card is nobody's any more, which is what is wanted.
                method = await self._client.v1.payment_methods.retrieve_async(card_id)
                if method.customer is not None:
                    raise

    async def _make_customer(self, reference: uuid.UUID, *, key: str) -> str:
        """Make it with ``key``; while another desk is making it with the same key, wait for that answer."""
        for pause in _PAUSES_SECONDS:
            try:
                return await self._create_customer(reference, key=key)
            except stripe.StripeError as error:
                if error.code != _IN_USE:
                    raise
            await asyncio.sleep(pause)
        return await self._create_customer(reference, key=key)

    async def _create_customer(self, reference: uuid.UUID, *, key: str) -> str:
        customer = await self._client.v1.customers.create_async(
            {"description": "Cashier customer", "metadata": {"cashier_customer": str(reference)}},
            {"idempotency_key": key},
        )
        return customer.id


def _read(stripe_id: str, card: stripe.PaymentMethod.Card) -> CardAtStripe:
    return CardAtStripe(
        stripe_id=stripe_id,
        fingerprint=card.fingerprint or stripe_id,
        brand=card.brand,
        last_four=card.last4,
        expires_month=card.exp_month,
        expires_year=card.exp_year,
    )
