"""The companion as a process: it starts, works by itself, ends cleanly, and refuses to start when it should."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import socket
import time
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from cashier.books.payment import Payment, PaymentState
from cashier.clock import now
from cashier.keychain import Secret
from tests.companion.conftest import deliver
from tests.companion.stripe_events import event
from tests.surroundings.orders import order_for
from tests.surroundings.processes import run

pytestmark = pytest.mark.both_databases


@pytest.fixture
def order(hospital):
    """An order to pay the whole of an invoice on Stripe's page."""
    return order_for(hospital)


async def is_paid(services, payment_id) -> bool:
    """Wait until the database says that the payment is paid, without asking Stripe."""
    with services.news.watch() as watch:
        for _ in range(50):
            if (await services.payments.view(payment_id)).state is PaymentState.PAID:
                return True
            await watch.wait(0.2)
    return False


async def test_a_payment_settles_through_the_webhook_alone(
    settings, secrets, sandbox, services, hospital, order, start_companion, stored_events
):
    secret = await asyncio.to_thread(sandbox.add_webhook_endpoint, f"{settings.companion.url}/stripe/webhook")
    secrets[Secret.WEBHOOK_SECRETS.variable] = secret
    with start_companion():
        payment = await services.payments.begin(order, hospital.cashier)

        await asyncio.to_thread(sandbox.pay_on_page, payment.page_url)

        assert await is_paid(services, order.payment_id)
    view = await services.payments.view(order.payment_id)
    assert view.receipt_number
    assert (view.card_brand, view.card_last_four) == ("visa", "4242")
    assert any(stored["payment_reference"] == str(order.payment_id) for stored in stored_events())


async def test_a_payment_whose_webhook_never_came_is_recovered(
    sandbox, services, hospital, order, start_companion, stored_events
):
    payment = await services.payments.begin(order, hospital.cashier)
    await asyncio.to_thread(sandbox.pay_on_page, payment.page_url)
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).values(created_at=now() - timedelta(minutes=2)))

    with start_companion():
        assert await is_paid(services, order.payment_id)


def test_it_does_not_start_where_payers_would_be_given_a_secret_key(settings, secrets, write_settings):
    key = "sk_test_payersmustnotseethis"
    environment = {**secrets, "CASHIER_STRIPE_PUBLISHABLE_KEY": key}

    done = run("companion", "--settings", str(write_settings(settings)), environment=environment)

    assert done.status == 2
    assert "publishable" in done.errors
    assert key not in done.errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_told_to(start_companion, number):
    # A browser that keeps its connection open must not hold the end up.
    with start_companion() as companion, httpx.Client(trust_env=False) as browser:
        browser.get(f"{companion.url}/health")
        began = time.monotonic()

        assert companion.stop(number) == 0

    assert time.monotonic() - began < 5
    assert "Traceback" not in companion.errors
    assert "Warning" not in companion.errors


async def test_an_end_in_the_middle_loses_nothing_that_was_answered(start_companion, stored_events):
    with start_companion() as companion:
        limits = httpx.Limits(max_connections=20)
        async with httpx.AsyncClient(base_url=companion.url, trust_env=False, limits=limits, timeout=15) as client:
            answered: list[str] = []
            enough = asyncio.Event()

            async def send() -> None:
                with contextlib.suppress(httpx.TransportError):
                    while True:
                        sent = event()
                        if (await deliver(client, sent)).status_code == 200:
                            answered.append(sent["id"])
                        if len(answered) >= 200:
                            enough.set()

            senders = [asyncio.create_task(send()) for _ in range(20)]
            await enough.wait()
            status = await asyncio.to_thread(companion.stop)
            await asyncio.gather(*senders)

    assert status == 0
    assert set(answered) <= {stored["id"] for stored in stored_events()}
    assert "Traceback" not in companion.errors


def test_what_was_stored_before_the_end_is_processed_after_the_next_start(start_companion, stored_events, hospital):
    moment = "2026-11-02 10:00:00"
    hospital.execute(
        "INSERT INTO stripe_event "
        "(id, type, object_id, api_version, livemode, created_at, received_at, due_at, attempts) "
        "VALUES ('evt_left', 'charge.updated', 'ch_1', '', false, :moment, :moment, :moment, 0)",
        moment=moment,
    )

    with start_companion():
        deadline = time.monotonic() + 10
        while stored_events()[0]["processed_at"] is None and time.monotonic() < deadline:
            time.sleep(0.05)

    assert stored_events()[0]["processed_at"] is not None


@pytest.fixture
def refused(settings, secrets, write_settings):
    """Run a companion that has to end by itself, and return what it said."""

    def start() -> str:
        done = run("companion", "--settings", str(write_settings(settings)), environment=secrets)
        assert done.status == 2
        assert done.output == ""
        assert "Traceback" not in done.errors
        return done.errors

    return start


def test_a_port_in_use_is_named(settings, refused):
    with socket.create_server(("127.0.0.1", settings.companion.port)):
        words = refused()

    assert f"cannot listen on 127.0.0.1:{settings.companion.port}: another program uses that port." in words
    assert "choose another port" in words


@pytest.mark.parametrize(
    ("change", "words", "remedy"),
    [
        ("UPDATE alembic_version SET version_num = '0000'", "older", "cashier migrate"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer", "Update Cashier"),
        ("DROP TABLE alembic_version", "no tables", "cashier migrate"),
    ],
)
def test_it_refuses_a_schema_that_is_not_its_own(hospital, refused, change, words, remedy):
    hospital.execute(change)

    said = refused()

    assert words in said
    assert remedy in said


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_it_refuses_a_database_that_it_cannot_write(hospital, secrets, refused):
    secrets["CASHIER_DATABASE_URL"] = f"sqlite:///file:{hospital.file}?mode=ro&uri=true"

    said = refused()

    assert "The database is read-only." in said
    assert "Give this account the right to write" in said


@pytest.mark.parametrize(
    ("secret", "value", "words"),
    [
        (Secret.WEBHOOK_SECRETS, "", "no webhook signing secret"),
        (Secret.WEBHOOK_SECRETS, "sk_test_wrong", "not in Stripe's form"),
        (Secret.STRIPE_KEY, "", "no Stripe key"),
        (Secret.STRIPE_KEY, "pk_test_wrong", "publishable"),
        (Secret.STRIPE_KEY, "sk_live_wrong", "live key"),
    ],
)
def test_it_refuses_to_start_without_good_secrets_and_never_says_them(secrets, refused, secret, value, words):
    secrets[secret.variable] = value

    said = refused()

    assert words in said
    assert not (value and value in said)


def test_the_log_file_holds_no_secret(settings, secrets, start_companion, tmp_path):
    with start_companion() as companion:
        companion.stop()

    written = companion.errors + (tmp_path / "data" / "logs" / "companion.log").read_text(encoding="utf-8")
    assert "companion ready" in written
    assert not re.search(r"whsec_\w|sk_test_\w", written)
