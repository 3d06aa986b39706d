"""Opening, fetching and withdrawing payments at Stripe.

Every call that changes something carries a key that was saved before, so it can be repeated for a day:
https://docs.stripe.com/api/idempotent_requests
No name, record number or service leaves for Stripe: opaque references and a neutral description only.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import stripe

from cashier.books.from_stripe.payment_report import PaymentReport
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.language import m
from cashier.money import Money
from cashier.stripe_gateway.cards import CardsGateway
from cashier.stripe_gateway.client import connect, is_code, translated_errors
from cashier.stripe_gateway.evidence import EvidenceGateway
from cashier.stripe_gateway.limited_http import LimitedHttpClient
from cashier.stripe_gateway.naming import PAYMENT, named
from cashier.stripe_gateway.notary import NotaryGateway
from cashier.stripe_gateway.reading import report_of_intent, report_of_session
from cashier.stripe_gateway.records import RecordsGateway
from cashier.stripe_gateway.refunds import RefundGateway
from cashier.stripe_gateway.terminal import TerminalGateway
from cashier.tenders.methods import CARD

if TYPE_CHECKING:
    from stripe.params import PaymentIntentConfirmParams, PaymentIntentCreateParams
    from stripe.params.checkout import SessionCreateParams

_CLOCKS_DIFFER_BY = timedelta(days=1)
_EXPANDED_INTENT = ["latest_charge", "payment_method"]
_EXPANDED_SESSION = ["payment_intent.latest_charge", "payment_intent.payment_method"]
_CARDS = (CARD,)


@dataclass(frozen=True, kw_only=True)
class CheckoutOrder:
    """What Stripe's page is opened for. The same order is sent again when a call is repeated.

    ``methods`` are what the page offers, as Stripe calls them: never what is switched on in its dashboard.
    """

    payment_id: uuid.UUID
    amount: Money
    description: str
    customer_id: str
    entry: str = ""
    success_url: str
    cancel_url: str
    expires_at: datetime
    methods: tuple[str, ...] = _CARDS


@dataclass(frozen=True, kw_only=True)
class SavedCardOrder:
    """What a saved card is charged for, with the patient at the desk."""

    payment_id: uuid.UUID
    amount: Money
    description: str
    customer_id: str
    entry: str = ""
    card_id: str
    return_url: str


@dataclass(frozen=True, kw_only=True)
class IntentOrder:
    """What the payer's own browser is to confirm; with ``saves_card``, the card is kept for the customer."""

    payment_id: uuid.UUID
    amount: Money
    description: str
    customer_id: str
    entry: str = ""
    saves_card: bool


class StripeGateway:
    """Stripe, as payments see it. Raises ``Unreachable``, ``Refused``, ``Misconfigured``."""

    def __init__(self, key: str, *, api_base: str, timeout_seconds: float) -> None:
        """Connect lazily to ``api_base`` with ``key``."""
        self._http_client = LimitedHttpClient(timeout_seconds=timeout_seconds)
        self._client = connect(key, api_base=api_base, http_client=self._http_client)
        self.cards = CardsGateway(self._client)
        self.refunds = RefundGateway(self._client)
        self.records = RecordsGateway(self._client)
        self.evidence = EvidenceGateway(self._client)
        self.terminal = TerminalGateway(self._client)
        self.notary = NotaryGateway(self._client)

    async def close(self) -> None:
        """Close the connections. Safe to repeat."""
        await self._http_client.close_async()  # type: ignore[no-untyped-call]  # the SDK gives it no types

    async def open_checkout(self, order: CheckoutOrder) -> PaymentReport:
        """Open Stripe's payment page; its address is in the report. Safe to repeat for a day."""
        with translated_errors():
            session = await self._client.v1.checkout.sessions.create_async(
                _checkout_parameters(order), {"idempotency_key": f"{order.payment_id}"}
            )
        return report_of_session(session)

    async def charge_saved_card(self, order: SavedCardOrder) -> PaymentReport:
        """Charge a saved card; the report tells whether it was paid, declined or waits for the bank's page.

        https://docs.stripe.com/api/payment_intents/create
        """
        with translated_errors():
            try:
                intent = await self._client.v1.payment_intents.create_async(
                    {
                        "amount": order.amount.amount_minor,
                        "currency": order.amount.currency.lower(),
                        "customer": order.customer_id,
                        "payment_method": order.card_id,
                        "allowed_payment_method_types": [CARD],
                        "confirm": True,
                        "return_url": order.return_url,
                        "description": order.description,
                        "metadata": named(order.payment_id, order.entry),
                        "expand": _EXPANDED_INTENT,
                    },
                    {"idempotency_key": f"{order.payment_id}"},
                )
            except stripe.CardError as error:
                intent = await self._intent(_intent_id_of(error))
        return report_of_intent(intent)

    async def open_intent(self, order: IntentOrder) -> PaymentReport:
        """Open an intent that the payer's browser confirms with its client secret. Safe to repeat for a day.

        Cards only: what a bank decides days later would hold the invoice for as long.
        https://docs.stripe.com/api/payment_intents/create
        """
        parameters: PaymentIntentCreateParams = {
            "amount": order.amount.amount_minor,
            "currency": order.amount.currency.lower(),
            "customer": order.customer_id,
            "allowed_payment_method_types": [CARD],
            "description": order.description,
            "metadata": named(order.payment_id, order.entry),
            "expand": _EXPANDED_INTENT,
        }
        if order.saves_card:
            parameters["setup_future_usage"] = "off_session"
        with translated_errors():
            intent = await self._client.v1.payment_intents.create_async(
                parameters, {"idempotency_key": f"{order.payment_id}"}
            )
        return report_of_intent(intent)

    async def confirm_intent(self, intent_id: str, *, card_id: str, return_url: str | None) -> PaymentReport:
        """Charge a saved card on an open intent; the report tells how it went, as with ``charge_saved_card``.

        One intent is charged once, however often it is confirmed. One that ended meanwhile tells how.
        https://docs.stripe.com/api/payment_intents/confirm
        """
        parameters: PaymentIntentConfirmParams = {"payment_method": card_id, "expand": _EXPANDED_INTENT}
        if return_url is not None:
            parameters["return_url"] = return_url
        else:
            parameters["use_stripe_sdk"] = True
        with translated_errors():
            try:
                intent = await self._client.v1.payment_intents.confirm_async(intent_id, parameters)
            except stripe.CardError as error:
                intent = await self._intent(_intent_id_of(error))
            except stripe.InvalidRequestError as error:
                if not is_code(error, "payment_intent_unexpected_state"):
                    raise
                # Confirmed or ended meanwhile: what it became is the answer.
                intent = await self._intent(intent_id)
        return report_of_intent(intent)

    async def block_checkout(self, order: CheckoutOrder) -> PaymentReport:
        """Use up the key of ``open_checkout`` for a page that nobody will see; it has to be withdrawn.

        Raises ``Contradiction`` when the key was used before. Never the same to the letter: a kept answer,
        such as a 500, would be repeated, where a difference always tells whether the key is taken.
        """
        parameters = _checkout_parameters(order)
        parameters["metadata"] = {**named(order.payment_id, ""), "cashier_block": str(new_id())}
        with translated_errors():
            session = await self._client.v1.checkout.sessions.create_async(
                parameters, {"idempotency_key": f"{order.payment_id}"}
            )
        return report_of_session(session)

    async def block_charge(self, payment_id: uuid.UUID, amount: Money, *, customer_id: str) -> PaymentReport:
        """Use up the key of ``charge_saved_card`` for an intent without a card; see ``block_checkout``."""
        with translated_errors():
            intent = await self._client.v1.payment_intents.create_async(
                {
                    "amount": amount.amount_minor,
                    "currency": amount.currency.lower(),
                    "customer": customer_id,
                    "allowed_payment_method_types": [CARD],
                    "metadata": {**named(payment_id, ""), "cashier_block": str(new_id())},
                    "expand": _EXPANDED_INTENT,
                },
                {"idempotency_key": f"{payment_id}"},
            )
        return report_of_intent(intent)

    async def fetch_payment(self, *, session_id: str | None, intent_id: str | None) -> PaymentReport:
        """Ask Stripe where a payment stands; one of both ids must be known."""
        if not session_id and not intent_id:
            raise ValueError("neither a session nor an intent to ask about")
        with translated_errors():
            if session_id:
                return report_of_session(await self._session(session_id))
            return report_of_intent(await self._intent(intent_id or ""))

    async def withdraw(self, *, session_id: str | None, intent_id: str | None) -> PaymentReport:
        """Take a payment out of the world: nothing can be paid on it afterwards. Return where it stands then.

        A payment that got through in the meantime stays paid, and the report says so. No key is kept for this:
        withdrawing twice is withdrawing once, and a kept answer would hide that it has become possible.
        https://docs.stripe.com/api/checkout/sessions/expire
        """
        with translated_errors():
            try:
                if session_id:
                    await self._client.v1.checkout.sessions.expire_async(session_id)
                elif intent_id:
                    await self._client.v1.payment_intents.cancel_async(
                        intent_id, {"cancellation_reason": "requested_by_customer"}
                    )
            except stripe.InvalidRequestError:
                # Not open any more; the fetch below tells what it became.
                pass
        return await self.fetch_payment(session_id=session_id, intent_id=intent_id)

    async def find_payment(self, payment_id: uuid.UUID, *, customer_id: str, since: datetime) -> PaymentReport | None:
        """Look for a payment among everything its customer was asked for ``since``; None when there is none.

        Lists are exact at once, other than Stripe's search. Our clock may differ from Stripe's.
        """
        start = int((since - _CLOCKS_DIFFER_BY).timestamp())
        with translated_errors():
            sessions = await self._client.v1.checkout.sessions.list_async(
                {"customer": customer_id, "created": {"gte": start}, "limit": 100}
            )
            async for session in sessions.auto_paging_iter():
                if session.client_reference_id == str(payment_id):
                    return report_of_session(await self._session(session.id))
            intents = await self._client.v1.payment_intents.list_async(
                {"customer": customer_id, "created": {"gte": start}, "limit": 100}
            )
            async for intent in intents.auto_paging_iter():
                if intent.metadata.to_dict().get(PAYMENT) == str(payment_id):
                    return report_of_intent(await self._intent(intent.id))
        return None

    async def check(self) -> None:
        """Raise unless Stripe answers and accepts the key. A key without the right to read events is accepted."""
        try:
            with translated_errors():
                await self._client.v1.events.list_async({"limit": 1})
        except Refused as error:
            if not isinstance(error.__cause__, stripe.PermissionError):
                raise

    async def _session(self, session_id: str) -> stripe.checkout.Session:
        return await self._client.v1.checkout.sessions.retrieve_async(session_id, {"expand": _EXPANDED_SESSION})

    async def _intent(self, intent_id: str) -> stripe.PaymentIntent:
        return await self._client.v1.payment_intents.retrieve_async(intent_id, {"expand": _EXPANDED_INTENT})


def _checkout_parameters(order: CheckoutOrder) -> SessionCreateParams:
    """Write a Checkout Session: https://docs.stripe.com/api/checkout/sessions/create."""
    metadata = named(order.payment_id, order.entry)
    # Stripe takes more names than the SDK's types know of.
    methods: Any = list(order.methods)
    return {
        "mode": "payment",
        "allowed_payment_method_types": methods,
        "ui_mode": "hosted_page",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.amount.currency.lower(),
                    "unit_amount": order.amount.amount_minor,
                    "product_data": {"name": order.description},
                },
            }
        ],
        "customer": order.customer_id,
        # The page asks for consent, and only then keeps the card.
        "saved_payment_method_options": {"payment_method_save": "enabled"},
        "client_reference_id": str(order.payment_id),
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata, "description": order.description},
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "expires_at": int(order.expires_at.timestamp()),
        # The desk has agreed on an amount in the invoice's currency; Stripe must not offer another one.
        "adaptive_pricing": {"enabled": False},
        "expand": _EXPANDED_SESSION,
    }


def _intent_id_of(error: stripe.CardError) -> str:
    """Return the intent whose confirmation was declined; Stripe always names it.

    https://docs.stripe.com/api/errors#errors-payment_intent
    """
    if error.error is None or error.error.payment_intent is None:
        raise Refused(m("The card was declined."), advice=m("Ask for another card.")) from error
    return str(error.error.payment_intent.id)


__all__ = ["CheckoutOrder", "SavedCardOrder", "StripeGateway", "is_code"]
