"""Payments away from every desk: an intent for the payer's browser, or a saved card."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import cast
from urllib.parse import urlsplit

from cashier.asked_again.doubt import Doubtful
from cashier.books.api_client import Scope
from cashier.books.payment import PaymentState
from cashier.channels.own_page import OWN_PAGE_LIFETIME
from cashier.companion.api.operation import Answer, AnyAsk, Ask, Nothing, Operation
from cashier.companion.api.operations.lookup import card_named, invoice_numbered, payment_of_intent
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.api.shapes import (
    IntentStatus,
    InvoiceShare,
    LastPaymentError,
    NextAction,
    PaidInvoice,
    StripePaymentConfirm,
    StripePaymentIntentCreate,
    StripePaymentIntentResponse,
    StripePaymentIntentStatus,
)
from cashier.errors import Unreachable
from cashier.language import Message, m
from cashier.money import Money
from cashier.payments.views import PaymentOrder, PaymentShare, PaymentView
from cashier.tenders.tender import ELSEWHERE

_NO_STORE = {"Cache-Control": "no-store"}
_STATUS: Mapping[PaymentState, IntentStatus] = {
    PaymentState.PROCESSING: "processing",
    PaymentState.PAID: "succeeded",
    PaymentState.CANCELLED: "canceled",
}


async def create(ask: Ask[StripePaymentIntentCreate, Nothing]) -> Answer:
    """Begin a payment; the same ``Idempotency-Key`` again goes on with the same one."""
    order = None if await ask.services.payments.exists(ask.resource_id) else await _order(ask)
    try:
        if order is None:
            view = await ask.services.payments.refresh(ask.resource_id, actor=ask.caller.actor)
        else:
            view = await _begin(ask, order)
    except Unreachable as error:
        raise _unknown(ask.resource_id) from error
    if view.stripe_intent_id is None:
        raise _not_at_stripe(view)
    response = StripePaymentIntentResponse(
        id=view.stripe_intent_id,
        client_secret=_secret(ask, view),
        amount=view.amount.amount_minor,
        currency=view.amount.currency,
        status=_status(view),
        publishable_key=ask.services.settings.stripe.publishable_key,
        invoices=_invoices(view),
        payment_id=str(view.id),
        expires_at=(view.created_at + OWN_PAGE_LIFETIME).isoformat(timespec="seconds"),
    )
    place = f"/api/v1/payments/stripe/payment-intents/{view.stripe_intent_id}"
    return Answer(value=response, status=201, headers={"Location": place, **_NO_STORE})


async def read(ask: Ask[Nothing, Nothing]) -> Answer:
    """Tell how a payment stands, as Stripe says just now."""
    payment_id = await payment_of_intent(ask, ask.path["id"])
    return _answer(ask, await ask.services.payments.refresh(payment_id, actor=ask.caller.actor))


async def confirm(ask: Ask[StripePaymentConfirm, Nothing]) -> Answer:
    """Charge a saved card, or take in what Stripe.js has done."""
    payment_id = await payment_of_intent(ask, ask.path["id"])
    if ask.body.payment_method_id is None:
        return _answer(ask, await ask.services.payments.refresh(payment_id, actor=ask.caller.actor))
    _check_return(ask)
    patient_id = (await ask.services.payments.view(payment_id)).patient_id
    card_id = await card_named(ask, ask.body.payment_method_id, patient_id=patient_id)
    try:
        view = await ask.services.payments.charge_card(
            payment_id, card_id, ask.caller.actor, return_url=ask.body.return_url
        )
    except Unreachable as error:
        raise _unknown(payment_id) from error
    return _answer(ask, view)


async def cancel(ask: Ask[Nothing, Nothing]) -> Answer:
    """Take a payment back at Stripe. One that got through meanwhile is answered with 409 and stays paid."""
    payment_id = await payment_of_intent(ask, ask.path["id"])
    view = await ask.services.payments.cancel(payment_id, ask.caller.actor)
    if view.state is not PaymentState.CANCELLED:
        raise Problem(ProblemKind.REFUSED, m("It got through meanwhile and is not cancelled: ask how it stands."))
    return _answer(ask, view)


async def _begin(ask: Ask[StripePaymentIntentCreate, Nothing], order: PaymentOrder) -> PaymentView:
    """Begin it; what the payer was asked about again counts as decided where they said so."""
    try:
        return await ask.services.payments.begin(order, ask.caller.actor)
    except Doubtful as doubtful:
        if not ask.body.pay_again:
            raise
        return await ask.services.payments.begin(replace(order, decided=doubtful.doubts), ask.caller.actor)


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


def _answer(ask: AnyAsk, view: PaymentView) -> Answer:
    return Answer(value=status_of(ask, view), headers=_NO_STORE)


def status_of(ask: AnyAsk, view: PaymentView) -> StripePaymentIntentStatus:
    """Write how a payment stands, in Stripe's words. Raises ``Problem`` while Stripe may not have heard of it."""
    if view.stripe_intent_id is None:
        raise _not_at_stripe(view)
    error = None
    if view.decline is not None and view.state is not PaymentState.PAID:
        message = view.decline.say.in_(ask.language)
        error = LastPaymentError(code=view.decline.code, message=message)
    return StripePaymentIntentStatus(
        id=view.stripe_intent_id,
        status=_status(view),
        amount=view.amount.amount_minor,
        amount_received=view.amount.amount_minor if view.state is PaymentState.PAID else 0,
        currency=view.amount.currency,
        invoices=_invoices(view),
        payment_id=str(view.id),
        client_secret=_secret(ask, view),
        last_payment_error=error,
        next_action=_next(view),
        receipt_number=view.receipt_number,
    )


def _next(view: PaymentView) -> NextAction | None:
    if view.stripe_status != "requires_action" or view.state is not PaymentState.OPEN:
        return None
    if view.page_url is None:
        return NextAction(type="use_stripe_sdk")
    return NextAction(type="redirect_to_url", redirect_to_url=view.page_url)


def _status(view: PaymentView) -> IntentStatus:
    final = _STATUS.get(view.state)
    return final if final is not None else cast(IntentStatus, view.stripe_status or "requires_payment_method")


def _secret(ask: AnyAsk, view: PaymentView) -> str | None:
    is_own = view.desk_id == ask.caller.actor.desk_id
    return (
        view.client_secret
        if is_own and view.state is PaymentState.OPEN and Scope.PAYMENTS_WRITE in ask.caller.scopes
        else None
    )


def _invoices(view: PaymentView) -> tuple[PaidInvoice, ...]:
    return tuple(PaidInvoice(invoice_id=each.invoice_number, amount=each.amount.amount_minor) for each in view.shares)


def _not_at_stripe(view: PaymentView) -> Problem:
    """Say what becomes of a payment that has no intent: it may get one yet, unless it was taken back before."""
    if not view.state.is_final:
        return _unknown(view.id)
    return Problem(
        ProblemKind.REFUSED,
        m(
            "This payment was taken back before Stripe had it; nothing was charged. Begin a new one, with another "
            "Idempotency-Key."
        ),
    )


def _unknown(payment_id: uuid.UUID) -> Problem:
    detail = m(
        "It is not known whether payment {payment} reached Stripe. Send the same request with the same "
        "Idempotency-Key again.",
        payment=payment_id,
    )
    return Problem(ProblemKind.OUTCOME_UNKNOWN, detail, headers={"Retry-After": "5"})


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
        problems=(*_USUAL, ProblemKind.INVOICE_HELD, ProblemKind.KEY_REUSED, ProblemKind.OUTCOME_UNKNOWN),
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
