"""Where a payer's browser gets Stripe.js, and what a page has to allow it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from cashier.settings import Settings
from cashier.stripe_gateway.client import API_VERSION


@dataclass(frozen=True, kw_only=True)
class StripeInBrowser:
    """The address of Stripe.js, and the sources for a page's Content-Security-Policy, written as there."""

    script_url: str
    script_sources: str
    frame_sources: str
    connect_sources: str


def stripe_in_browser(settings: Settings) -> StripeInBrowser:
    """Tell where Stripe.js is: the release that belongs to our version of the API, or the sandbox's stand-in.

    It is never served by us, and what it needs is what Stripe documents:
    https://docs.stripe.com/sdks/stripejs-versioning and https://docs.stripe.com/security/guide?csp=csp-js
    """
    release = API_VERSION.partition(".")[2]
    if settings.training:
        parts = urlsplit(settings.stripe.phone_base or settings.stripe.api_base)
        sandbox = f"{parts.scheme}://{parts.netloc}"
        return StripeInBrowser(
            script_url=f"{sandbox}/{release}/stripe.js",
            script_sources=sandbox,
            frame_sources=sandbox,
            connect_sources=sandbox,
        )
    scripts = "https://js.stripe.com https://*.js.stripe.com"
    return StripeInBrowser(
        script_url=f"https://js.stripe.com/{release}/stripe.js",
        script_sources=scripts,
        frame_sources=f"{scripts} https://hooks.stripe.com",
        connect_sources="https://api.stripe.com",
    )
