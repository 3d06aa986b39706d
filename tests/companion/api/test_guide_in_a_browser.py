"""The guide's script for a portal's page, in a real browser: against the companion, and the stand-in of Stripe.js."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from cashier.sandbox.stripe_js.pages import RELEASE
from tests.companion.api.conftest import STRIPE
from tests.documents.reading import GUIDE, blocks_of
from tests.surroundings.chromium import needs_chromium

pytestmark = needs_chromium


@pytest.fixture
async def page_of_portal(sandbox) -> AsyncIterator[str]:
    """The address of a page with the form that the guide names."""
    html = (
        '<!DOCTYPE html><html lang="en"><title>Portal</title><link rel="icon" href="data:,">'
        f'<script src="{sandbox.url}/{RELEASE}/stripe.js"></script>'
        '<form id="pay"><div id="card"></div><button>Pay</button></form></html>'
    )

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=html, content_type="text/html")

    application = web.Application()
    application.router.add_get("/", page)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


@pytest.mark.parametrize("language", ["en", "es"])
async def test_the_guides_script_pays_what_the_portal_began(portal, page_of_portal, payer, language):
    (script,) = blocks_of(language, GUIDE, "js")
    begun = (await portal.begin(invoice_id="INV-2026-000001", amount=5000)).json()
    facts = [begun["publishable_key"], begun["client_secret"], page_of_portal]

    page = await payer.open(page_of_portal)
    await page.evaluate(
        f"""([publishable_key, client_secret, return_url]) => new Promise((ready) => {{
            window.told = 0;
            const show_what_the_back_end_says = async () => {{ window.told += 1; }};
            {script}
            elements.getElement("payment").on("ready", ready);
        }})""",
        facts,
    )
    frame = page.frame_locator("#card iframe")
    for field, text in (("#number", "4242424242424242"), ("#expiry", "12 / 40"), ("#cvc", "123")):
        await frame.locator(field).fill(text)
    await frame.locator("#country").select_option("ES")
    await page.locator("#pay button").click()
    await page.wait_for_function("window.told === 1")

    status = (await portal("POST", f"{STRIPE}/payment-intents/{begun['id']}/confirm", {})).json()
    assert (status["status"], status["amount_received"]) == ("succeeded", 5000)
