"""Receipts of payments: what stands on them, or the paper itself."""

from __future__ import annotations

from cashier.books.api_client import Scope
from cashier.companion.api.operation import PDF, Answer, Ask, Nothing, Operation
from cashier.companion.api.operations.lookup import payment_of_intent
from cashier.companion.api.problems import Problem, ProblemKind
from cashier.companion.api.shapes import PaidInvoice, StripeReceiptResponse
from cashier.language import m


async def of_intent(ask: Ask[Nothing, Nothing]) -> Answer:
    """Give the receipt of a payment. The paper counts as a copy: the original is handed out once."""
    payment_id = await payment_of_intent(ask, ask.path["id"])
    view = await ask.services.payments.view(payment_id)
    if view.receipt_id is None:
        raise Problem(ProblemKind.REFUSED, m("This payment has no receipt: it is not paid."))
    if ask.accepts == PDF:
        paper = await ask.services.receipts.hand_out(view.receipt_id, ask.caller.actor, ask.language)
        disposition = f'inline; filename="{paper.file_name}"'
        return Answer(document=paper.pdf, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})
    facts = await ask.services.receipts.facts_of(view.receipt_id)
    tender = facts.tenders[0]
    return Answer(
        value=StripeReceiptResponse(
            receipt_number=facts.number,
            issued_at=facts.issued_at,
            payment_intent_id=ask.path["id"],
            amount=facts.total_minor,
            currency=facts.currency,
            hospital=facts.hospital,
            invoices=tuple(
                PaidInvoice(invoice_id=each.number, amount=each.paid_now_minor) for each in facts.invoices
            ),
            card_brand=tender.card_brand or None,
            card_last4=tender.card_last_four or None,
        ),
        headers={"Cache-Control": "no-store"},
    )


OPERATIONS = (
    Operation(
        name="getReceipt",
        method="GET",
        path="/api/v1/payments/stripe/payment-intents/{id}/receipt",
        summary=m("The receipt of a payment, as JSON or as the paper"),
        about=m(
            "With Accept: application/pdf it is the paper, in the caller's language; it is counted like every copy "
            "that is handed out."
        ),
        group="Receipts",
        scope=Scope.RECEIPTS_READ,
        handler=of_intent,
        answer=StripeReceiptResponse,
        parts={"id": m("What Stripe calls the intent: pi_…")},
        problems=(ProblemKind.NOT_FOUND, ProblemKind.REFUSED, ProblemKind.UNAVAILABLE),
        is_document=True,
    ),
)
