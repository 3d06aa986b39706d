"""Machines whose own clock is wrong, as real processes: they go by the database's, so nothing is lost by them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest

from cashier.books.payment import PaymentState
from cashier.books.refund import RefundState
from cashier.clock import now
from cashier.tenders.tender import Tender
from tests.faults import process
from tests.faults.network import HttpFault
from tests.faults.station import Station, running_station
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.sample_hospital import DUE_OF_OTHER_PATIENT

SLOW, FAST = -timedelta(minutes=16), timedelta(hours=25)
"""A desk that recovery would withdraw payments from, and a machine for which whatever is new is older than a day."""
A_MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module", autouse=True)
def prepared() -> None:
    """All processes are forked from one that has imported everything."""
    process.prepare()


@pytest.fixture
def station(hospital, postgres, tmp_path) -> Iterator[Station]:
    """A hospital in real processes: desk D1 is slow, D2 is right, D3 is fast."""
    with running_station(tmp_path, hospital, postgres) as station:
        for name, off in (("D1", SLOW), ("D2", timedelta()), ("D3", FAST)):
            station.start_desk(name, clock_off=off)
        yield station


def sent_on_by_the_fast(station: Station) -> None:
    """Let the fast machine do what every companion does again and again."""
    for room, verb in (
        ("payments", "recover"),
        ("refunds", "recover"),
        ("sweep", "run"),
        ("inbox", "process_waiting"),
    ):
        station.must(room, verb, desk="D3")


def is_now(moment: datetime) -> bool:
    return abs(moment - now()) < A_MINUTE


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_machines_whose_clocks_are_wrong_lose_nothing_and_say_so(station, hospital):
    # A slow desk asks for a card, and the fast machine leaves it alone.
    reader = station.place_reader()
    order = order_for(hospital, tender=Tender.READER, reader_id=reader.id)
    begun = station.must("payments", "begin", order, hospital.cashier)
    sent_on_by_the_fast(station)
    assert station.state_of(begun.id) == PaymentState.OPEN
    station.present_card(reader)
    paid = station.must("payments", "refresh", begun.id)
    assert (paid.state, is_now(paid.created_at), is_now(paid.settled_at)) == (PaymentState.PAID, True, True)

    # A refund that Stripe has not heard of is sent: it was decided a moment ago, not yesterday.
    asked = refund_of(begun.id, 1_000, note="Appointment was cancelled.")
    station.must("refunds", "request", asked, hospital.cashier)
    station.stripe_line.strike(HttpFault.REFUSED, times=20)
    station.ask("refunds", "approve", asked.refund_id, hospital.colleague, desk="D2")
    station.stripe_line.heal()
    sent_on_by_the_fast(station)
    assert station.must("refunds", "view", asked.refund_id, desk="D2").state is RefundState.SUCCEEDED

    # A companion that is a day ahead hears what Stripe sends, holds nothing in the future, and says how wrong it is.
    station.start_companion(clock_off=FAST)
    other = station.must(
        "payments", "begin", order_for(hospital, DUE_OF_OTHER_PATIENT, 3_000), hospital.cashier, desk="D2"
    )
    station.pay(other)
    assert station.wait_for(other.id, PaymentState.PAID)
    health = httpx.get(f"http://127.0.0.1:{station.ports[1]}/health", trust_env=False).json()
    assert abs(health["clock_off_seconds"] - FAST.total_seconds()) < 5
    assert "ahead of the database's" in health["database"]["problem"]
    assert health["status"] == "degraded"
    (lease,) = hospital.execute("SELECT until FROM lease")
    (mark,) = hospital.execute("SELECT read_until FROM sweep_mark")
    (latest,) = hospital.execute("SELECT max(at) AS at FROM journal_entry")
    assert lease["until"] <= now() + timedelta(seconds=30)
    assert mark["read_until"] <= now()
    assert latest["at"] <= now()
    assert station.disagreements() == []
