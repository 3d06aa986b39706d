"""A machine whose clock is wrong says so, withdraws nothing, keeps no lease in the future and moves no mark."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cashier.books.lease import take_lease
from cashier.books.payment import PaymentState
from cashier.clock import now
from cashier.companion.health import Health
from cashier.database.moments import moment_in
from cashier.stripe_gateway.webhooks import notice_of
from cashier.tenders.tender import Tender
from tests.companion.stripe_events import event
from tests.faults.moved_clock import MovedClock
from tests.surroundings.card_reader import place_reader
from tests.surroundings.orders import order_for

OFF = timedelta(minutes=16)
ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])
"""An embedded database has the clock of its machine."""


async def moment(services) -> datetime:
    async with services.database.reading() as session:
        return await moment_in(session)


@ON_POSTGRESQL
async def test_a_desk_that_is_slow_takes_payments_on_a_reader(services, hospital, sandbox, monkeypatch):
    reader = await place_reader(services, hospital, sandbox)
    MovedClock(monkeypatch).move(-OFF)

    begun = await services.payments.begin(
        order_for(hospital, tender=Tender.READER, reader_id=reader.id), hospital.cashier
    )
    monkeypatch.undo()
    await services.payments.recover()

    assert abs(begun.created_at - now()) < timedelta(minutes=1)
    assert (await services.payments.view(begun.id)).state is PaymentState.OPEN


@ON_POSTGRESQL
@pytest.mark.parametrize("off", [OFF, -OFF], ids=["ahead", "behind"])
async def test_a_companion_with_a_wrong_clock_withdraws_nothing_and_says_so(
    services, hospital, sandbox, monkeypatch, off
):
    reader = await place_reader(services, hospital, sandbox)
    begun = await services.payments.begin(
        order_for(hospital, tender=Tender.READER, reader_id=reader.id), hospital.cashier
    )
    MovedClock(monkeypatch).move(off)

    assert await take_lease(services.database, "upkeep", "wrong", seconds=30)
    await services.payments.recover()
    await services.sweep.run()
    await services.inbox.process_waiting()
    await services.inbox.store([notice_of(event())])
    done = await services.inbox.process_waiting()
    database, _stripe = await Health(services).parts()

    right = await moment(services)
    (lease,) = hospital.execute("SELECT until FROM lease")
    assert timedelta() < lease["until"] - right <= timedelta(seconds=30)
    assert (await services.payments.view(begun.id)).state is PaymentState.OPEN
    assert timedelta() <= right - await services.sweep.last_at() < timedelta(minutes=1)
    assert done == 1, "its turn has come for everybody"
    assert str(database["remark"]) == (
        f"This machine's clock is 960 seconds {'ahead of' if off > timedelta() else 'behind'} the database's."
    )


async def test_rounds_that_did_not_end_for_long_are_told(services, hospital):
    await services.sweep.run()
    await services.reconciliation.compare(now() - timedelta(hours=1), now())
    hospital.execute(
        "UPDATE sweep_mark SET read_until = :at", at=str((now() - timedelta(minutes=40)).replace(tzinfo=None))
    )
    swept, _stripe = await Health(services).parts()
    hospital.execute("UPDATE sweep_mark SET read_until = :at", at=str(now().replace(tzinfo=None)))
    hospital.execute(
        "UPDATE comparison SET compared_at = :at", at=str((now() - timedelta(hours=5)).replace(tzinfo=None))
    )
    compared, _stripe = await Health(services).parts()

    assert str(swept["remark"]) == "Missed events of Stripe's were last looked for 40 minutes ago."
    assert str(compared["remark"]) == "The books were last compared with Stripe's 300 minutes ago."
