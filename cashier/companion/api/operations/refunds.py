"""Refunds: asked for by a client; made at once within what an administrator lets it, else decided about at a desk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Literal, TypeAlias

from cashier.books.api_client import Scope
from cashier.books.refund import ReasonCode, RefundReason, RefundState
from cashier.companion.api.operation import Answer, Ask, Nothing, Operation
from cashier.companion.api.operations.lookup import may_see, payment_of_intent
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.api.shapes import StripeRefundCreate, StripeRefundResponse
from cashier.language import m
from cashier.money import Money
from cashier.refunds.views import RefundRequest, RefundView

Status: TypeAlias = Literal["pending_approval", "approved", "pending", "succeeded", "failed", "rejected", "expired"]

STATUS: Mapping[RefundState, Status] = {
    RefundState.REQUESTED: "pending_approval",
    RefundState.APPROVED: "approved",
    RefundState.PENDING: "pending",
    RefundState.SUCCEEDED: "succeeded",
    RefundState.FAILED: "failed",
    RefundState.REJECTED: "rejected",
    RefundState.EXPIRED: "expired",
}
"""What a refund's state is called."""
_REASONS: Mapping[str, tuple[RefundReason, ReasonCode]] = {
    "duplicate": (RefundReason.DUPLICATE, ReasonCode.PAID_TWICE),
    "fraudulent": (RefundReason.FRAUDULENT, ReasonCode.CARD_MISUSED),
    "requested_by_customer": (RefundReason.REQUESTED_BY_CUSTOMER, ReasonCode.OTHER),
}


async def create(ask: Ask[StripeRefundCreate, Nothing]) -> Answer:
    """Ask for a refund: it is made within the client's limits, and else a supervisor decides about it.

    A token, which may be in a patient's hands, only ever asks.
    """
    payment_id = await payment_of_intent(ask, ask.body.payment_intent_id)
    view = await _known(ask)
    if view is None:
        offer = await ask.services.refunds.offer(payment_id=payment_id)
        (payment,) = offer.payments
        amount = payment.left if ask.body.amount is None else Money(ask.body.amount, offer.currency)
        reason, code = _REASONS[ask.body.reason]
        request = RefundRequest(
            refund_id=ask.resource_id,
            payment_id=payment_id,
            amount=amount,
            reason=reason,
            reason_code=code,
            note=ask.body.note,
            reopens=False,
        )
        refunds = ask.services.refunds
        may_be_by_rule = ask.caller.patient_id is None
        view = await (refunds.request_by_rule if may_be_by_rule else refunds.request)(request, ask.caller.actor)
    place = f"/api/v1/payments/stripe/refunds/{view.id}"
    status = 201 if view.by_rule else 202
    return Answer(value=_answer(ask.body.payment_intent_id, view), status=status, headers={"Location": place})


async def read(ask: Ask[Nothing, Nothing]) -> Answer:
    """Tell how a refund stands."""
    try:
        refund_id = uuid.UUID(ask.path["id"])
    except ValueError:
        refund_id = None
    view = None if refund_id is None else await ask.services.refund_lists.find(refund_id)
    payment = None if view is None else await ask.services.payments.view(view.payment_id)
    if view is None or payment is None or not may_see(ask, payment):
        raise Problem(ProblemKind.NOT_FOUND, m("There is no refund {id}.", id=ask.path["id"]))
    return Answer(value=_answer(payment.stripe_intent_id or "", view))


async def _known(ask: Ask[StripeRefundCreate, Nothing]) -> RefundView | None:
    return await ask.services.refund_lists.find(ask.resource_id)


def _answer(intent_id: str, view: RefundView) -> StripeRefundResponse:
    return StripeRefundResponse(
        id=str(view.id),
        payment_intent_id=intent_id,
        amount=view.amount.amount_minor,
        currency=view.amount.currency,
        status=STATUS[view.state],
        reason=view.reason.value,
        stripe_refund_id=view.stripe_refund_id,
        receipt_number=view.receipt_number,
    )


_PREFIX = "/api/v1/payments/stripe/refunds"

OPERATIONS = (
    Operation(
        name="createRefund",
        method="POST",
        path=_PREFIX,
        summary=m("Ask for money to go back"),
        about=m(
            "Within what an administrator lets the client refund of its own payments by itself, for which it needs "
            "the scope `refunds:approve` as well, it is made at once (201). Otherwise nothing moves before a "
            "supervisor has approved it at a desk (202). Send an Idempotency-Key."
        ),
        group="Refunds",
        scope=Scope.REFUNDS_REQUEST,
        handler=create,
        body=StripeRefundCreate,
        answer=StripeRefundResponse,
        status=202,
        or_status=201,
        problems=(
            ProblemKind.NOT_FOUND,
            ProblemKind.REFUSED,
            ProblemKind.KEY_REUSED,
            ProblemKind.UNAVAILABLE,
        ),
        repeatable=True,
        leads_to={"getRefund": "id"},
    ),
    Operation(
        name="getRefund",
        method="GET",
        path=f"{_PREFIX}/{{id}}",
        summary=m("How a refund stands"),
        about=m("As our books know it."),
        group="Refunds",
        scope=Scope.PAYMENTS_READ,
        handler=read,
        answer=StripeRefundResponse,
        parts={"id": m("The refund's id, as creating it answered.")},
        problems=(ProblemKind.NOT_FOUND, ProblemKind.UNAVAILABLE),
    ),
)
