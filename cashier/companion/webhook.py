"""``POST /stripe/webhook``, also as part of the API: is it from Stripe, is it for us, and is it safely stored."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from aiohttp import web

from cashier.companion.bodies import NotWhole, TooLarge, take_body
from cashier.companion.intake import EventIntake
from cashier.companion.proxies import Proxies
from cashier.errors import CashierError, Refused
from cashier.failpoints import FailPoint, reach
from cashier.language import m
from cashier.stripe_gateway.client import API_VERSION
from cashier.stripe_gateway.webhooks import EventNotice, check_signature, read_event

log = logging.getLogger(__name__)

BODY_MAX_BYTES = 256 * 1024
WEBHOOK_PATHS = ("/stripe/webhook", "/api/v1/payments/stripe/webhooks")


def webhook_routes(
    intake: EventIntake, secrets: Sequence[str], proxies: Proxies, *, live: bool
) -> list[web.RouteDef]:
    """Return the route that takes in events signed with one of ``secrets``, of live or of test mode.

    2xx: stored, don't send it again. 400 and 413: not an event for us, nothing stored. 500: not stored,
    send it again. https://docs.stripe.com/webhooks#acknowledge-events-immediately
    """

    async def receive(request: web.Request) -> web.Response:
        try:
            body = await take_body(request, bytes_max=BODY_MAX_BYTES)
        except TooLarge:
            return _refusal(413, f"A webhook has at most {BODY_MAX_BYTES} bytes.")
        except NotWhole:
            # Stripe sends again what was not answered.
            log.warning("webhook broken off", extra={"from_address": proxies.address_of(request)})
            return _refusal(400, "The event did not come whole; send it again.")
        try:
            check_signature(body, ",".join(request.headers.getall("Stripe-Signature", [])), secrets)
            notice = read_event(body)
            _check_mode(notice, live=live)
        except Refused as error:
            facts = {"reason": error.message.english, "from_address": proxies.address_of(request)}
            log.warning("webhook refused", extra=facts)
            return _refusal(400, error.message.english)
        if notice.api_version != API_VERSION:
            log.warning(
                "webhook of another API version",
                extra={"event_id": notice.id, "version": notice.api_version, "expected": API_VERSION},
            )
        reach(FailPoint.EVENT_ARRIVED)
        try:
            await intake.store(notice)
        except CashierError as error:
            log.error("webhook not stored", extra={"event_id": notice.id, "reason": error.message.english})
            return _refusal(500, "The event was not stored; send it again.")
        reach(FailPoint.EVENT_STORED)
        return web.json_response({"received": True})

    return [web.post(path, receive) for path in WEBHOOK_PATHS]


def _check_mode(notice: EventNotice, *, live: bool) -> None:
    if notice.livemode != live:
        raise Refused(
            m("The event is from test mode, but this installation runs in live mode.")
            if live
            else m("The event is from live mode, but this installation runs in test mode.")
        )


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status)
