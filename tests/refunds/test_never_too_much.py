"""Whatever is asked for, decided, refused and repeated, in any order: never more goes back than was paid."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import Counter as Tally
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cashier.assembly import open_services
from cashier.books.refund import Refund, RefundState
from cashier.clock import now
from cashier.errors import CashierError
from cashier.money import Money
from cashier.shifts.views import Opening
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.refunds.conftest import asking
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_of

_PAID_MINOR = 10_000
_PICK = st.integers(0, 9)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from([0, 1]), st.sampled_from([1, 2_500, 5_000, 6_000, _PAID_MINOR])),
        st.tuples(st.just("approve"), _PICK, st.sampled_from(["supervisor", "cashier"])),
        st.tuples(st.just("approve, and Stripe refuses"), _PICK, st.just(None)),
        st.tuples(st.just("reject"), _PICK, st.just(None)),
        st.tuples(st.just("let lapse"), _PICK, st.just(None)),
        st.tuples(st.just("ask for cash instead"), _PICK, st.just(None)),
        st.tuples(st.just("refund in the dashboard"), st.just(0), st.sampled_from([1, 4_000, _PAID_MINOR])),
    ),
    min_size=4,
    max_size=14,
)


class Desk:
    """Two paid deposits, by card and in cash, and everything that can be done about giving them back."""

    def __init__(self, services, hospital, sandbox):
        self.services, self.hospital, self.sandbox = services, hospital, sandbox
        self.payments, self.asked = [], []

    async def open(self):
        patient_id = (await self.services.invoices.detail(self.hospital.invoice_ids[sample_hospital.DUE])).patient_id
        for tender in (Tender.CHECKOUT, Tender.CASH):
            order = order_of(tender=tender, patient_id=patient_id, deposit=Money(_PAID_MINOR, "EUR"))
            payment = await self.services.payments.begin(order, self.hospital.cashier)
            if payment.page_url is not None:
                await pay_on_page(payment.page_url)
                payment = await self.services.payments.refresh(payment.id)
            self.payments.append(payment)

    async def do(self, step, which, how):
        refunds, asked = self.services.refunds, self.asked
        match step:
            case "ask":
                request = asking(self.payments[which], how)
                asked.append(request)
                await refunds.request(request, self.hospital.cashier)
            case "refund in the dashboard":
                charge = self.sandbox.ask(f"/v1/charges/{self.payments[0].stripe_charge_id}")
                left = charge["amount"] - charge["amount_refunded"]
                if left:
                    made = self.sandbox.ask("/v1/refunds", charge=charge["id"], amount=str(min(how, left)))
                    await refunds.look_at(made["id"])
            case _ if asked:
                await self._do_about(asked[which % len(asked)], step, how)

    async def _do_about(self, request, step, how):
        refunds, refund_id = self.services.refunds, request.refund_id
        match step:
            case "approve":
                who = self.hospital.colleague if how == "supervisor" else self.hospital.cashier
                await refunds.approve(refund_id, who)
            case "approve, and Stripe refuses":
                self.sandbox.order("troubles", path="/v1/refunds", method="POST", times=1, status=400)
                try:
                    await refunds.approve(refund_id, self.hospital.colleague)
                finally:
                    self.sandbox.end_troubles()
            case "reject":
                await refunds.reject(refund_id, self.hospital.colleague, why="Not due.")
            case "let lapse":
                async with self.services.database.transaction() as session:
                    lapsed = sa.update(Refund).where(Refund.id == refund_id)
                    await session.execute(lapsed.values(expires_at=now() - timedelta(seconds=1)))
                await refunds.recover()
            case "ask for cash instead":
                replacement = asking(self.payments[0], request.amount.amount_minor, instead_of=request.refund_id)
                self.asked.append(replacement)
                await refunds.request(replacement, self.hospital.cashier)

    async def gone_back(self):
        """Return what has gone back of each payment, and what of it by Stripe."""
        async with self.services.database.reading() as session:
            refunds = (await session.execute(sa.select(Refund))).scalars().all()
        ours = {payment.id for payment in self.payments}
        gone = [each for each in refunds if each.state.has_effect and each.payment_id in ours]
        by_payment: Tally[uuid.UUID] = Tally()
        for each in gone:
            by_payment[each.payment_id] += each.amount_minor
        return by_payment, sum(each.amount_minor for each in gone if each.way is RefundWay.CARD)


# Not made smaller when one fails: each example pays at Stripe's page, which takes its time.
@settings(
    max_examples=25,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=_STEPS)
def test_never_more_goes_back_than_was_paid(settings, keychain, hospital, sandbox, steps):
    async def run():
        async with open_services(settings, keychain) as services:
            await _open_shift(services, hospital)
            desk = Desk(services, hospital, sandbox)
            await desk.open()
            for step in steps:
                with contextlib.suppress(CashierError):
                    await desk.do(*step)
                by_payment, _by_stripe = await desk.gone_back()
                assert all(minor <= _PAID_MINOR for minor in by_payment.values()), (step, by_payment)
            charge = sandbox.ask(f"/v1/charges/{desk.payments[0].stripe_charge_id}")
            by_payment, by_stripe = await desk.gone_back()
            doubled = await _doubled(services, desk)
            assert charge["amount_refunded"] == by_stripe + doubled
            assert await contradictions_in(services.database) == []

    with asyncio.Runner() as runner:
        runner.run(run())


async def _doubled(services, desk):
    """What somebody gave back in the dashboard although it had gone back in cash: kept apart, for a supervisor."""
    async with services.database.reading() as session:
        statement = sa.select(Refund).where(
            Refund.payment_id == desk.payments[0].id,
            Refund.contradiction.is_not(None),
            Refund.state == RefundState.APPROVED,
        )
        return sum(refund.amount_minor for refund in (await session.execute(statement)).scalars())


async def _open_shift(services, hospital):
    await services.shifts.open(Opening(number=1, float=Money(100_000, "EUR")), hospital.cashier)


@pytest.mark.parametrize("amounts", [(4_000, 4_000, 4_000), (_PAID_MINOR, 1), (5_000, 5_000, 5_000)])
def test_requests_count_before_they_are_decided(amounts, settings, keychain, hospital, sandbox):
    async def run():
        async with open_services(settings, keychain) as services:
            desk = Desk(services, hospital, sandbox)
            await desk.open()
            for amount in amounts:
                with contextlib.suppress(CashierError):
                    await desk.do("ask", 0, amount)
            waiting = await services.refund_lists.waiting(hospital.colleague)
            assert sum(view.amount.amount_minor for view in waiting) <= _PAID_MINOR

    with asyncio.Runner() as runner:
        runner.run(run())
