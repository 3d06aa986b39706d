"""The sandbox's own interface under ``/_sandbox/``, which Stripe does not have: for tests and for training.

The application never uses it, and only this machine may. Every request is a POST with a JSON object, or a GET:

* ``POST /_sandbox/clock {"advance_seconds": 3600}`` moves the clock ahead; ``GET`` tells the time.
* ``POST /_sandbox/outcomes {"declines": ["insufficient_funds"]}`` declines the next charges, whatever the card;
  (accounts that are debited take days of this clock by themselves: ``objects/bank_accounts.py``);
  ``{"delays": ["succeeded"]}`` keeps the next attempt to pay in processing for a minute, until it ends like that or
  with the decline that is named instead; ``{"refunds": ["fails_later"]}`` orders how the next refunds go: a value
  of ``RefundFate``, such as ``fails_at_once``.
* ``POST /_sandbox/challenges {"in_window": true}`` lets Checkout open 3-D Secure in a window of its own from now on,
  as some banks do, instead of in its place; ``{"redirect": true}`` lets the bank take the payer away from a page with
  Stripe.js, and send them back to its ``return_url``, instead of asking in a frame.
* ``POST /_sandbox/troubles {"path": "/v1/refunds", "method": "POST", "times": 1, "latency_seconds": 2.0,
  "status": 500, "drop": false, "when": "after"}`` troubles the next requests to a path: slow, failed or cut off,
  ``before`` the work is done or ``after``, when it is saved but the answer is lost. ``DELETE`` ends them all.
  The hosted pages, below ``/c/`` and ``/3ds/``, and the stand-in of Stripe.js can be troubled too.
* ``POST /_sandbox/readers {"reader": "tmr_…"}`` with any of: ``"status": "offline"``; ``"card": "visa"``, the test
  card held to it from now on; ``"timeouts": ["lost", "received"]``, what becomes of the next commands;
  ``"reports": "connection_error"``, a failure that the reader reports next although Stripe did its part;
  ``"customer_cancels": true``, the cancel button.
* ``POST /_sandbox/cards {"payment_method": "pm_…", "exp_month": 5, "exp_year": 2031}`` lets the bank replace a saved
  card, with ``"card": "visa_debit"`` by one with another number; Stripe updates it by itself. The expiry may be past.
* ``POST /_sandbox/keys {"key": "rk_test_…", "may": {"refunds": "write", "events": "read"}}`` restricts a key to what
  is named, by the beginning of the path below ``/v1/``.
* ``POST /_sandbox/payouts`` makes an automatic payout of everything that is available.
* ``GET /_sandbox/deliveries`` lists webhook deliveries, ``POST`` with ``{"paused": true}`` holds them back.
* ``POST /_sandbox/secrets {"endpoint": "we_…", "overlap_seconds": 3600}`` rolls a signing secret.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from cashier.sandbox.deliveries import Deliveries
from cashier.sandbox.engine.account import Account
from cashier.sandbox.engine.failures import Json, StripeFailure
from cashier.sandbox.objects import payment_methods
from cashier.sandbox.objects.declines import DECLINES
from cashier.sandbox.objects.payouts import pay_out_automatically
from cashier.sandbox.objects.test_cards import RefundFate
from cashier.sandbox.objects.webhook_endpoints import roll_secret
from cashier.sandbox.terminal import readers

_OUTCOMES = {
    "declines": frozenset(DECLINES),
    "delays": frozenset({*DECLINES, "succeeded"}),
    "refunds": frozenset(RefundFate),
}


@dataclass(kw_only=True)
class Trouble:
    """What goes wrong with the next ``times`` requests whose path begins with ``path``."""

    path: str = "/v1/"
    method: str | None = None
    times: int = 1
    latency_seconds: float = 0.0
    status: int | None = None
    drop: bool = False
    when: str = "before"


class Control:
    """Holds the ordered troubles and answers the control requests."""

    def __init__(self, account: Account, deliveries: Deliveries) -> None:
        """Control ``account`` and its ``deliveries``."""
        self.account = account
        self.deliveries = deliveries
        self._troubles: list[Trouble] = []

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for the server."""
        return [
            web.get("/_sandbox/clock", self._local(self._tell_time)),
            web.post("/_sandbox/clock", self._local(self._advance)),
            web.post("/_sandbox/outcomes", self._local(self._order_outcomes)),
            web.post("/_sandbox/challenges", self._local(self._place_challenges)),
            web.post("/_sandbox/troubles", self._local(self._order_trouble)),
            web.delete("/_sandbox/troubles", self._local(self._end_troubles)),
            web.post("/_sandbox/readers", self._local(self._order_reader)),
            web.post("/_sandbox/cards", self._local(self._renew_card)),
            web.post("/_sandbox/keys", self._local(self._restrict_key)),
            web.post("/_sandbox/payouts", self._local(self._pay_out)),
            web.get("/_sandbox/deliveries", self._local(self._list_deliveries)),
            web.post("/_sandbox/deliveries", self._local(self._pause)),
            web.post("/_sandbox/secrets", self._local(self._roll)),
        ]

    def trouble_for(self, method: str, path: str) -> Trouble | None:
        """Take the next trouble ordered for this request, if there is one."""
        for trouble in self._troubles:
            if path.startswith(trouble.path) and trouble.method in (None, method):
                trouble.times -= 1
                if trouble.times <= 0:
                    self._troubles.remove(trouble)
                return trouble
        return None

    def _local(self, answer: Callable[[Json], Json]) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if not request.remote or not ipaddress.ip_address(request.remote).is_loopback:
                return web.json_response({"error": "Only this machine may control the sandbox."}, status=403)
            try:
                body = await request.json() if request.can_read_body else {}
                return web.json_response(answer(body))
            except StripeFailure as failure:
                return web.json_response({"error": str(failure)}, status=failure.status)
            except (KeyError, TypeError, ValueError) as error:
                return web.json_response({"error": f"This order cannot be read: {error!r}"}, status=400)

        return handle

    def _tell_time(self, _body: Json) -> Json:
        return {"now": self.account.now, "offset_seconds": self.account.clock.offset_seconds}

    def _advance(self, body: Json) -> Json:
        self.account.advance_clock(int(body["advance_seconds"]))
        self.deliveries.wake()
        return self._tell_time({})

    def _order_outcomes(self, body: Json) -> Json:
        unknown = sorted(body.keys() - _OUTCOMES.keys()) or sorted(
            value for name, values in body.items() for value in values if value not in _OUTCOMES[name]
        )
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}")
        account = self.account
        queues = {
            "declines": account.forced_declines,
            "delays": account.forced_delays,
            "refunds": account.forced_refunds,
        }
        for name, values in body.items():
            queues[name].extend(values)
        return {name: list(queue) for name, queue in queues.items()}

    def _order_reader(self, body: Json) -> Json:
        with self.account.transaction():
            return readers.order(self.account, body)

    def _renew_card(self, body: Json) -> Json:
        with self.account.transaction():
            return payment_methods.renew(self.account, body)

    def _restrict_key(self, body: Json) -> Json:
        rights = {str(path): str(level) for path, level in body["may"].items()}
        if not set(rights.values()) <= {"read", "write"}:
            raise ValueError("a right is read or write")
        self.account.restricted_keys[str(body["key"])] = rights
        return {"keys": len(self.account.restricted_keys)}

    def _pay_out(self, _body: Json) -> Json:
        with self.account.transaction():
            payouts = pay_out_automatically(self.account)
        return {"payouts": [payout["id"] for payout in payouts]}

    def _place_challenges(self, body: Json) -> Json:
        account = self.account
        account.challenges_in_window = bool(body.get("in_window", account.challenges_in_window))
        account.challenges_redirect = bool(body.get("redirect", account.challenges_redirect))
        return {"in_window": account.challenges_in_window, "redirect": account.challenges_redirect}

    def _order_trouble(self, body: Json) -> Json:
        self._troubles.append(Trouble(**body))
        return {"troubles": len(self._troubles)}

    def _end_troubles(self, _body: Json) -> Json:
        self._troubles.clear()
        return {"troubles": 0}

    def _list_deliveries(self, _body: Json) -> Json:
        rows = self.account.store.connection.execute(
            "SELECT event, endpoint, state, attempts, due, last_status FROM deliveries ORDER BY seq"
        )
        return {"paused": self.deliveries.paused, "deliveries": [dict(row) for row in rows]}

    def _pause(self, body: Json) -> Json:
        self.deliveries.paused = bool(body["paused"])
        self.deliveries.wake()
        return {"paused": self.deliveries.paused}

    def _roll(self, body: Json) -> Json:
        with self.account.transaction():
            secret = roll_secret(self.account, body["endpoint"], overlap_seconds=float(body["overlap_seconds"]))
        return {"secret": secret}
