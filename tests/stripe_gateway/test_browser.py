"""A payer's browser loads Stripe.js from Stripe, or from the sandbox where there is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cashier.settings import Settings, StripeSettings
from cashier.stripe_gateway.browser import stripe_in_browser
from cashier.stripe_gateway.client import API_VERSION


def test_stripe_js_is_of_the_release_of_our_api_and_comes_from_stripe_alone():
    stripe = stripe_in_browser(Settings())

    assert stripe.script_url == f"https://js.stripe.com/{API_VERSION.split('.')[1]}/stripe.js"
    sources = f"{stripe.script_sources} {stripe.frame_sources} {stripe.connect_sources}".split()
    assert all(re.fullmatch(r"https://(\*\.)?(js|hooks|api)\.stripe\.com", source) for source in sources)


@pytest.mark.parametrize(
    ("phone_base", "expected"), [("", "http://127.0.0.1:9"), ("http://10.0.0.7:9", "http://10.0.0.7:9")]
)
def test_with_the_sandbox_everything_is_the_sandboxs_where_phones_find_it(phone_base, expected):
    stripe = stripe_in_browser(Settings(stripe=StripeSettings(api_base="http://127.0.0.1:9/", phone_base=phone_base)))

    assert stripe.script_url.startswith(f"{expected}/")
    assert {stripe.script_sources, stripe.frame_sources, stripe.connect_sources} == {expected}


def test_the_types_that_the_page_is_checked_against_are_of_the_same_release():
    lock = Path(__file__).parents[2] / "resources" / "install" / "page_script" / "package.json"
    releases = {"8": "clover", "9": "dahlia", "10": "endive"}

    major = re.search(r'"@stripe/stripe-js": "(\d+)\.', lock.read_text(encoding="utf-8"))

    assert major is not None
    assert releases[major[1]] == API_VERSION.split(".")[1]
