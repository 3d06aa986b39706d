"""A merchant's page with the stand-in of Stripe.js, in a real browser and under the policy that Stripe documents."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import FrameLocator, Page

from cashier.sandbox.server import Sandbox
from cashier.sandbox.stripe_js.pages import RELEASE
from tests.surroundings.chromium import Payer, needs_chromium

pytestmark = needs_chromium

VISA, NO_FUNDS, ASKS = "4242424242424242", "4000000000009995", "4000002760003184"


class Merchant:
    """A page of another origin that uses Stripe.js: what happened to it is asked by evaluating in it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def frame(self) -> FrameLocator:
        """The frame of the Payment Element."""
        return self.page.frame_locator("#card iframe")

    async def elements(self, options: dict[str, Any]) -> None:
        """Make Elements and mount the Payment Element."""
        await self.page.evaluate(
            """(options) => new Promise((resolve) => {
                window.stripe = Stripe("pk_test_merchant");
                window.elements = stripe.elements(options);
                const element = elements.create("payment");
                element.on("ready", resolve);
                element.on("loaderror", ({error}) => resolve(window.refused = error));
                element.mount("#card");
            })""",
            options,
        )

    async def type_card(self, number: str = VISA) -> None:
        """Type a card into the frame."""
        await self.frame.locator("#number").fill(number)
        await self.frame.locator("#expiry").fill("12 / 40")
        await self.frame.locator("#cvc").fill("123")
        await self.frame.locator("#country").select_option("DE")

    async def pay(self, secret: str, **options: Any) -> Any:
        """Submit and confirm; return the result."""
        return await self.page.evaluate(
            """async ([clientSecret, options]) => {
                const checked = await elements.submit();
                if (checked.error) return checked;
                return stripe.confirmPayment({elements, clientSecret, redirect: "if_required", ...options});
            }""",
            [secret, options],
        )

    @property
    def bank(self) -> FrameLocator:
        """The frame in which the bank asks."""
        return self.page.frame_locator('iframe[title="3-D Secure"]')

    async def begin(self, expression: str, *facts: Any) -> None:
        """Begin what takes the payer's part to end; its promise is ``underWay``."""
        await self.page.evaluate(f"(facts) => {{ window.underWay = {expression} }}", list(facts))

    async def ask(self, expression: str, *facts: Any) -> Any:
        """Evaluate in the page; what it throws comes back as text."""
        return await self.page.evaluate(
            f"async (facts) => {{ try {{ return await ({expression}) }} catch (error) {{ return String(error) }} }}",
            list(facts),
        )


@pytest.fixture
async def shop(sandbox: Sandbox) -> AsyncIterator[str]:
    """The address of a merchant's page, on an origin of its own, with the policy for Stripe.js."""
    policy = (
        f"default-src 'none'; script-src {sandbox.url}; frame-src {sandbox.url}; connect-src {sandbox.url}; "
        "img-src data:; base-uri 'none'; frame-ancestors 'none'"
    )
    html = (
        '<!DOCTYPE html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">'
        f'<script src="{sandbox.url}/{RELEASE}/stripe.js"></script><div id="card"></div></html>'
    )

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html", headers={"Content-Security-Policy": policy})

    application = web.Application()
    application.router.add_get("/", page)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@pytest.fixture
async def merchant(payer: Payer, shop: str) -> Merchant:
    return Merchant(await payer.open(shop))


async def _intent(wire, **form: str) -> Any:
    asked = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[]": "card"}
    return (await wire.post("/v1/payment_intents", asked | form)).body


DEFERRED = {"mode": "payment", "amount": 2500, "currency": "eur", "allowedPaymentMethodTypes": ["card"]}


async def test_a_card_is_checked_declined_and_then_paid_and_never_in_the_page(merchant, payer, wire):
    intent = await _intent(wire)
    await merchant.elements(DEFERRED)

    incomplete = await merchant.pay(intent["client_secret"])
    await merchant.type_card(NO_FUNDS)
    declined = await merchant.pay(intent["client_secret"])
    await merchant.type_card()
    paid = await merchant.pay(intent["client_secret"])
    again = await merchant.pay(intent["client_secret"])

    payer.expect("402")
    payer.expect("400")
    assert (incomplete["error"]["type"], incomplete["error"]["code"]) == ("validation_error", "incomplete_number")
    error = declined["error"]
    assert (error["type"], error["code"], error["decline_code"]) == (
        "card_error", "card_declined", "insufficient_funds"
    )  # fmt: skip
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert paid["paymentIntent"]["status"] == "succeeded"
    assert again["error"]["code"] == "payment_intent_unexpected_state"
    assert VISA not in json.dumps([declined, paid]) + await merchant.page.content()
    with pytest.raises(Exception, match="cross-origin"):
        await merchant.page.evaluate("document.querySelector('#card iframe').contentWindow.document")


async def test_the_bank_asks_in_a_frame_and_is_answered_failed_or_closed(merchant, wire):
    intent = await _intent(wire)
    await merchant.elements(
        {"clientSecret": intent["client_secret"], "locale": "es", "appearance": {"theme": "night"}}
    )
    await merchant.type_card(ASKS)

    results = []
    for answer in ("fail", "close", "complete"):
        await merchant.begin('stripe.confirmPayment({elements, redirect: "if_required"})')
        if answer == "close":
            await merchant.page.get_by_role("button", name="Close").click()
        else:
            await merchant.bank.locator(f"#{answer}").click()
        results.append(await merchant.page.evaluate("underWay"))

    for failed in results[:2]:
        assert failed["error"]["code"] == "payment_intent_authentication_failure"
        assert failed["error"]["payment_intent"]["status"] == "requires_payment_method"
    assert results[2]["paymentIntent"]["status"] == "succeeded"
    assert await merchant.frame.locator("label[for=number]").inner_text() == "Número de tarjeta"


async def test_a_challenge_left_open_is_gone_on_with(merchant, wire):
    intent = await _intent(wire)
    form = {"payment_method": "pm_card_authenticationRequired", "use_stripe_sdk": "true"}
    await wire.post(f"/v1/payment_intents/{intent['id']}/confirm", form)
    await merchant.elements(DEFERRED)

    seen = await merchant.ask("stripe.retrievePaymentIntent(facts[0])", intent["client_secret"])
    await merchant.begin("stripe.handleNextAction({clientSecret: facts[0]})", intent["client_secret"])
    await merchant.bank.locator("#complete").click()
    result = await merchant.page.evaluate("underWay")

    assert seen["paymentIntent"]["status"] == "requires_action"
    assert result["paymentIntent"]["status"] == "succeeded"


async def test_a_bank_that_takes_the_payer_away_sends_them_back_to_the_page(merchant, shop, wire):
    await wire.control("challenges", {"redirect": True})
    intent = await _intent(wire)
    await merchant.elements(DEFERRED)
    await merchant.type_card(ASKS)

    await merchant.ask("elements.submit()")
    confirm = "stripe.confirmPayment({elements, clientSecret: facts[0], confirmParams: {return_url: facts[1]}})"
    await merchant.begin(confirm, intent["client_secret"], shop)
    await merchant.page.locator("#complete").click()
    await merchant.page.wait_for_url(f"{shop}*redirect_status=succeeded*")

    assert f"payment_intent={intent['id']}" in merchant.page.url


async def test_a_secret_of_what_is_over_makes_no_form(payer, shop, wire):
    paid, canceled = await _intent(wire), await _intent(wire)
    await wire.post(f"/v1/payment_intents/{paid['id']}/confirm", {"payment_method": "pm_card_visa"})
    await wire.post(f"/v1/payment_intents/{canceled['id']}/cancel")

    for intent in (paid, canceled):
        merchant = Merchant(await payer.open(shop))
        await merchant.elements({"clientSecret": intent["client_secret"]})

        assert await merchant.ask("refused.code") == "payment_intent_unexpected_state"
        assert await merchant.frame.locator("#card").is_hidden()


async def test_elements_for_another_sum_or_purpose_pay_nothing(merchant, wire):
    dearer, saved = await _intent(wire, amount="2600"), await _intent(wire, setup_future_usage="off_session")
    await merchant.elements(DEFERRED)
    await merchant.type_card()

    other_sum = await merchant.pay(dearer["client_secret"])
    other_purpose = await merchant.pay(saved["client_secret"])
    await merchant.ask("elements.update({setupFutureUsage: 'off_session'})")
    terms = await merchant.frame.locator("#terms").inner_text()
    agreed = await merchant.pay(saved["client_secret"])

    assert "amount" in other_sum["error"]["message"]
    assert "setup_future_usage" in other_purpose["error"]["message"]
    assert "Sandbox Hospital" in terms
    assert agreed["paymentIntent"]["status"] == "succeeded"


async def test_what_a_page_does_wrong_is_told_to_its_maker(merchant, wire):
    intent = await _intent(wire)

    secret_key = await merchant.ask("Stripe('sk_test_x')")
    old_name = await merchant.ask(
        "Stripe('pk_test_x').elements({...facts[0], paymentMethodTypes: ['card']})", DEFERRED
    )
    capitals = await merchant.ask("Stripe('pk_test_x').elements({...facts[0], currency: 'EUR'})", DEFERRED)
    await merchant.elements(DEFERRED)
    unchecked = await merchant.ask(
        "stripe.confirmPayment({elements, clientSecret: facts[0], redirect: 'if_required'})", intent["client_secret"]
    )
    no_way_back = await merchant.ask(
        "stripe.confirmPayment({elements, clientSecret: facts[0]})", intent["client_secret"]
    )

    for said in (secret_key, old_name, capitals, unchecked, no_way_back):
        assert said.startswith("IntegrationError: ")
    assert "paymentMethodTypes" in old_name
    assert "submit" in unchecked
    assert "return_url" in no_way_back


async def test_without_a_line_to_stripe_the_page_is_told_so(merchant, payer, wire):
    intent = await _intent(wire)
    await merchant.elements(DEFERRED)
    await merchant.type_card()

    await payer.context.set_offline(True)
    result = await merchant.pay(intent["client_secret"])

    payer.expect("ERR_INTERNET_DISCONNECTED")
    assert result["error"]["type"] == "api_connection_error"


async def test_the_old_address_serves_the_same_script(wire, sandbox):
    texts = []
    for path in ("/v3/", f"/{RELEASE}/stripe.js"):
        async with wire.session.get(sandbox.url + path) as answer:
            assert answer.content_type == "text/javascript"
            texts.append(await answer.text())

    assert texts[0] == texts[1]
    assert RELEASE == "endive"
