"""``GET /health`` tells the truth quickly, and cannot be used to hammer Stripe."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import time
from datetime import timedelta

import httpx
import msgspec
import pytest
import sqlalchemy as sa
from aiohttp.test_utils import make_mocked_request

from cashier import __version__
from cashier.books.schema.revision import SCHEMA_REVISION
from cashier.clock import now
from cashier.companion.health import Health
from cashier.companion.server import running
from cashier.tenders.tender import Tender
from tests.companion.conftest import deliver
from tests.companion.stripe_events import event
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases


async def test_a_healthy_companion_says_so(companion):
    answer = await companion.get("/health")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "version": __version__,
        "schema": SCHEMA_REVISION,
        "mode": "test",
        "database": {"ok": True, "problem": None},
        "stripe": {"ok": True, "problem": None},
        "certificate": None,
        "clock_off_seconds": 0,
        "events": {"waiting": 0, "last_received_at": None},
        "unfinished_payments": 0,
        "last_sweep_at": answer.json()["last_sweep_at"],
        "last_comparison_at": answer.json()["last_comparison_at"],
        "open_differences": 0,
        "unconfirmed": 0,
        "left_out": answer.json()["left_out"],
        "outgoing_events": {},
        "unsettled_messages": 0,
    }


async def test_the_last_event_and_the_backlog_are_told(companion):
    await deliver(companion, event())

    events = (await companion.get("/health")).json()["events"]

    assert events["last_received_at"].endswith("+00:00")
    assert events["waiting"] in (0, 1)


async def test_asking_often_asks_stripe_once(companion, sandbox):
    answers = await asyncio.gather(*(companion.get("/health") for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert len([each for each in sandbox.exchanges() if each["path"] == "/v1/events?limit=1"]) == 1


async def test_without_stripe_webhooks_are_still_wanted(settings, keychain, free_port):
    nobody_there = msgspec.structs.replace(settings.stripe, api_base="http://127.0.0.1:9")
    settings = msgspec.structs.replace(settings, stripe=nobody_there)

    async with running(settings, keychain) as address, httpx.AsyncClient(base_url=address, trust_env=False) as client:
        answer = await client.get("/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["stripe"] == {"ok": False, "problem": "Stripe does not answer."}


async def test_a_stripe_that_hangs_does_not_make_health_hang(companion, sandbox):
    sandbox.order("troubles", path="/v1/events", latency_seconds=8.0)
    began = time.monotonic()

    answer = await companion.get("/health")

    assert time.monotonic() - began < 5
    assert answer.json()["status"] == "degraded"


async def test_a_key_that_stripe_refuses_is_told(companion, sandbox):
    sandbox.order("troubles", path="/v1/events", status=401)

    stripe = (await companion.get("/health")).json()["stripe"]

    assert stripe == {"ok": False, "problem": "Stripe does not accept our key."}


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_database_that_became_read_only_makes_webhooks_go_elsewhere(services):
    @sa.event.listens_for(services.database.engine.sync_engine, "checkout")
    def take_the_right_to_write(connection, _record, _proxy):
        connection.cursor().execute("PRAGMA query_only = ON")

    answer = await Health(services).answer(make_mocked_request("GET", "/health"))

    told = msgspec.json.decode(answer.text or "")
    assert answer.status == 503
    assert told["database"] == {"ok": False, "problem": "The database is read-only."}


async def test_without_the_database_webhooks_have_to_go_elsewhere(companion, hospital):
    await asyncio.to_thread(hospital.execute, "ALTER TABLE stripe_event RENAME TO away")

    answer = await companion.get("/health")

    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert answer.json()["database"]["problem"]


async def test_a_disk_that_is_nearly_full_is_told_and_webhooks_are_still_wanted(settings, keychain, database_kind):
    wants_more = msgspec.structs.replace(settings.database, free_megabytes_min=1_000_000_000)
    settings = msgspec.structs.replace(settings, database=wants_more)

    async with running(settings, keychain) as address, httpx.AsyncClient(base_url=address, trust_env=False) as client:
        answer = await client.get("/health")

    assert answer.status_code == 200
    if database_kind == "sqlite":
        assert answer.json()["status"] == "degraded"
        assert "nearly full" in answer.json()["database"]["problem"]
    else:
        assert answer.json()["status"] == "ok"


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_damaged_file_is_found_before_somebody_pays(settings, keychain, hospital):
    with contextlib.closing(sqlite3.connect(hospital.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'saved_card'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with hospital.file.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(os.urandom(size))

    async with running(settings, keychain) as address, httpx.AsyncClient(base_url=address, trust_env=False) as client:
        answer = await client.get("/health")

    assert answer.status_code == 503
    assert "damaged" in answer.json()["database"]["problem"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_events_that_do_not_get_to_another_system_are_told(services, hospital):
    await services.sweep.run()
    await services.reconciliation.compare(now() - timedelta(hours=1), now())
    await services.endpoints.add("hmis", "http://127.0.0.1:9/", hospital.administrator)
    order = order_for(hospital, tender=Tender.CHEQUE, reference="C1")
    await services.payments.begin(order, hospital.cashier)
    await services.outbox.changes(after=0, limit=1)

    async def told(statement="SELECT 1"):
        hospital.execute(statement)
        database, _stripe = await Health(services).parts()
        return str(database["remark"]), database["outgoing_events"]["hmis"]["waiting"]

    assert await told() == ("None", 2)
    given_up = "UPDATE outgoing_delivery SET state = 'given_up' WHERE event_number = 1"
    assert await told(given_up) == ("An event for hmis was given up.", 1)
    gone = "UPDATE outgoing_endpoint SET off_at = '2026-11-23 00:00:00.000000', off_reason = 'gone'"
    assert await told(gone) == ("hmis answered that it wants no more events, and gets none.", 1)


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_rounds_that_did_not_end_for_long_are_told(services, hospital):
    never, _stripe = await Health(services, started_at=now() - timedelta(minutes=31)).parts()
    await services.sweep.run()
    never_compared, _stripe = await Health(services, started_at=now() - timedelta(hours=4)).parts()
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

    assert str(never["remark"]) == "Missed events of Stripe's were never looked for, in 31 minutes."
    assert str(never_compared["remark"]) == "The books were never compared with Stripe's, in 240 minutes."
    assert never["left_out"] is None
    assert compared["left_out"] == {"charges": 0, "disputes": 0, "set_aside": 0}
    assert str(swept["remark"]) == "Missed events of Stripe's were last looked for 40 minutes ago."
    assert str(compared["remark"]) == "The books were last compared with Stripe's 300 minutes ago."
