"""Whatever answers in Stripe's place, and however: nothing waits for ever, and nothing odd is taken for money."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cashier.books.refund import RefundReason
from cashier.clock import now
from cashier.errors import CashierError, Contradiction, Party, Unreachable
from cashier.money import Money
from cashier.stripe_gateway import limited_http
from cashier.stripe_gateway.gateway import CheckoutOrder, SavedCardOrder, StripeGateway
from cashier.stripe_gateway.refunds import RefundOrder

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Verb = Callable[[StripeGateway], Awaitable[Any]]

AMOUNT, PAYMENT = Money(1_000, "EUR"), uuid.uuid4()
CHECKOUT = CheckoutOrder(
    payment_id=PAYMENT, amount=AMOUNT, description="Hospital", customer_id="cus_1", success_url="https://x.example/",
    cancel_url="https://x.example/", expires_at=now() + timedelta(hours=1),
)  # fmt: skip
CHARGE = SavedCardOrder(
    payment_id=PAYMENT, amount=AMOUNT, description="Hospital", customer_id="cus_1", card_id="pm_1",
    return_url="https://x.example/",
)  # fmt: skip
REFUND = RefundOrder(refund_id=PAYMENT, intent_id="pi_1", amount=AMOUNT, reason=RefundReason.REQUESTED_BY_CUSTOMER)


async def all_of(found: AsyncIterator[Any]) -> list[Any]:
    return [each async for each in found]


async def outcome(verb: Verb, gateway: StripeGateway) -> Any:
    try:
        return await verb(gateway)
    except CashierError as error:
        return error


VERBS: dict[str, Verb] = {
    "open a page": lambda gateway: gateway.open_checkout(CHECKOUT),
    "block a page": lambda gateway: gateway.block_checkout(CHECKOUT),
    "charge a saved card": lambda gateway: gateway.charge_saved_card(CHARGE),
    "confirm an intent": lambda gateway: gateway.confirm_intent("pi_1", card_id="pm_1", return_url=None),
    "fetch a page": lambda gateway: gateway.fetch_payment(session_id="cs_1", intent_id=None),
    "fetch an intent": lambda gateway: gateway.fetch_payment(session_id=None, intent_id="pi_1"),
    "withdraw": lambda gateway: gateway.withdraw(session_id=None, intent_id="pi_1"),
    "find a payment": lambda gateway: gateway.find_payment(PAYMENT, customer_id="cus_1", since=now()),
    "refund": lambda gateway: gateway.refunds.make_refund(REFUND),
    "fetch a refund": lambda gateway: gateway.refunds.fetch_refund("re_1"),
    "list refunds": lambda gateway: all_of(gateway.refunds.list_refunds(intent_id="pi_1")),
    "list charges": lambda gateway: all_of(gateway.records.charges_between(now(), now())),
    "list disputes": lambda gateway: all_of(gateway.records.disputes_between(now(), now())),
    "list events": lambda gateway: gateway.records.events_since(now()),
    "make a customer": lambda gateway: gateway.cards.make_customer(PAYMENT),
    "find a customer": lambda gateway: gateway.cards.find_customer(PAYMENT),
    "list cards": lambda gateway: gateway.cards.cards_of("cus_1"),
    "whose card": lambda gateway: gateway.cards.customer_of_card("pm_1"),
    "list readers": lambda gateway: gateway.terminal.list_readers(),
    "look at a reader": lambda gateway: gateway.terminal.look_at("tmr_1"),
    "find a location": lambda gateway: gateway.terminal.find_location(),
}
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "status": "succeeded",
    "currency": "eur",
    "amount_received": 1_000,
}
ODD = [
    "null", "[]", '"paid"', "7", "true", "{}", "[" * 100_000, '{"object": "list"}', '{"object": "list", "data": 7}',
    '{"object": "list", "data": [null, 7, "x", []], "has_more": false, "url": "/v1/x"}',
    '{"object": "list", "data": [{}], "has_more": false, "url": "/v1/x"}',
    '{"id": ["pi_1"], "object": {"a": 1}, "status": ["succeeded"], "payment_intent": 7, "metadata": "x"}',
    json.dumps(INTENT | {"amount_received": "1000"}), json.dumps(INTENT | {"amount_received": 10.0}),
    json.dumps(INTENT | {"currency": "€"}), json.dumps(INTENT | {"amount_received": None}),
    json.dumps(INTENT)[:-1] + ', "amount_received": ' + "9" * 5_000 + "}", "\udcff", "<html>Sign in</html>", "",
]  # fmt: skip


@pytest.fixture
async def asked(request: pytest.FixtureRequest) -> AsyncIterator[Callable[[Answer], Awaitable[StripeGateway]]]:
    """A gateway to whatever answers."""
    opened: list[Any] = []

    async def open_gateway(answer: Answer, *, timeout_seconds: float = 5) -> StripeGateway:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", answer)
        server = TestServer(application)
        await server.start_server()
        base = str(server.make_url("")).rstrip("/")
        gateway = StripeGateway("rk_test_odd", api_base=base, timeout_seconds=timeout_seconds)
        opened.extend((gateway, server))
        return gateway

    yield open_gateway
    for each in opened:
        await each.close()


@pytest.mark.logs("stripe not understood")
@pytest.mark.parametrize("name", VERBS)
async def test_what_stripe_never_answers_is_no_answer(asked, name):
    body = ""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body.encode("utf-8", "surrogateescape"), content_type="application/json")

    gateway = await asked(answer)
    for body in ODD:
        told = await outcome(VERBS[name], gateway)

        if isinstance(told, CashierError):
            assert isinstance(told, (Unreachable, Contradiction)), (body[:80], told)
            assert told.by is Party.STRIPE or isinstance(told, Contradiction), (body[:80], told)
        else:
            # What is left out may be read as nothing there, never as money.
            assert not re.search("PAID|SUCCEEDED|Money", repr(told)), (body[:80], told)


@pytest.mark.logs("stripe not understood")
async def test_odd_errors_are_errors_of_ours(asked):
    status, body = 400, ""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type="application/json")

    gateway = await asked(answer)
    for status in (400, 402):
        for body in ('{"error": []}', '{"error": null}', '{"error": "no"}', '{"error": 7}', "[]", "{}"):
            assert isinstance(await outcome(VERBS["charge a saved card"], gateway), CashierError), (status, body)


async def test_an_answer_that_drips_for_ever_is_given_up_in_time_and_not_asked_for_again(asked):
    requests = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal requests
        requests += 1
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(200):
            await response.write(b" ")
            await asyncio.sleep(0.05)
        return response

    gateway = await asked(answer, timeout_seconds=0.25)
    began = time.monotonic()

    with pytest.raises(Unreachable, match="does not answer"):
        await gateway.open_checkout(CHECKOUT)

    assert time.monotonic() - began < 3
    assert requests == 1


async def test_an_answer_that_does_not_end_is_not_kept_in_memory(asked, monkeypatch):
    monkeypatch.setattr(limited_http, "ANSWER_BYTES_MAX", 100_000)
    sent = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.enable_compression()
        await response.prepare(request)
        for _ in range(1_000):
            await response.write(b" " * 100_000)
            sent += 100_000
        return response

    gateway = await asked(answer)

    with pytest.raises(Unreachable, match="does not answer"):
        await gateway.check()

    assert sent < 100_000_000
