"""Cash for a card refund that failed: given only while Stripe says that the money has gone back no other way."""

from __future__ import annotations

import pytest

from cashier.books.refund import Refund, RefundState
from cashier.errors import Refused, Unreachable
from cashier.tenders.refund_way import RefundWay
from tests.refunds.conftest import asking
from tests.surroundings.balanced_books import contradictions_in

DISPUTED_LATER = "4000000000000259"
INQUIRED_LATER = "4000000000001976"


async def approved(services, hospital, request):
    await services.refunds.request(request, hospital.cashier)
    return await services.refunds.approve(request.refund_id, hospital.colleague)


async def refused_by_stripe(services, hospital, sandbox, payment):
    """A card refund that Stripe refuses to make, of everything."""
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=1, status=400)
    return await approved(services, hospital, asking(payment))


async def cash_out(services):
    async with services.database.reading() as session:
        refunds = (await session.execute(Refund.__table__.select())).all()
    return [each.amount_minor for each in refunds if (each.way, each.state) == ("cash", "succeeded")]


def refund_in_the_dashboard(sandbox, payment):
    sandbox.ask("/v1/refunds", payment_intent=payment.stripe_intent_id)


async def test_a_refusal_is_news_and_cash_is_not_offered_for_money_that_went_another_way(
    services, hospital, sandbox, paid, drawer
):
    disputed = await paid(number=DISPUTED_LATER)

    refused = await approved(services, hospital, asking(disputed))

    assert refused.state is RefundState.FAILED
    (offered,) = (await services.refunds.offer(payment_id=disputed.id)).payments
    assert (offered.failed, "disputes" in str(offered.obstacle)) == ((), True)
    with pytest.raises(Refused, match="disputes this payment"):
        await services.refunds.request(asking(disputed, instead_of=refused.id), hospital.cashier)
    assert await contradictions_in(services.database) == []


async def test_what_was_refunded_in_the_dashboard_is_not_given_in_cash_as_well(
    services, hospital, sandbox, paid, drawer
):
    payment = await paid()
    refund_in_the_dashboard(sandbox, payment)

    refused = await approved(services, hospital, asking(payment))

    assert refused.state is RefundState.FAILED
    (offered,) = (await services.refunds.offer(payment_id=payment.id)).payments
    assert (offered.failed, bool(offered.left)) == ((), False)
    with pytest.raises(Refused, match="refunded already"):
        await services.refunds.request(asking(payment, instead_of=refused.id), hospital.cashier)
    assert await contradictions_in(services.database) == []


async def test_stripe_is_asked_again_when_the_cash_is_approved(services, hospital, sandbox, paid, drawer):
    payment = await paid()
    failed = await refused_by_stripe(services, hospital, sandbox, payment)
    cash = asking(payment, instead_of=failed.id)
    await services.refunds.request(cash, hospital.cashier)
    sandbox.order("troubles", path="/v1/refunds", method="GET", times=9, status=503)

    with pytest.raises(Unreachable, match="Only Stripe can tell"):
        await services.refunds.approve(cash.refund_id, hospital.colleague)
    sandbox.end_troubles()
    refund_in_the_dashboard(sandbox, payment)
    with pytest.raises(Refused, match=r"120\.00 € of this payment have gone back"):
        await services.refunds.approve(cash.refund_id, hospital.colleague)

    assert await cash_out(services) == []
    assert await contradictions_in(services.database) == []


async def test_a_card_refund_that_was_made_after_all_leaves_no_cash_to_give(
    services, hospital, sandbox, paid, drawer
):
    payment = await paid()
    failed = await refused_by_stripe(services, hospital, sandbox, payment)
    cash = asking(payment, instead_of=failed.id)
    await services.refunds.request(cash, hospital.cashier)
    sandbox.ask("/v1/refunds", payment_intent=payment.stripe_intent_id, **{"metadata[cashier_refund]": failed.id})

    with pytest.raises(Refused, match="made after all"):
        await services.refunds.approve(cash.refund_id, hospital.colleague)

    assert await cash_out(services) == []


async def test_while_the_bank_asks_no_cash_is_given(services, hospital, sandbox, paid, drawer):
    payment = await paid(number=INQUIRED_LATER)
    failed = await refused_by_stripe(services, hospital, sandbox, payment)
    cash = asking(payment, instead_of=failed.id)
    await services.refunds.request(cash, hospital.cashier)

    with pytest.raises(Refused, match="bank is asking"):
        await services.refunds.approve(cash.refund_id, hospital.colleague)

    (dispute,) = sandbox.ask("/v1/disputes")["data"]
    sandbox.ask(f"/v1/disputes/{dispute['id']}/close", **{"expand[]": "charge"})
    assert (await services.refunds.approve(cash.refund_id, hospital.colleague)).way is RefundWay.CASH
