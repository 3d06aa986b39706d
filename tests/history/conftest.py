"""Payments and refunds of a history."""

from __future__ import annotations

import pytest

from cashier.books.refund import RefundReason
from cashier.history.views import PaymentQuery
from cashier.identifiers import new_id
from cashier.money import Money
from cashier.payments.views import PaymentOrder, PaymentShare
from cashier.refunds.views import RefundRequest
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital


@pytest.fixture
def begin(services, hospital):
    """Begin a payment: ``await begin(INVOICE, amount_minor)``."""

    async def begin(number=sample_hospital.DUE, amount_minor=1_000, *, actor=None):
        order = PaymentOrder(
            payment_id=new_id(),
            shares=(PaymentShare(invoice_id=hospital.invoice_ids[number], amount=Money(amount_minor, "EUR")),),
            tender=Tender.CHECKOUT,
        )
        return await services.payments.begin(order, actor or hospital.cashier)

    return begin


@pytest.fixture
def pay(services, begin):
    """Pay by card: ``await pay(INVOICE, amount_minor)``."""

    async def pay(number=sample_hospital.DUE, amount_minor=1_000, *, actor=None):
        begun = await begin(number, amount_minor, actor=actor)
        await pay_on_page(begun.page_url)
        return await services.payments.refresh(begun.id)

    return pay


@pytest.fixture
def refund(services, hospital):
    """Give back some of a payment; two people do that."""

    async def refund(payment, amount_minor):
        request = RefundRequest(
            refund_id=new_id(),
            payment_id=payment.id,
            amount=Money(amount_minor, "EUR"),
            reason=RefundReason.REQUESTED_BY_CUSTOMER,
            note="",
            reopens=False,
        )
        await services.refunds.request(request, hospital.cashier)
        return await services.refunds.approve(request.refund_id, hospital.colleague)

    return refund


@pytest.fixture
def at_desk(hospital):
    """What was paid at desk D1."""
    return PaymentQuery(desk_id=hospital.desk_id)
