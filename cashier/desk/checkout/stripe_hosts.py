"""Stripe's hosts by what they are for, as Stripe publishes them.

Pages and frames: https://docs.stripe.com/security/guide#content-security-policy, which names ``checkout.stripe.com``
for Checkout, ``js.stripe.com``, ``*.js.stripe.com`` and ``hooks.stripe.com`` (redirects of banks) for Stripe.js,
``link.com`` and ``*.link.com`` for Link, ``maps.googleapis.com`` for addresses, and pictures of ``*.stripe.com``.
All other names are those of https://docs.stripe.com/ips#stripe-domains, which has ``pay.stripe.com``,
``m.stripe.network``, ``hcaptcha.com`` and ``a.``, ``b.``, ``c.`` and ``f.stripecdn.com``; hCaptcha itself wants its
subdomains, too: https://docs.hcaptcha.com/#content-security-policy-settings. Stripe's own SDKs have
``pm-redirects.stripe.com`` where the way to a bank begins: https://github.com/stripe/stripe-android
(``PaymentIntentFixtures``).
"""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

PAGES = ("checkout.stripe.com", "pay.stripe.com", "js.stripe.com")
"""What Stripe shows as a page of its own while somebody pays."""
CHALLENGES = ("hooks.stripe.com", "pm-redirects.stripe.com")
"""Where Stripe hands over to the patient's bank."""
LEADING_TO_BANKS = ("js.stripe.com", "*.js.stripe.com", *CHALLENGES)
"""Whose frames have a bank's page in them: 3-D Secure takes place in a frame of a frame of Stripe.js."""
FRAMES = (
    *PAGES,
    *LEADING_TO_BANKS,
    "m.stripe.network",
    "link.com",
    "*.link.com",
    "hcaptcha.com",
    "*.hcaptcha.com",
)
"""What Stripe's own pages have in frames."""
REQUESTS = (
    *FRAMES,
    "*.stripe.com",
    "a.stripecdn.com",
    "b.stripecdn.com",
    "c.stripecdn.com",
    "f.stripecdn.com",
    "maps.googleapis.com",
)
"""What Stripe's own pages fetch: scripts, pictures, fonts, and what they ask."""
_OF_STRIPE = ("stripe.com", "stripe.network", "stripecdn.com")


def is_one_of(host: str, names: Sequence[str]) -> bool:
    """Tell whether ``host`` is one of these ``names``; ``*.`` stands for any names below one."""
    return any(fnmatch.fnmatchcase(host, name) for name in names)


def is_below(host: str, domains: Sequence[str]) -> bool:
    """Tell whether ``host`` is one of ``domains``, or a name below one."""
    plain = host.rstrip(".")
    return any(plain == domain or plain.endswith(f".{domain}") for domain in domains)


def belongs_to_stripe(host: str) -> bool:
    """Tell whether ``host`` is a name that Stripe gives out, whatever it is for."""
    return is_below(host, _OF_STRIPE)
