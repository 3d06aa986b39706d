"""Whatever happens to a drawer, in whatever order: what should be in it is its float and everything that moved."""

from __future__ import annotations

import asyncio
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cashier.asked_again.sums import AskedAgain
from cashier.assembly import open_services
from cashier.books.refund import Refund, RefundOrigin, RefundReason, RefundState
from cashier.books.shift import MovementKind
from cashier.clock import now
from cashier.errors import Refused
from cashier.identifiers import new_id
from cashier.settings import DatabaseSettings, DeskSettings, Settings, StripeSettings
from cashier.shifts.views import DrawerCount
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender
from tests.shifts.drawer import Drawer
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.sample_hospital import SampleHospital

AMOUNTS = st.integers(1, 300)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("cash"), AMOUNTS, st.integers(0, 5_000)),
        st.tuples(st.just("cheque"), AMOUNTS, st.just(0)),
        st.tuples(st.just("in"), AMOUNTS, st.just(0)),
        st.tuples(st.just("out"), AMOUNTS, st.just(0)),
        st.tuples(st.just("back"), st.just(1), st.integers(-1, 1)),
    ),
    max_size=12,
)


@pytest.fixture
def offline(tmp_path):
    """Settings of a desk that wants shifts; Stripe does not answer, and nobody asks it."""
    return Settings(
        database=DatabaseSettings(url=f"sqlite:///{tmp_path / 'drawer.sqlite'}"),
        asked_again=AskedAgain(same_minutes=0, reference_days=0),
        stripe=StripeSettings(api_base="http://127.0.0.1:1"),
        desk=DeskSettings(code="D1"),
    )


@given(float_minor=st.integers(0, 50_000), deeds=DEEDS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_expected_cash_is_the_float_and_everything_that_moved(
    offline, keychain, filled_hospital, tmp_path, float_minor, deeds
):
    shutil.copy(filled_hospital.file, tmp_path / "drawer.sqlite")
    hospital = SampleHospital(url=offline.database.url, invoice_ids=filled_hospital.invoice_ids)

    async def story():
        async with open_services(offline, keychain) as services:
            drawer = Drawer(services, hospital)
            shift = await drawer.open(float_minor)
            by_hand = float_minor
            cash = None
            for deed, amount, more in deeds:
                if deed == "cash":
                    cash = await drawer.take(amount, tendered_minor=amount + more)
                    by_hand += amount
                elif deed == "cheque":
                    await drawer.take(amount, tender=Tender.CHEQUE)
                elif deed in ("in", "out"):
                    sign = 1 if deed == "in" else -1
                    if by_hand + sign * amount < 0:
                        with pytest.raises(Refused):
                            await drawer.move(shift, MovementKind(deed), amount)
                        continue
                    await drawer.move(shift, MovementKind(deed), amount)
                    by_hand += sign * amount
                elif cash is not None:
                    await give_back(services, cash.id, shift.id, amount, more)
                    by_hand -= amount + more
            outcome = await services.shifts.count(DrawerCount(shift_id=shift.id, pieces={}), hospital.cashier)
            assert outcome.expected.amount_minor == by_hand
            wrong = await contradictions_in(services.database)
            assert [each for each in wrong if each.startswith("shift")] == []

    asyncio.run(story())


async def give_back(services, payment_id, shift_id, amount, rounding):
    """Write down a refund in cash; that its money leaves the invoice as well is a rule of refunds."""
    async with services.database.transaction() as session:
        session.add(
            Refund(
                id=new_id(), payment_id=payment_id, amount_minor=amount, rounding_minor=rounding, currency="EUR",
                reason=RefundReason.REQUESTED_BY_CUSTOMER, note="", reopens=True, origin=RefundOrigin.DESK,
                way=RefundWay.CASH, shift_id=shift_id, state=RefundState.SUCCEEDED, requested_by=1, desk_id=1,
                requested_at=now(), decided_by=2, decided_at=now(),
            )
        )  # fmt: skip
