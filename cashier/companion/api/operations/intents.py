"""Payments as Stripe's intents: beginning one, and telling how it stands."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import cast

from cashier.asked_again.doubt import DoubtCode, Doubtful
from cashier.books.api_client import Scope
from cashier.books.payment import PaymentState
from cashier.channels.own_page import OWN_PAGE_LIFETIME
from cashier.companion.api.operation import Answer, AnyAsk
from cashier.companion.api.operations.lookup import refuse_foreign
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.api.shapes import (
    IntentStatus,
    LastPaymentError,
    NextAction,
    PaidInvoice,
    StripePaymentIntentResponse,
    StripePaymentIntentStatus,
)
from cashier.errors import Unreachable
from cashier.language import m
from cashier.payments.views import PaymentOrder, PaymentView

_NO_STORE = {"Cache-Control": "no-store"}
_STATUS: Mapping[PaymentState, IntentStatus] = {
    PaymentState.PROCESSING: "processing",
    PaymentState.PAID: "succeeded",
    PaymentState.CANCELLED: "canceled",
}


async def begun(ask: AnyAsk, order: PaymentOrder | None, *, sure: Collection[DoubtCode]) -> Answer:
    """Begin ``order`` and answer with its intent; None: it is there already, and goes on.

    ``sure`` is what the payer was asked about again. Raises ``Problem`` for a payment that the caller may not see,
    and while Stripe may have heard of it or not.
    """
    try:
        if order is None:
            refuse_foreign(ask, await ask.services.payments.view(ask.resource_id), str(ask.resource_id))
            view = await ask.services.payments.refresh(ask.resource_id, actor=ask.caller.actor)
        else:
            view = await _begin(ask, order, sure)
    except Unreachable as error:
        raise unknown(ask.resource_id) from error
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


async def _begin(ask: AnyAsk, order: PaymentOrder, sure: Collection[DoubtCode]) -> PaymentView:
    """Begin it; what the payer was asked about again counts as decided where all of it was."""
    try:
        return await ask.services.payments.begin(order, ask.caller.actor)
    except Doubtful as doubtful:
        if not {doubt.code for doubt in doubtful.doubts} <= set(sure):
            raise
        return await ask.services.payments.begin(replace(order, decided=doubtful.doubts), ask.caller.actor)


def answer_of(ask: AnyAsk, view: PaymentView) -> Answer:
    """Answer how a payment stands; nobody on the way keeps it."""
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
        return unknown(view.id)
    return Problem(
        ProblemKind.REFUSED,
        m(
            "This payment was taken back before Stripe had it; nothing was charged. Begin a new one, with another "
            "Idempotency-Key."
        ),
    )


def unknown(payment_id: uuid.UUID) -> Problem:
    """Say that Stripe may have heard of a payment, or not."""
    detail = m(
        "It is not known whether payment {payment} reached Stripe. Send the same request with the same "
        "Idempotency-Key again.",
        payment=payment_id,
    )
    return Problem(ProblemKind.OUTCOME_UNKNOWN, detail, headers={"Retry-After": "5"})
