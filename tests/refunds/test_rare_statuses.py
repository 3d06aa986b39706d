"""Refunds in states that a bank rarely brings about: money that waits for somebody, and money that comes back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import RefundState
from tests.refunds.conftest import actions_about, asking
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in


@pytest.fixture
async def waiting(services, hospital, sandbox, paid):
    """A refund that Stripe can make only once the cardholder has said to which account."""
    request = asking(await paid(), 5_000)
    await services.refunds.request(request, hospital.cashier)
    sandbox.order("outcomes", refunds=["requires_action"])
    return await services.refunds.approve(request.refund_id, hospital.colleague)


async def invoice_of(services, hospital):
    async with services.database.reading() as session:
        return await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])


async def receipts(services):
    async with services.database.reading() as session:
        return list((await session.execute(sa.select(Receipt.kind).order_by(Receipt.number))).scalars())


async def test_a_refund_that_waits_for_the_cardholder_is_under_way_and_is_owed_again(services, hospital, waiting):
    invoice = await invoice_of(services, hospital)

    assert waiting.state is RefundState.PENDING
    assert (invoice.status, invoice.balance_minor) == (InvoiceStatus.PART_PAID, 5_000)
    assert await receipts(services) == [ReceiptKind.PAYMENT, ReceiptKind.REFUND]
    assert [view.id for view in await services.refund_lists.under_way(hospital.colleague)] == [waiting.id]
    assert (await services.refunds.offer(payment_id=waiting.payment_id)).left.amount_minor == 7_000
    assert await contradictions_in(services.database) == []


@pytest.mark.parametrize(
    "end", ["/v1/refunds/{}/cancel", "/v1/test_helpers/refunds/{}/expire"], ids=["canceled", "failed"]
)
async def test_a_refund_that_comes_to_nothing_at_stripe_brings_the_money_back(
    services, hospital, sandbox, waiting, end
):
    sandbox.ask(end.format(waiting.stripe_refund_id), **{"expand[0]": "charge"})

    assert await services.refunds.recover() == 1

    invoice = await invoice_of(services, hospital)
    assert (await services.refunds.view(waiting.id)).state is RefundState.FAILED
    assert (invoice.status, invoice.balance_minor) == (InvoiceStatus.PAID, 0)
    assert await receipts(services) == [ReceiptKind.PAYMENT, ReceiptKind.REFUND, ReceiptKind.REFUND_FAILED]
    assert (await actions_about(services, waiting.id))[-2:] == [DeedKind.REFUND_PENDING, DeedKind.REFUND_FAILED]
    assert (await services.refunds.offer(payment_id=waiting.payment_id)).left.amount_minor == 12_000
    assert await contradictions_in(services.database) == []
