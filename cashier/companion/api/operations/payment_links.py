"""Links to the page on which patients pay one invoice: made for a portal or a letter, and ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from cashier.books.api_client import Scope
from cashier.companion.api.operation import Answer, Ask, Nothing, Operation
from cashier.companion.api.operations.lookup import invoice_numbered
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.errors import Misconfigured
from cashier.identifiers import id_from
from cashier.language import m
from cashier.payment_page.links import LIFETIME_MAX
from cashier.payment_page.views import NoSuchLink

_HOURS_MAX = int(LIFETIME_MAX / timedelta(hours=1))


class PaymentLinkCreate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For how many hours the link holds; without, as long as the hospital's settings say."""

    hours: Annotated[int, Meta(ge=1, le=_HOURS_MAX)] | None = None


class PaymentLinkResponse(msgspec.Struct, frozen=True):
    """A link. `url` is told this once: whoever has it may see what is due on the invoice, and pay it."""

    id: str
    invoice_id: str
    url: str
    expires_at: str


async def make(ask: Ask[PaymentLinkCreate, Nothing]) -> Answer:
    """Make a link to the page of an invoice. Raises ``Misconfigured`` where nobody could pay on it."""
    detail = await invoice_numbered(ask, ask.path["number"])
    if not ask.services.settings.stripe.publishable_key:
        raise Misconfigured(
            m("The payment page is not set up: the publishable key of Stripe is missing."),
            advice=m("Set publishable_key in [stripe] of the settings."),
        )
    lifetime = None if ask.body.hours is None else timedelta(hours=ask.body.hours)
    made = await ask.services.payment_links.make(detail.row.id, ask.caller.actor, lifetime=lifetime)
    told = PaymentLinkResponse(
        id=str(made.id),
        invoice_id=detail.row.number,
        url=made.url,
        expires_at=made.expires_at.isoformat(timespec="seconds"),
    )
    return Answer(value=told, status=201, headers={"Cache-Control": "no-store"})


async def end(ask: Ask[Nothing, Nothing]) -> Answer:
    """End a link, and take back at Stripe what was begun by it.

    ``NoSuchLink`` becomes a ``Problem`` (404): what is not the caller's is not there.
    """
    detail = await invoice_numbered(ask, ask.path["number"])
    try:
        link_id = id_from(ask.path["id"])
        if link_id is None:
            raise NoSuchLink
        await ask.services.payment_links.end(link_id, ask.caller.actor, invoice_id=detail.row.id)
    except NoSuchLink as error:
        raise Problem(ProblemKind.NOT_FOUND, error.message) from None
    return Answer(value=None, status=204)


_NUMBER = m("The invoice's number.")
_USUAL = (ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.UNAVAILABLE)

OPERATIONS = (
    Operation(
        name="createPaymentLink",
        method="POST",
        path="/api/v1/invoices/{number}/payment-links",
        summary=m("Make a link to the page on which the patient pays an invoice"),
        about=m(
            "The page shows what is due when it is opened, in the patient's language, and names nobody. Nothing is "
            "held until the patient presses “Pay”. Repeating it makes another link; all of them lead to one debt, "
            "which is paid once."
        ),
        group="Payment links",
        scope=Scope.PAYMENTS_WRITE,
        handler=make,
        body=PaymentLinkCreate,
        answer=PaymentLinkResponse,
        status=201,
        parts={"number": _NUMBER},
        examples={"number": "INV-2026-000001"},
        problems=_USUAL,
    ),
    Operation(
        name="endPaymentLink",
        method="DELETE",
        path="/api/v1/invoices/{number}/payment-links/{id}",
        summary=m("End a link"),
        about=m(
            "It leads nowhere any more, and what was begun by it and is not finished is taken back at Stripe. What "
            "got through stays paid. Safe to repeat."
        ),
        group="Payment links",
        scope=Scope.PAYMENTS_WRITE,
        handler=end,
        answer=None,
        status=204,
        parts={"number": _NUMBER, "id": m("The link's id.")},
        examples={"number": "INV-2026-000001"},
        problems=_USUAL,
    ),
)
