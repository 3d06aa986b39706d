"""A publishable key may do what Stripe.js does in a payer's browser, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Wire

PUBLISHABLE = "Bearer pk_test_sandboxbrowser"
CARD = {"payment_method": "pm_card_visa", "use_stripe_sdk": "true"}


async def _intent(wire: Wire, **form: str) -> Any:
    asked = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[]": "card", "metadata[desk]": "D1"}
    return (await wire.post("/v1/payment_intents", asked | form)).body


async def test_an_intent_is_shown_to_whoever_has_its_secret_without_what_is_the_merchants(wire):
    intent = await _intent(wire)

    answer = await wire.get(
        f"/v1/payment_intents/{intent['id']}?client_secret={intent['client_secret']}", Authorization=PUBLISHABLE
    )

    assert answer.status == 200
    assert answer.body.items() <= intent.items()
    assert not {"customer", "metadata", "latest_charge", "amount_received"} & answer.body.keys()
    assert {"id", "object", "amount", "currency", "client_secret", "status", "next_action"} <= answer.body.keys()


async def test_an_intent_is_paid_by_whoever_has_its_secret(wire):
    intent = await _intent(wire)

    answer = await wire.post(
        f"/v1/payment_intents/{intent['id']}/confirm",
        CARD | {"client_secret": intent["client_secret"]},
        Authorization=PUBLISHABLE,
    )

    assert (answer.status, answer.body["status"]) == (200, "succeeded")
    assert "metadata" not in answer.body


async def test_a_decline_carries_what_a_browser_may_see(wire):
    intent = await _intent(wire)
    declined = CARD | {"payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}

    answer = await wire.post(
        f"/v1/payment_intents/{intent['id']}/confirm",
        declined | {"client_secret": intent["client_secret"]},
        Authorization=PUBLISHABLE,
    )

    assert answer.status == 402
    assert (answer.error["code"], answer.error["decline_code"]) == ("card_declined", "insufficient_funds")
    assert answer.error["payment_intent"]["status"] == "requires_payment_method"
    assert "metadata" not in answer.error["payment_intent"]


@pytest.mark.parametrize("given", [{}, {"client_secret": "pi_x_secret_wrong"}], ids=["none", "another"])
@pytest.mark.parametrize("verb", ["see", "pay"])
async def test_without_the_right_secret_an_intent_is_neither_seen_nor_paid(wire, given, verb):
    intent = await _intent(wire)
    path = f"/v1/payment_intents/{intent['id']}"

    if verb == "pay":
        answer = await wire.post(f"{path}/confirm", CARD | given, Authorization=PUBLISHABLE)
    else:
        query = "&".join(f"{name}={value}" for name, value in given.items())
        answer = await wire.get(f"{path}?{query}", Authorization=PUBLISHABLE)

    assert (answer.status, answer.error["param"]) == (400, "client_secret")
    assert (await wire.get(path)).body["status"] == "requires_payment_method"


async def test_an_intent_for_servers_is_not_confirmed_by_a_browser(wire):
    intent = await _intent(wire, confirmation_method="manual")

    answer = await wire.post(
        f"/v1/payment_intents/{intent['id']}/confirm",
        CARD | {"client_secret": intent["client_secret"]},
        Authorization=PUBLISHABLE,
    )

    assert answer.status == 400
    assert "confirmation_method" in answer.error["message"]


@pytest.mark.parametrize(
    "name", ["off_session", "capture_method", "amount_to_confirm", "error_on_requires_action", "expand[]"]
)
async def test_what_only_the_merchant_decides_is_refused_from_a_browser(wire, name):
    intent = await _intent(wire)

    answer = await wire.post(
        f"/v1/payment_intents/{intent['id']}/confirm",
        CARD | {"client_secret": intent["client_secret"], name: "true"},
        Authorization=PUBLISHABLE,
    )

    assert (answer.status, answer.error["param"]) == (400, name.removesuffix("[]"))


async def test_a_browser_makes_payment_methods_and_tokens(wire):
    card = {"card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "40"}

    method = await wire.post("/v1/payment_methods", {"type": "card", **card}, Authorization=PUBLISHABLE)
    token = await wire.post("/v1/tokens", card, Authorization=PUBLISHABLE)

    assert (method.body["object"], method.body["card"]["last4"]) == ("payment_method", "4242")
    assert token.body["object"] == "token"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/payment_intents"),
        ("POST", "/v1/payment_intents"),
        ("POST", "/v1/payment_intents/{intent}"),
        ("POST", "/v1/payment_intents/{intent}/cancel"),
        ("POST", "/v1/payment_intents/{intent}/capture"),
        ("POST", "/v1/refunds"),
        ("GET", "/v1/customers"),
        ("POST", "/v1/customers"),
        ("GET", "/v1/charges"),
        ("GET", "/v1/events"),
        ("GET", "/v1/balance"),
        ("GET", "/v1/payment_methods"),
        ("POST", "/v1/checkout/sessions"),
    ],
)
async def test_everything_else_needs_a_secret_key(wire, method, path):
    intent = await _intent(wire)
    secret = {"client_secret": intent["client_secret"]} if method == "POST" else None

    answer = await wire.send(method, path.format(intent=intent["id"]), secret, Authorization=PUBLISHABLE)

    assert (answer.status, answer.error["code"]) == (403, "secret_key_required")


async def test_pages_of_any_site_may_ask_as_stripe_lets_them(wire, sandbox):
    asked = {"Origin": "https://portal.example", "Access-Control-Request-Method": "POST"}

    async with wire.session.options(f"{sandbox.url}/v1/payment_methods", headers=asked) as before:
        allowed = before.headers
    answer = await wire.get("/v1/payment_intents/pi_none?client_secret=x", Authorization=PUBLISHABLE)

    assert allowed["Access-Control-Allow-Origin"] == answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Authorization", "Stripe-Version"} <= set(allowed["Access-Control-Allow-Headers"].split(", "))


async def test_what_a_browser_says_to_stripe_is_in_no_log(wire, exchange_log: Path):
    intent = await _intent(wire)

    await wire.post(
        f"/v1/payment_intents/{intent['id']}/confirm",
        CARD | {"client_secret": intent["client_secret"]},
        Authorization=PUBLISHABLE,
    )

    log = exchange_log.read_text()  # noqa: ASYNC240 - a file of a few lines
    assert f"/v1/payment_intents/{intent['id']}/confirm" not in log
    assert "pk_test" not in log
