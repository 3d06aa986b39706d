"""What a Stripe key may do: a restricted key is enough, and this finds out whether it has every right that is needed.

Nothing is changed at Stripe: reading asks for one row, writing names an object that cannot be there. Stripe looks at
the key's rights before it looks for the object. https://docs.stripe.com/keys#limit-access
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import stripe

from cashier.errors import Refused
from cashier.language import NOTHING, Message, m
from cashier.stripe_gateway.client import connect, translated_errors
from cashier.stripe_gateway.limited_http import LimitedHttpClient

Probe = Callable[[stripe.StripeClient], Awaitable[object]]


@dataclass(frozen=True, kw_only=True)
class Permission:
    """A right as Stripe's dashboard calls it, and whether the key has it. ``is_needed``: nothing works without it.

    ``needed_for`` says what else does not.
    """

    resource: str
    level: str
    is_granted: bool
    is_needed: bool = True
    needed_for: Message = NOTHING


_WRITES: Mapping[str, Probe] = {
    "Checkout Sessions": lambda client: client.v1.checkout.sessions.expire_async("cs_test_cashier_probe"),
    "PaymentIntents": lambda client: client.v1.payment_intents.cancel_async("pi_cashier_probe"),
    "Customers": lambda client: client.v1.customers.update_async("cus_cashier_probe", {"description": "probe"}),
    "PaymentMethods": lambda client: client.v1.payment_methods.detach_async("pm_cashier_probe"),
    "Refunds": lambda client: client.v1.refunds.update_async("re_cashier_probe", {"metadata": {"probe": "1"}}),
    "Disputes": lambda client: client.v1.disputes.update_async("du_cashier_probe", {"metadata": {"probe": "1"}}),
    "Terminal": lambda client: client.v1.terminal.readers.cancel_action_async("tmr_cashier_probe"),
}
_READS: Mapping[str, Probe] = {
    "Charges": lambda client: client.v1.charges.list_async({"limit": 1}),
    "Disputes": lambda client: client.v1.disputes.list_async({"limit": 1}),
    "Events": lambda client: client.v1.events.list_async({"limit": 1}),
}
_WANTED_FOR: Mapping[tuple[str, str], Message] = {
    ("Terminal", "write"): m("only card readers need it"),
    ("Disputes", "write"): m("only sending evidence needs it"),
}
"""Rights that most of the work goes on without."""


async def permissions_of(key: str, *, api_base: str, timeout_seconds: float) -> tuple[Permission, ...]:
    """Ask Stripe which of the needed rights ``key`` has.

    Raises ``Misconfigured`` when Stripe does not accept the key at all, ``Unreachable`` when it does not answer.
    """
    http_client = LimitedHttpClient(timeout_seconds=timeout_seconds)
    client = connect(key, api_base=api_base, http_client=http_client)
    try:
        return tuple(
            [await _ask(client, resource, level, probe) for level, probes in _PROBES for resource, probe in probes]
        )
    finally:
        await http_client.close_async()  # type: ignore[no-untyped-call]  # the SDK gives it no types


_PROBES = (("write", tuple(_WRITES.items())), ("read", tuple(_READS.items())))


async def _ask(client: stripe.StripeClient, resource: str, level: str, probe: Probe) -> Permission:
    is_granted = True
    try:
        with translated_errors():
            try:
                await probe(client)
            except stripe.PermissionError:
                is_granted = False
    except Refused:
        pass  # there is no such object, which is what was asked for: the right is there
    needed_for = _WANTED_FOR.get((resource, level), NOTHING)
    return Permission(
        resource=resource, level=level, is_granted=is_granted, is_needed=not needed_for, needed_for=needed_for
    )
