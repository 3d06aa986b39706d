"""Two companions on one database: each event is worked on once, and one goes on when the other dies."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from datetime import timedelta

import httpx
import msgspec
import pytest

from cashier.books.payment import PaymentState
from cashier.clock import now
from cashier.companion.upkeep import Upkeep
from cashier.keychain import Secret
from tests.companion.conftest import deliver
from tests.companion.stripe_events import event
from tests.conftest import settings_text
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for
from tests.surroundings.processes import started
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])


@pytest.fixture
def start_named(settings, secrets, tmp_path):
    """Start a companion of this name on a free port of its own: ``with start_named("one") as companion``."""

    @contextlib.contextmanager
    def start(name):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        own = msgspec.structs.replace(
            settings,
            companion=msgspec.structs.replace(settings.companion, port=_port_of(name, settings)),
            data_folder=str(folder),
        )
        file = folder / "cashier.toml"
        file.write_text(settings_text(own), encoding="utf-8")
        with started("companion", "--settings", str(file), environment=secrets, folder=folder) as companion:
            yield companion

    return start


def _port_of(name, settings):
    return settings.companion.port + {"one": 0, "two": 1}[name]


def about_a_refund(refund_id):
    return event(type="refund.updated", data={"object": {"id": refund_id, "object": "refund", "metadata": {}}})


async def until(condition, *, seconds=20.0):
    """Wait until ``condition`` holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)


def unprocessed(hospital):
    return hospital.execute("SELECT id FROM stripe_event WHERE processed_at IS NULL")


def leader(hospital):
    rows = hospital.execute("SELECT holder FROM lease WHERE work = 'upkeep'")
    return rows[0]["holder"] if rows else None


async def test_each_event_is_processed_once_and_each_payment_settled_once(
    start_named, services, hospital, sandbox, secrets, settings
):
    for name in ("one", "two"):
        url = f"http://127.0.0.1:{_port_of(name, settings)}/stripe/webhook"
        secrets[Secret.WEBHOOK_SECRETS.variable] += f" {await asyncio.to_thread(sandbox.add_webhook_endpoint, url)}"
    orders = [order_for(hospital, DUE, 12_000), order_for(hospital, DUE_OF_SAME_PATIENT, 4_500),
              order_for(hospital, DUE_OF_OTHER_PATIENT, 8_000)]  # fmt: skip
    with start_named("one"), start_named("two"):
        # Both get every event, as when a balancer sends the same one twice.
        for order in orders:
            begun = await services.payments.begin(order, hospital.cashier)
            await asyncio.to_thread(sandbox.pay_on_page, begun.page_url)

        await until(lambda: not hospital.execute("SELECT id FROM payment WHERE state <> 'paid'"))
        await until(lambda: not unprocessed(hospital))

    asked = [each["id"] for each in hospital.execute("SELECT id FROM stripe_event")]
    assert len(asked) == len(set(asked)) > 0
    settled = hospital.execute("SELECT subject_id FROM journal_entry WHERE action = 'payment paid'")
    assert sorted(each["subject_id"] for each in settled) == sorted(str(order.payment_id) for order in orders)
    assert await contradictions_in(services.database) == []


async def test_hundreds_of_events_to_both_are_each_asked_about_once(start_named, hospital, sandbox):
    with start_named("one") as one, start_named("two") as two:
        async with (
            httpx.AsyncClient(base_url=one.url, trust_env=False, timeout=20) as to_one,
            httpx.AsyncClient(base_url=two.url, trust_env=False, timeout=20) as to_two,
        ):
            sending = (
                deliver(to_two if number % 2 else to_one, about_a_refund(f"re_{number}")) for number in range(150)
            )
            assert {answer.status_code for answer in await asyncio.gather(*sending)} == {200}
        # There are no such refunds, so every event is asked about and then done.
        await until(lambda: not unprocessed(hospital))

    asked = [each["path"] for each in sandbox.exchanges() if each["path"].startswith("/v1/refunds/re_")]
    assert len(asked) == len(set(asked)) == 150


async def test_when_the_leader_dies_the_other_one_takes_over(start_named, services, hospital, sandbox):
    with start_named("one") as one:
        await until(lambda: leader(hospital) is not None)
        first = leader(hospital)
        with start_named("two"):
            payment = await services.payments.begin(order_for(hospital, DUE, 12_000), hospital.cashier)
            await asyncio.to_thread(sandbox.pay_on_page, payment.page_url)
            one.stop(signal.SIGKILL)
            hospital.execute("UPDATE payment SET created_at = :earlier", earlier=now() - timedelta(minutes=2))

            # The dead one's lease has to run out first; most of it has passed.
            hospital.execute("UPDATE lease SET until = :soon", soon=now() + timedelta(seconds=4))
            await until(lambda: leader(hospital) not in (first, None), seconds=60)
            await until(lambda: not hospital.execute("SELECT id FROM payment WHERE state <> 'paid'"))

    assert (await services.payments.view(payment.id)).state is PaymentState.PAID
    assert await contradictions_in(services.database) == []


async def test_what_a_dead_companion_had_in_hand_is_done_by_the_other(start_named, services, hospital, sandbox):
    sandbox.order("troubles", path="/v1/refunds", latency_seconds=30.0)
    with start_named("one") as one:
        async with httpx.AsyncClient(base_url=one.url, trust_env=False, timeout=20) as client:
            await deliver(client, about_a_refund("re_1"))
        await until(lambda: hospital.execute("SELECT id FROM stripe_event WHERE due_at > received_at"))
        one.stop(signal.SIGKILL)
    with start_named("two"):
        await asyncio.sleep(1)
        assert len(unprocessed(hospital)) == 1

        hospital.execute("UPDATE stripe_event SET due_at = received_at")

        await until(lambda: not unprocessed(hospital))


async def test_a_companion_that_ends_leaves_the_lead_at_once(services, hospital):
    upkeep = Upkeep(services)
    async with upkeep.running():
        await until(lambda: leader(hospital) is not None)

    assert leader(hospital) is None
