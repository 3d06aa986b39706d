"""The page in Chromium, under its own policy, with Stripe's form in a frame: whatever the payer does, it is true."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import Route

from cashier.asked_again.sums import AskedAgain
from tests.companion.payment_page.pay_page import ASKS, NO_FUNDS, VISA, PayPage, open_page
from tests.companion.payment_page.test_paying import intents, lower
from tests.surroundings.chromium import needs_chromium, payer_at
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE_OF_SAME_PATIENT

pytestmark = needs_chromium

_PICTURES = os.environ.get("PAYMENT_PAGE_PICTURES")
"""A folder for pictures of what the tests see, for whoever wants to look."""


@pytest.fixture
def settings(settings):
    """As they are where nobody says anything: who pays the same again is asked."""
    return msgspec.structs.replace(settings, asked_again=AskedAgain())


@pytest.fixture
def address(link, companion) -> str:
    return str(companion.base_url.join(link.url)).partition("?")[0]


def _saved_cards(sandbox, intent):
    if intent["customer"] is None:
        return []
    found = sandbox.ask(f"/v1/customers/{intent['customer']}/payment_methods")["data"]
    return [method["card"]["last4"] for method in found]


async def _picture(at: PayPage, name: str) -> None:
    if _PICTURES:
        await at.page.screenshot(path=Path(_PICTURES) / f"{name}.png")


@pytest.mark.parametrize(
    ("language", "pay", "thanks", "label"),
    [("en", "Pay 120.00 €", "this is paid", "Card number"), ("es", "Pagar 120,00 €", "pagad", "Número de tarjeta")],
)
async def test_a_card_pays_and_the_receipt_is_there(payer, address, hospital, sandbox, language, pay, thanks, label):
    at = await open_page(payer, address, language)
    said = (await at.page.locator("#pay").inner_text()).replace("\N{NO-BREAK SPACE}", " ")
    await _picture(at, f"{language}-open")

    await at.pay()
    told = await at.told("good")

    await _picture(at, f"{language}-paid")
    assert said == pay
    assert await at.card.get_by_label(label).count() == 1
    assert thanks in told
    assert await at.page.locator("html").get_attribute("lang") == language
    assert await at.page.locator("#form").is_hidden()
    receipt = await payer.context.request.get(str(await at.page.evaluate("document.getElementById('receipt').href")))
    assert (await receipt.body()).startswith(b"%PDF")
    (payment,) = hospital.execute("SELECT state, amount_minor FROM payment")
    assert payment == {"state": "paid", "amount_minor": 12_000}
    assert "4242 4242" not in await at.page.content()
    (intent,) = intents(sandbox)
    assert _saved_cards(sandbox, intent) == []
    assert not await at.is_wider_than_the_screen()
    # Loaded again, it says the same.
    await at.page.reload()
    assert await at.page.locator("#page").get_attribute("data-state") == "paid"


@pytest.mark.parametrize(("language", "words"), [("en", "another card"), ("es", "otra tarjeta")])
async def test_a_decline_says_what_to_do_and_another_card_pays_the_same_payment(
    payer, address, sandbox, language, words
):
    at = await open_page(payer, address, language)

    await at.press_pay()
    await at.card.locator("#number-error").wait_for()
    await at.pay(NO_FUNDS)
    told = await at.told("bad")
    await _picture(at, f"{language}-declined")
    focused = await at.page.evaluate("document.activeElement.id")
    await at.card.locator("#number").fill(VISA)
    await at.press_pay()
    await at.told("good")

    payer.expect("402")
    assert words in told
    assert focused == "message"
    assert [intent["status"] for intent in intents(sandbox)] == ["succeeded"]


async def test_the_bank_asks_in_the_page_and_only_a_passed_question_pays(payer, address, sandbox):
    at = await open_page(payer, address)

    await at.pay(ASKS)
    await at.bank.locator("#fail").wait_for()
    locked = await at.page.locator("#pay").is_disabled()
    await _picture(at, "bank")
    await at.bank.locator("#fail").click()
    told = await at.told("bad")
    await at.press_pay()
    await at.bank.locator("#complete").click()
    await at.told("good")

    assert locked
    assert "another card" in told
    assert [intent["status"] for intent in intents(sandbox)] == ["succeeded"]


async def test_a_page_closed_while_the_bank_asks_goes_on_there_with_the_same_consent(payer, address, sandbox):
    at = await open_page(payer, address)
    await at.page.locator("#save-card").check()
    await at.pay(ASKS)
    await at.bank.locator("#complete").wait_for()
    await at.page.close()

    again = await open_page(payer, address)
    told = await again.told("caution")
    await _picture(again, "bank-waits")
    await again.page.locator("#more").click()
    await again.bank.locator("#complete").click()
    await again.told("good")

    assert "bank still waits" in told
    (intent,) = intents(sandbox)
    assert intent["status"] == "succeeded"
    assert _saved_cards(sandbox, intent) == ["3184"]


async def test_a_bank_that_takes_the_payer_away_leads_back_and_leaves_no_trace_in_the_address(
    payer, address, sandbox
):
    sandbox.order("challenges", redirect=True)
    at = await open_page(payer, address)

    await at.pay(ASKS)
    await at.page.locator("#fail").click()
    told = await at.told("bad")
    await at.pay(ASKS)
    await at.page.locator("#complete").click()
    await at.page.locator('[data-state="paid"]').wait_for()

    assert "another card" in told
    assert "secret" not in at.page.url + await at.page.evaluate("JSON.stringify(localStorage)")


async def test_what_the_desk_took_meanwhile_is_not_taken_again(payer, address, services, hospital, sandbox):
    at = await open_page(payer, address)
    await at.type_card()
    taken = await services.payments.begin(order_for(hospital), hospital.cashier)

    await at.press_pay()
    held = await at.told("caution")
    await _picture(at, "held")
    sandbox.pay_on_page(taken.page_url)
    await services.payments.refresh(taken.id)
    await at.press_pay()
    paid = await at.told("good")

    payer.expect("409")
    assert "at the hospital" in held
    assert "paid" in paid
    assert await at.page.locator("#receipt").is_hidden()
    assert len(intents(sandbox)) == 1


async def test_a_link_that_the_hospital_ends_takes_nothing_from_a_page_that_is_open(
    payer, address, link, services, hospital, sandbox
):
    at = await open_page(payer, address)
    await at.type_card()
    await services.payment_links.end(link.id, hospital.cashier)

    await at.press_pay()
    told = await at.told("caution")

    payer.expect("404")
    assert "Ask the hospital" in told
    assert await at.page.locator("#form").is_hidden()
    assert intents(sandbox) == []


async def test_a_changed_amount_is_shown_before_it_is_taken(payer, address, services, sandbox):
    at = await open_page(payer, address)
    await at.type_card()
    await lower(services, 9_000)

    await at.press_pay()
    told = await at.told("caution")
    shown = (await at.page.locator("#amount").inner_text(), await at.page.locator("#pay").inner_text())
    await _picture(at, "changed")
    await at.press_pay()
    await at.told("good")

    payer.expect("409")
    assert "look at the new amount" in told
    assert all("90.00" in text for text in shown)
    assert [(intent["status"], intent["amount"]) for intent in intents(sandbox)] == [("succeeded", 9_000)]


async def test_the_same_again_is_paid_when_the_payer_says_so(payer, address, services, hospital, sandbox):
    await lower(services, 4_500)
    before = await services.payments.begin(order_for(hospital, DUE_OF_SAME_PATIENT, 4_500), hospital.cashier)
    sandbox.pay_on_page(before.page_url)
    await services.payments.refresh(before.id)
    at = await open_page(payer, address)

    await at.pay()
    told = await at.told("caution")
    begun = len(intents(sandbox))
    await _picture(at, "again")
    await at.page.get_by_role("button", name="Pay this as well").click()
    await at.told("good")

    payer.expect("409")
    assert "only if it is another bill" in told
    assert begun == 1
    assert [intent["status"] for intent in intents(sandbox)] == ["succeeded", "succeeded"]


async def test_what_the_bank_still_confirms_is_waited_for_also_after_another_opening(payer, address, sandbox):
    sandbox.order("outcomes", delays=["succeeded"])
    at = await open_page(payer, address)

    await at.pay()
    told = await at.told("busy")
    await at.page.get_by_text("still confirming").wait_for()
    other = await open_page(payer, address)
    await other.page.get_by_text("still confirming").wait_for()
    usable = await other.page.locator("#form").is_visible()
    sandbox.order("clock", advance_seconds=120)
    await asyncio.gather(at.told("good"), other.told("good"))

    assert told
    assert not usable
    assert [intent["status"] for intent in intents(sandbox)] == ["succeeded"]


async def test_whoever_thinks_better_of_having_the_card_saved_is_heard(payer, address, sandbox):
    at = await open_page(payer, address)
    await at.page.locator("#save-card").check()
    await at.card.locator("#terms").wait_for()
    await at.pay(NO_FUNDS)
    await at.told("bad")
    await at.page.locator("#save-card").uncheck()
    await at.card.locator("#number").fill(VISA)
    await at.press_pay()
    await at.told("good")

    payer.expect("402")
    payer.expect("409")
    paid, given_up = intents(sandbox)
    assert (paid["status"], given_up["status"]) == ("succeeded", "canceled")
    assert _saved_cards(sandbox, paid) == []


async def test_two_presses_and_two_tabs_are_one_payment(payer, address, sandbox):
    one, other = await open_page(payer, address), await open_page(payer, address)
    await one.type_card()
    await other.type_card()

    await one.page.locator("#pay").dblclick()
    await other.page.evaluate("document.getElementById('form').requestSubmit()")
    await asyncio.gather(one.told("good"), other.told("good"))

    assert [intent["status"] for intent in intents(sandbox)] == ["succeeded"]
    payer.complaints = [each for each in payer.complaints if not re.search(r"40[029]", each)]


async def test_a_line_that_breaks_is_never_a_decline(payer, address, sandbox):
    at = await open_page(payer, address)
    await at.type_card()

    await payer.context.set_offline(True)
    offline = await at.told("caution")
    await at.press_pay()
    await at.page.get_by_text("Do not pay a second time").wait_for()
    await payer.context.set_offline(False)
    await at.page.locator("#pay:enabled").wait_for()
    # Stripe's answer is lost, the payment is not.
    sandbox.order("troubles", path="/v1/payment_intents/", method="POST", drop=True, when="after")
    await at.press_pay()
    await at.told("good")

    payer.expect("ERR_INTERNET_DISCONNECTED")
    # The browser may send it again by itself, and hear that it is paid already.
    payer.expect("ERR_EMPTY_RESPONSE|ERR_CONNECTION|400")
    assert "not connected" in offline
    assert [intent["status"] for intent in intents(sandbox)] == ["succeeded"]


async def test_without_stripes_form_the_page_says_so_and_is_tried_again(payer, address, sandbox):
    sandbox.order("troubles", path="/endive/", status=503)
    at = await open_page(payer, address)

    told = await at.told("bad")
    await at.page.locator("#more").click()
    await at.page.locator("#pay:enabled").wait_for()

    payer.expect("503")
    assert "could not be loaded" in told


async def test_what_stripe_js_refuses_leaves_no_broken_form(payer, address):
    # As it does with a real key where the page is not encrypted.
    refuses = "() => { throw new Error('Live Stripe.js integrations must use HTTPS.') }"
    await payer.context.add_init_script(
        f"Object.defineProperty(window, 'Stripe', {{ get: () => {refuses}, set() {{}} }})"
    )

    at = await open_page(payer, address)

    assert "could not be loaded" in await at.told("bad")
    assert await at.page.locator("#form").is_hidden()


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("narrow", {"viewport": {"width": 320, "height": 640}}),
        ("large-text", {"viewport": {"width": 360, "height": 740}}),
        ("dark", {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}),
        ("wide", {"viewport": {"width": 1280, "height": 800}}),
    ],
)
async def test_everything_is_readable_and_within_reach(chromium, address, name, profile):
    async with payer_at(chromium, **profile) as payer:
        if name == "large-text":
            await payer.context.route("**/page.css", _with_large_text)
        at = await open_page(payer, address)
        await at.press_pay()
        await at.card.locator("#number-error").wait_for()
        await _picture(at, name)

        assert not await at.is_wider_than_the_screen()
        # By keyboard alone: the consent, then the button.
        await at.page.locator("#save-card").focus()
        await at.page.keyboard.press("Tab")
        assert await at.page.evaluate("document.activeElement.id") == "pay"
        for labelled in ("#number", "#expiry", "#cvc", "#country"):
            assert await at.card.locator(labelled).evaluate("field => field.labels.length") == 1


async def _with_large_text(route: Route) -> None:
    """Answer the style as somebody sees it whose browser shows text at double size."""
    style = await route.fetch()
    await route.fulfill(response=style, body=await style.text() + "html { font-size: 200%; }")
