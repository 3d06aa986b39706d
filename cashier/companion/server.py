"""The companion's HTTP server and its life from the first check to the clean end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator

from aiohttp import web

from cashier import logs
from cashier.assembly import Services, open_services
from cashier.certificate import LiveCertificate
from cashier.companion.api.routes import api_of
from cashier.companion.connections import Answer, address_pattern, answering, mark_in_hand, name_request
from cashier.companion.fhir.routes import FhirRoutes
from cashier.companion.headers import security_headers
from cashier.companion.health import Health
from cashier.companion.intake import EventIntake
from cashier.companion.metrics.figures import Figures
from cashier.companion.metrics.route import metrics_routes, metrics_token
from cashier.companion.metrics.traffic import Traffic
from cashier.companion.mllp.server import receiving_messages
from cashier.companion.payment_page.routes import PayRoutes
from cashier.companion.proxies import Proxies
from cashier.companion.return_pages import return_routes
from cashier.companion.upkeep import Upkeep
from cashier.companion.webhook import BODY_MAX_BYTES, webhook_routes
from cashier.errors import Misconfigured, why_not
from cashier.keychain import Keychain, Secret, check_publishable_key, split_webhook_secrets
from cashier.language import m
from cashier.settings import CompanionSettings, Settings

log = logging.getLogger(__name__)


async def serve(settings: Settings, keychain: Keychain) -> None:
    """Run until SIGTERM or SIGINT. Says on one line of standard output when it is ready, and where.

    Raises ``Misconfigured`` when it cannot start: a missing secret, a secret key in the place of the publishable
    one, a foreign schema, a port in use, a certificate that is not good.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with running(settings, keychain) as address:
        sys.stdout.write(f"companion ready on {address}\n")
        sys.stdout.flush()
        log.info("companion ready", extra={"address": address})
        await stopping.wait()
        log.info("companion stopping")


@contextlib.asynccontextmanager
async def running(settings: Settings, keychain: Keychain) -> AsyncIterator[str]:
    """Run the companion inside the block and give its address.

    At the end it accepts nothing new, answers what is in hand and stops its own work between two events;
    what it did not get to is in the database and goes on after the next start.
    """
    secrets = split_webhook_secrets(keychain.find(Secret.WEBHOOK_SECRETS))
    check_publishable_key(settings.stripe.publishable_key, settings.stripe.mode)
    metrics = metrics_token(settings.companion.metrics, keychain)
    certificate = LiveCertificate(*settings.companion.tls_files) if settings.companion.speaks_tls else None
    with contextlib.closing(_listening_socket(settings.companion)) as listening:
        async with open_services(settings, keychain) as services:
            upkeep = Upkeep(services)
            intake = EventIntake(services.inbox, stored=upkeep.wake)
            application = _application(services, intake, secrets, certificate, metrics)
            context = None if certificate is None else certificate.context
            async with (
                upkeep.running(),
                receiving_messages(services.database, settings),
                answering(application, listening, context),
            ):
                yield _address_of(listening, scheme="http" if context is None else "https")


def _application(
    services: Services,
    intake: EventIntake,
    secrets: tuple[str, ...],
    certificate: LiveCertificate | None,
    token_of_metrics: str,
) -> web.Application:
    proxies = Proxies(services.settings.companion.trusted_proxies)
    health = Health(services, certificate)
    api = api_of(services, proxies, health)
    middlewares = [mark_in_hand, _answer_for_bugs, api.middleware]
    application = web.Application(client_max_size=BODY_MAX_BYTES, middlewares=middlewares)
    application.on_response_prepare.append(security_headers(proxies.is_secure))
    live = services.settings.stripe.mode == "live"
    application.add_routes(webhook_routes(intake, secrets, proxies, live=live))
    application.add_routes(api.routes)
    application.add_routes(FhirRoutes(services, api.access).routes())
    application.add_routes(return_routes(services.desks.language))
    application.add_routes(PayRoutes(services, proxies).routes())
    traffic = Traffic()
    application.on_response_prepare.append(traffic.count)
    application.on_response_prepare.append(name_request)
    figures = Figures(services, health, traffic)
    readers = services.settings.companion.metrics
    application.add_routes(metrics_routes(figures, proxies, readers=readers, token=token_of_metrics))
    application.add_routes(health.routes())
    return application


def _listening_socket(at: CompanionSettings) -> socket.socket:
    """Take the port before anything else is done: two companions on one machine would be a mistake."""
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    try:
        return socket.create_server((at.host, at.port), family=family)
    except OSError as error:
        raise Misconfigured(
            m(
                "The companion cannot listen on {host}:{port}: {reason}.",
                host=at.host,
                port=at.port,
                reason=why_not(error),
            ),
            advice=m(
                "Another program, perhaps another companion, uses this port: end it, or choose another port "
                "and url in [companion] of the settings."
            ),
        ) from error


def _address_of(listening: socket.socket, *, scheme: str) -> str:
    host, port = listening.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


@web.middleware
async def _answer_for_bugs(request: web.Request, handler: Answer) -> web.StreamResponse:
    """Answer 500 to whatever nobody foresaw, with a reference to the log: Stripe sends the event again."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception:
        reference = logs.new_reference()
        log.exception("unexpected", extra={"reference": reference, "address": address_pattern(request)})
        return web.json_response({"error": f"Something unexpected happened ({reference})."}, status=500)
