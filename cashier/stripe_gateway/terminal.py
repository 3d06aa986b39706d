"""Card readers at Stripe: registering them, telling them what to do, and seeing what they do.

Readers are driven from here by way of Stripe, not over the hospital's network. What a reader reports is never the
truth about money; the payment intent is. https://docs.stripe.com/terminal/payments/collect-card-payment
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

import stripe

from cashier.books.from_stripe.payment_report import PaymentReport
from cashier.errors import Refused, Unreachable
from cashier.language import Message, m
from cashier.money import Money
from cashier.stripe_gateway.client import is_code, translated_errors
from cashier.stripe_gateway.naming import named
from cashier.stripe_gateway.reading import report_of_intent

_ADOPTED_PREFIX = "tmr_"
_OUR_LOCATION = {"cashier": "readers"}
_SHOWN = m("Hospital services")
"""The only thing that a reader's display ever names; it is read by whoever stands there."""


class ReaderBusy(Refused):
    """The card reader is busy with something else."""

    default = m("The card reader is busy with something else.")

    code: ClassVar[str] = "terminal_reader_busy"


class ReaderOffline(Refused):
    """The card reader is not connected."""

    default = m("The card reader is not connected.")

    code: ClassVar[str] = "terminal_reader_offline"


class ReaderSilent(Unreachable):
    """The card reader did not answer in time; it may have heard us all the same."""

    default = m("The card reader did not answer in time; it may have heard us all the same.")

    code: ClassVar[str] = "terminal_reader_timeout"


_ADVICE: dict[type[ReaderBusy | ReaderOffline | ReaderSilent], Message] = {
    ReaderBusy: m("Wait until it is free, or take the payment another way."),
    ReaderOffline: m("Check its power and its network, or take the payment another way."),
    ReaderSilent: m("Look at its display before you try again."),
}


class ActionStatus(StrEnum):
    """How far a reader is with what it was told to do."""

    IN_PROGRESS = "in_progress"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class ReaderAction:
    """What a reader does, or did last. ``intent_id`` is the payment intent that it is about, if any."""

    kind: str
    status: ActionStatus
    intent_id: str | None
    failure_code: str | None

    @property
    def is_cart(self) -> bool:
        """Tell whether the reader shows an amount without asking for a card."""
        return self.kind == "set_reader_display"


@dataclass(frozen=True, kw_only=True)
class ReaderFacts:
    """A reader as Stripe has it."""

    stripe_id: str
    label: str
    device_type: str
    is_online: bool
    action: ReaderAction | None

    @property
    def asks_for(self) -> str | None:
        """The payment intent that the reader asks a card for just now."""
        if self.action is None or self.action.status is not ActionStatus.IN_PROGRESS:
            return None
        return self.action.intent_id


@dataclass(frozen=True, kw_only=True)
class LocationAddress:
    """Where the readers stand; Stripe needs it. ``country`` has two letters."""

    line1: str
    postal_code: str
    city: str
    country: str
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class ReaderOrder:
    """What a reader is to take a payment for; ``typed`` is for a card told by telephone or letter.

    The same order is sent again when a call is repeated.
    """

    payment_id: uuid.UUID
    amount: Money
    description: str
    customer_id: str
    entry: str = ""
    typed: bool


class TerminalGateway:
    """Card readers, as readers and payments see them.

    Raises ``ReaderBusy``, ``ReaderOffline``, ``ReaderSilent`` and what every gateway raises.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        """Use the connection that payments use."""
        self._client = client

    async def find_location(self) -> str | None:
        """Return where the hospital's readers stand: the place that we made, or the only one there is."""
        with translated_errors():
            page = await self._client.v1.terminal.locations.list_async({"limit": 100})
            found = [location async for location in page.auto_paging_iter()]
            ours = [each for each in found if _OUR_LOCATION.items() <= each.metadata.to_dict().items()]
            chosen = ours or (found if len(found) == 1 else [])
            return chosen[0].id if chosen else None

    async def make_location(self, name: str, address: LocationAddress) -> str:
        """Tell Stripe where the hospital's readers stand. https://docs.stripe.com/api/terminal/locations/create"""
        parts: Any = {key: value for key, value in vars(address).items() if value}
        with translated_errors():
            location = await self._client.v1.terminal.locations.create_async(
                {"display_name": name, "address": parts, "metadata": _OUR_LOCATION}
            )
            return location.id

    async def register(self, code: str, label: str, location_id: str) -> ReaderFacts:
        """Register the reader that shows the registration ``code``; ``simulated-wpe`` is one in test mode."""
        with translated_errors():
            reader = await self._client.v1.terminal.readers.create_async(
                {"registration_code": code, "label": label, "location": location_id}
            )
        return _facts(reader)

    async def list_readers(self) -> tuple[ReaderFacts, ...]:
        """Return all readers of the account."""
        with translated_errors():
            page = await self._client.v1.terminal.readers.list_async({"limit": 100})
            return tuple([_facts(reader) async for reader in page.auto_paging_iter()])

    async def look_at(self, reader_id: str) -> ReaderFacts | None:
        """Return a reader and what it does; None when Stripe does not have it any more."""
        try:
            with translated_errors():
                reader = await self._client.v1.terminal.readers.retrieve_async(reader_id)
                is_gone = bool(reader.to_dict().get("deleted"))
        except Refused as refusal:
            if is_code(refusal, "resource_missing"):
                return None
            raise
        return None if is_gone else _facts(reader)

    async def rename(self, reader_id: str, label: str) -> None:
        """Give a reader another label."""
        with translated_errors():
            await self._client.v1.terminal.readers.update_async(reader_id, {"label": label})

    async def remove(self, reader_id: str) -> None:
        """Take a reader out of the account. Safe to repeat."""
        try:
            with _reader_errors():
                await self._client.v1.terminal.readers.delete_async(reader_id)
        except Refused as refusal:
            if not is_code(refusal, "resource_missing"):
                raise

    async def open_payment(self, order: ReaderOrder) -> PaymentReport:
        """Make the payment intent that a reader is to take; no reader knows of it yet. Safe to repeat for a day.

        https://docs.stripe.com/api/payment_intents/create
        """
        with translated_errors():
            intent = await self._client.v1.payment_intents.create_async(
                {
                    "amount": order.amount.amount_minor,
                    "currency": order.amount.currency.lower(),
                    "customer": order.customer_id,
                    "allowed_payment_method_types": ["card" if order.typed else "card_present"],
                    "description": order.description,
                    "metadata": named(order.payment_id, order.entry),
                },
                {"idempotency_key": f"{order.payment_id}"},
            )
        return report_of_intent(intent)

    async def ask_for_card(self, reader_id: str, intent_id: str, *, typed: bool) -> None:
        """Let a reader ask for a card, or for a typed one, and charge the intent with it.

        No key of ours: an intent is charged once however often a reader is told, and with a key that is kept
        Stripe would repeat “busy” or “timed out” for a day.
        https://docs.stripe.com/api/terminal/readers/process_payment_intent
        """
        # The SDK's types lack moto, which Stripe's guide tells to send:
        # https://docs.stripe.com/terminal/features/mail-telephone-orders/payments
        config: Any = {"skip_tipping": True, **({"moto": True} if typed else {"enable_customer_cancellation": True})}
        with _reader_errors():
            await self._client.v1.terminal.readers.process_payment_intent_async(
                reader_id, {"payment_intent": intent_id, "process_config": config}
            )

    async def show_amount(self, reader_id: str, amount: Money) -> None:
        """Show the patient how much it will be, before a card is asked for; never for what.

        https://docs.stripe.com/terminal/features/display
        """
        line: Any = {"description": str(_SHOWN), "amount": amount.amount_minor, "quantity": 1}
        cart: Any = {"currency": amount.currency.lower(), "total": amount.amount_minor, "line_items": [line]}
        with _reader_errors():
            await self._client.v1.terminal.readers.set_reader_display_async(reader_id, {"type": "cart", "cart": cart})

    async def put_to_rest(self, reader_id: str) -> None:
        """End what a reader does or shows. https://docs.stripe.com/api/terminal/readers/cancel_action"""
        with _reader_errors():
            await self._client.v1.terminal.readers.cancel_action_async(reader_id)


def is_reader_id(code: str) -> bool:
    """Tell whether ``code`` names a reader that is registered at Stripe already."""
    return code.startswith(_ADOPTED_PREFIX)


@contextlib.contextmanager
def _reader_errors() -> Iterator[None]:
    """Name what a reader answers. https://docs.stripe.com/terminal/payments/collect-card-payment#handle-errors"""
    try:
        with translated_errors():
            yield
    except Refused as refusal:
        for kind, advice in _ADVICE.items():
            if is_code(refusal, kind.code):
                raise kind(advice=advice) from refusal.__cause__
        raise


@translated_errors()
def _facts(reader: stripe.terminal.Reader) -> ReaderFacts:
    found = reader.to_dict()
    return ReaderFacts(
        stripe_id=found["id"],
        label=found.get("label") or found["id"],
        device_type=found["device_type"],
        is_online=found.get("status") == "online",
        action=_action(found["action"]) if found.get("action") else None,
    )


def _action(action: dict[str, Any]) -> ReaderAction:
    intent = (action.get(action["type"]) or {}).get("payment_intent")
    return ReaderAction(
        kind=action["type"],
        status=ActionStatus(action["status"]),
        intent_id=intent["id"] if isinstance(intent, dict) else intent,
        failure_code=action.get("failure_code"),
    )
