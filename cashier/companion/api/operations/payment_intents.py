"""Payments away from every desk: an intent for the payer's browser, or a saved card."""

from __future__ import annotations

from urllib.parse import urlsplit

from cashier.asked_again.doubt import DoubtCode
from cashier.books.api_client import Scope
from cashier.books.payment import PaymentState
from cashier.companion.api.operation import Answer, Ask, Nothing, Operation
from cashier.companion.api.operations.intents import answer_of, begun, unknown
from cashier.companion.api.operations.lookup import card_named, invoice_numbered, payment_of_intent
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.api.shapes import (
    InvoiceShare,
    StripePaymentConfirm,
    StripePaymentIntentCreate,
    StripePaymentIntentResponse,
    StripePaymentIntentStatus,
)
from cashier.errors import Unreachable
from cashier.language import Message, m
from cashier.money import Money
from cashier.payments.views import PaymentOrder, PaymentShare
from cashier.tenders.tender import ELSEWHERE


async def create(ask: Ask[StripePaymentIntentCreate, Nothing]) -> Answer:
    """Begin a payment; the same ``Idempotency-Key`` again goes on with the same one."""
    order = None if await ask.services.payments.exists(ask.resource_id) else await _order(ask)
    return await begun(ask, order, sure=[DoubtCode.SAME_AGAIN] if ask.body.pay_again else [])


async def read(ask: Ask[Nothing, Nothing]) -> Answer:
    """Tell how a payment stands, as Stripe says just now."""
    payment_id = await payment_of_intent(ask, ask.path["id"])
    return answer_of(ask, await ask.services.payments.refresh(payment_id, actor=ask.caller.actor))


async def confirm(ask: Ask[StripePaymentConfirm, Nothing]) -> Answer:
    """Charge a saved card, or take in what Stripe.js has done."""
    payment_id = await payment_of_intent(ask, ask.path["id"])
    if ask.body.payment_method_id is None:
        return answer_of(ask, await ask.services.payments.refresh(payment_id, actor=ask.caller.actor))
    _check_return(ask)
    patient_id = (await ask.services.payments.view(payment_id)).patient_id
    card_id = await card_named(ask, ask.body.payment_method_id, patient_id=patient_id)
    try:
        view = await ask.services.payments.charge_card(
            payment_id, card_id, ask.caller.actor, return_url=ask.body.return_url
        )
    except Unreachable as error:
        raise unknown(payment_id) from error
    return answer_of(ask, view)


async def cancel(ask: Ask[Nothing, Nothing]) -> Answer:
    """Take a payment back at Stripe. One that got through meanwhile is answered with 409 and stays paid."""
    payment_id = await payment_of_intent(ask, ask.path["id"])
    view = await ask.services.payments.cancel(payment_id, ask.caller.actor)
    if view.state is not PaymentState.CANCELLED:
        raise Problem(ProblemKind.REFUSED, m("It got through meanwhile and is not cancelled: ask how it stands."))
    return answer_of(ask, view)


async def _order(ask: Ask[StripePaymentIntentCreate, Nothing]) -> PaymentOrder:
    body = ask.body
    if (body.invoice_id is None) is (body.invoices is None):
        raise _invalid("/invoice_id", m("Name either one invoice_id or invoices."))
    if body.amount is not None and body.invoice_id is None:
        raise _invalid("/amount", m("With invoices, each has its own amount."))
    wanted = body.invoices or (InvoiceShare(invoice_id=body.invoice_id or "", amount=body.amount),)
    shares = []
    for place, share in enumerate(wanted):
        at = "#/invoice_id" if body.invoices is None else f"#/invoices/{place}/invoice_id"
        detail = await invoice_numbered(ask, share.invoice_id, at=at)
        if body.currency is not None and body.currency != detail.row.total.currency:
            raise _conflict("/currency", m("The invoice is in {currency}.", currency=detail.row.total.currency))
        due = detail.row.balance
        amount = due if share.amount is None else Money(share.amount, due.currency)
        shares.append(PaymentShare(invoice_id=detail.row.id, amount=amount))
    return PaymentOrder(
        payment_id=ask.resource_id,
        shares=tuple(shares),
        tender=ELSEWHERE,
        saves_card=body.save_payment_method,
    )


def _check_return(ask: Ask[StripePaymentConfirm, Nothing]) -> None:
    """Refuse to send a payer's browser to where the settings do not allow."""
    if ask.body.return_url is None:
        return
    parts = urlsplit(ask.body.return_url)
    if f"{parts.scheme}://{parts.netloc}" not in ask.services.settings.companion.allowed_origins:
        raise _conflict("/return_url", m("Its origin is not among companion.allowed_origins of the settings."))


def _invalid(pointer: str, what: Message) -> Problem:
    return Problem(ProblemKind.INVALID, what, fields=[(f"#{pointer}", what)])


def _conflict(pointer: str, what: Message) -> Problem:
    return Problem(ProblemKind.REFUSED, what, fields=[(f"#{pointer}", what)])


_PREFIX = "/api/v1/payments/stripe/payment-intents"
_ID = {"id": m("What Stripe calls the intent: pi_…")}
_USUAL = (ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.UNAVAILABLE)

OPERATIONS = (
    Operation(
        name="createPaymentIntent",
        method="POST",
        path=_PREFIX,
        summary=m("Begin a payment for one or several invoices of one patient"),
        about=m(
            "Holds the invoices until it is paid, cancelled or 30 minutes old. Pay it with Stripe.js, or confirm "
            "it with a saved card. Send an Idempotency-Key: after a lost answer, the same request goes on with the "
            "same intent."
        ),
        group="Payments",
        scope=Scope.PAYMENTS_WRITE,
        handler=create,
        body=StripePaymentIntentCreate,
        answer=StripePaymentIntentResponse,
        status=201,
        problems=(
            *_USUAL,
            ProblemKind.INVOICE_HELD,
            ProblemKind.SAME_PAID_JUST_NOW,
            ProblemKind.KEY_REUSED,
            ProblemKind.OUTCOME_UNKNOWN,
        ),
        repeatable=True,
        leads_to={
            "getPaymentIntent": "id",
            "confirmPaymentIntent": "id",
            "cancelPaymentIntent": "id",
            "getReceipt": "id",
        },
    ),
    Operation(
        name="getPaymentIntent",
        method="GET",
        path=f"{_PREFIX}/{{id}}",
        summary=m("How a payment stands"),
        about=m("Asks Stripe, unless the payment is final."),
        group="Payments",
        scope=Scope.PAYMENTS_READ,
        handler=read,
        answer=StripePaymentIntentStatus,
        parts=_ID,
        problems=(*_USUAL, ProblemKind.OUTCOME_UNKNOWN),
    ),
    Operation(
        name="confirmPaymentIntent",
        method="POST",
        path=f"{_PREFIX}/{{id}}/confirm",
        summary=m("Charge a saved card, or take in what Stripe.js has done"),
        about=m(
            "One intent is charged once, however often this is repeated. With requires_action, next_action says "
            "what the payer's bank wants."
        ),
        group="Payments",
        scope=Scope.PAYMENTS_WRITE,
        handler=confirm,
        body=StripePaymentConfirm,
        answer=StripePaymentIntentStatus,
        parts=_ID,
        problems=(*_USUAL, ProblemKind.OUTCOME_UNKNOWN),
    ),
    Operation(
        name="cancelPaymentIntent",
        method="POST",
        path=f"{_PREFIX}/{{id}}/cancel",
        summary=m("Take a payment back, at Stripe first"),
        about=m("409 where it got through meanwhile. A desk's payment cannot be cancelled from here."),
        group="Payments",
        scope=Scope.PAYMENTS_WRITE,
        handler=cancel,
        answer=StripePaymentIntentStatus,
        parts=_ID,
        problems=(*_USUAL, ProblemKind.OUTCOME_UNKNOWN),
    ),
)
