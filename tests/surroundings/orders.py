"""What tests order: payments and refunds, of which a test names only what it is about."""

from __future__ import annotations

import uuid
from typing import Any

from cashier.books.refund import RefundReason
from cashier.identifiers import new_id
from cashier.money import Money
from cashier.payments.views import PaymentOrder, PaymentShare
from cashier.refunds.views import RefundRequest
from cashier.tenders.tender import Tender
from tests.surroundings.sample_hospital import DUE, SampleHospital


def order_for(
    hospital: SampleHospital, number: str = DUE, amount_minor: int = 12_000, *, currency: str = "EUR", **facts: Any
) -> PaymentOrder:
    """Order so much of one invoice, on Stripe's page unless ``facts`` name another tender."""
    return order_of(share_of(hospital, number, amount_minor, currency=currency), **facts)


def order_of(*shares: PaymentShare, **facts: Any) -> PaymentOrder:
    """Order these shares, or with none of them what ``facts`` say; see ``PaymentOrder`` for what there is."""
    return PaymentOrder(**{"payment_id": new_id(), "tender": Tender.CHECKOUT, "shares": shares, **facts})


def share_of(
    hospital: SampleHospital, number: str = DUE, amount_minor: int = 12_000, *, currency: str = "EUR"
) -> PaymentShare:
    """Return so much of one invoice."""
    return PaymentShare(invoice_id=hospital.invoice_ids[number], amount=Money(amount_minor, currency))


def refund_of(payment_id: uuid.UUID, amount_minor: int, *, currency: str = "EUR", **facts: Any) -> RefundRequest:
    """Ask for so much of a payment, as a correction that the patient wished, unless ``facts`` say otherwise."""
    usual = {"reason": RefundReason.REQUESTED_BY_CUSTOMER, "note": "", "reopens": True, "refund_id": new_id()}
    return RefundRequest(payment_id=payment_id, amount=Money(amount_minor, currency), **{**usual, **facts})
