"""Everything that the sandbox offers: importing a resource registers its operations, so each is named here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aiohttp.web import RouteDef

from cashier.sandbox.checkout import (
    challenge_page,
    checkout_items,
    checkout_page,
    checkout_payment,
    checkout_sessions,
    payment_links,
    payment_pages,
    voucher_page,
)
from cashier.sandbox.engine.account import Account
from cashier.sandbox.objects import (
    account_profile,
    balance,
    balance_transactions,
    charges,
    confirmation_tokens,
    customer_balances,
    customer_sources,
    customers,
    disputes,
    events,
    not_offered,
    payment_attempts,
    payment_intents,
    payment_methods,
    payouts,
    prices,
    products,
    refunds,
    setup_intents,
    tokens,
    topups,
    webhook_endpoints,
)
from cashier.sandbox.stripe_js import pages as stripe_js_pages
from cashier.sandbox.terminal import readers, terminal_setup

RESOURCES = (
    account_profile,
    balance,
    balance_transactions,
    charges,
    checkout_items,
    checkout_payment,
    checkout_sessions,
    confirmation_tokens,
    customer_balances,
    customer_sources,
    customers,
    disputes,
    events,
    not_offered,
    payment_attempts,
    payment_intents,
    payment_links,
    payment_methods,
    payment_pages,
    payouts,
    prices,
    products,
    readers,
    refunds,
    setup_intents,
    terminal_setup,
    tokens,
    topups,
    webhook_endpoints,
)

# Each makes the routes of hosted pages for an account; they are not part of the API and never logged.
PAGES: tuple[Callable[[Account], Iterable[RouteDef]], ...] = (
    checkout_page.routes,
    challenge_page.routes,
    voucher_page.routes,
    payment_links.routes,
    stripe_js_pages.routes,
)
PAGE_PATHS = ("/c/", "/l/", "/3ds/", "/v3/", f"/{stripe_js_pages.RELEASE}/")
