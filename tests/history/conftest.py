"""Payments and refunds of a history."""

from __future__ import annotations

import pytest

from cashier.history.views import PaymentQuery
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.orders import order_for, refund_of


@pytest.fixture
def begin(services, hospital):
    """Begin a payment: ``await begin(INVOICE, amount_minor)``."""

    async def begin(number=sample_hospital.DUE, amount_minor=1_000, *, actor=None):
        order = order_for(hospital, number, amount_minor)
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
        request = refund_of(payment.id, amount_minor, reopens=False)
        await services.refunds.request(request, hospital.cashier)
        return await services.refunds.approve(request.refund_id, hospital.colleague)

    return refund


@pytest.fixture
def at_desk(hospital):
    """What was paid at desk D1."""
    return PaymentQuery(desk_id=hospital.desk_id)
