"""What is taken in at the webhook's door, and what is not."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from cashier.companion import connections
from cashier.companion.intake import EventIntake
from cashier.companion.webhook import BODY_MAX_BYTES
from cashier.stripe_gateway.webhooks import read_event
from tests.companion.conftest import ROLLED_SECRET, SECRET, deliver
from tests.companion.stripe_events import body_of, event, signature

pytestmark = pytest.mark.both_databases


async def test_a_signed_event_is_stored_before_it_is_answered(companion, stored_events):
    sent = event()

    answer = await deliver(companion, sent)

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    (stored,) = stored_events()
    assert (stored["id"], stored["type"], stored["object_id"]) == (sent["id"], sent["type"], "pi_somebodyelses")


async def test_an_event_that_comes_twice_is_stored_once_and_answered_twice(companion, stored_events):
    sent = event()

    answers = await asyncio.gather(*(deliver(companion, sent) for _ in range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert len(stored_events()) == 1


@pytest.mark.parametrize("secret", [SECRET, ROLLED_SECRET])
async def test_each_of_several_secrets_counts_while_one_is_rolled(companion, stored_events, secret):
    answer = await deliver(companion, event(), secret=secret)

    assert answer.status_code == 200
    assert len(stored_events()) == 1


async def test_one_of_two_signatures_is_enough_while_stripe_rolls(companion):
    body = body_of(event())
    header = signature(body, "whsec_unknown0003", SECRET)

    answer = await companion.post("/stripe/webhook", content=body, headers={"Stripe-Signature": header})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "not signed"),
        ("v1=00", "no timestamp"),
        ("t=NOW", "does not match"),
        ("t=NOW,v1=00", "does not match"),
        ("t=99999999999999999999,v1=00", "no timestamp"),
        ("t=NOW,t=NOW,v1=00", "more than one timestamp"),
        ("t=١٢٣,v1=00", "no timestamp"),
        ("t=NOW,v1=é,v1=", "does not match"),
        ("t,=,v1,,t=NOW", "more than one timestamp"),
    ],
)
async def test_a_webhook_that_is_not_signed_by_stripe_is_refused(companion, stored_events, header, reason):
    headers = {} if header is None else {"Stripe-Signature": header.replace("NOW", str(int(time.time()))).encode()}

    answer = await companion.post("/stripe/webhook", content=body_of(event()), headers=headers)

    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert stored_events() == []


async def test_two_signatures_of_which_one_is_good_are_refused(companion, stored_events):
    body = body_of(event())
    headers = [("Stripe-Signature", signature(body, SECRET)), ("Stripe-Signature", "t=1,v1=00")]

    answer = await companion.post("/stripe/webhook", content=body, headers=headers)

    assert (answer.status_code, "more than one" in answer.json()["error"]) == (400, True)
    assert stored_events() == []


async def test_a_signature_of_another_body_is_refused(companion, stored_events):
    header = signature(body_of(event()), SECRET)

    answer = await companion.post(
        "/stripe/webhook", content=body_of(event(type="refund.created")), headers={"Stripe-Signature": header}
    )

    assert answer.status_code == 400
    assert stored_events() == []


@pytest.mark.parametrize("seconds", [-310, 310], ids=["old", "future"])
async def test_a_timestamp_more_than_five_minutes_away_is_refused(companion, stored_events, seconds):
    answer = await deliver(companion, event(), at=time.time() + seconds)

    assert answer.status_code == 400
    assert "five minutes" in answer.json()["error"]
    assert stored_events() == []


@pytest.mark.parametrize("seconds", [-290, 290], ids=["old", "future"])
async def test_a_clock_that_is_a_little_off_does_no_harm(companion, seconds):
    answer = await deliver(companion, event(), at=time.time() + seconds)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"id": "evt_1"}',
        body_of(event(id=17)),
        body_of(event(created="soon")),
        body_of(event(data=None)),
        body_of(event(id="evt_" + "x" * 100)),
        body_of(event(id="evt_\0")),
        b"[" * 100_000,
    ],
)
async def test_a_body_that_is_no_event_is_refused(companion, stored_events, body):
    answer = await deliver(companion, body)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert stored_events() == []


@pytest.mark.parametrize("honest", [True, False], ids=["length told", "in chunks"])
async def test_a_body_that_is_too_large_is_refused(companion, stored_events, honest):
    body = body_of(event(padding="x" * BODY_MAX_BYTES))

    async def chunks() -> AsyncIterator[bytes]:
        yield body

    content = body if honest else chunks()
    answer = await companion.post(
        "/stripe/webhook", content=content, headers={"Stripe-Signature": signature(body, SECRET)}
    )

    assert answer.status_code == 413
    assert "at most" in answer.json()["error"]
    assert stored_events() == []


async def test_an_event_of_an_unknown_type_is_stored(companion, stored_events):
    answer = await deliver(companion, event(type="moon.eclipsed", data={"object": {"object": "moon"}}))

    assert answer.status_code == 200
    assert [stored["type"] for stored in stored_events()] == ["moon.eclipsed"]


async def test_an_event_of_another_api_version_is_stored_and_noted(companion, stored_events, caplog):
    answer = await deliver(companion, event(api_version="2019-02-19"))

    assert answer.status_code == 200
    assert [stored["api_version"] for stored in stored_events()] == ["2019-02-19"]
    assert "webhook of another API version" in caplog.messages


async def test_an_event_of_live_mode_is_refused_in_test_mode(companion, stored_events):
    answer = await deliver(companion, event(livemode=True))

    assert answer.status_code == 400
    assert "live mode" in answer.json()["error"]
    assert stored_events() == []


async def test_two_hundred_webhooks_at_once_are_all_stored(companion, stored_events):
    sent = [event() for _ in range(200)]

    answers = await asyncio.gather(*(deliver(companion, each) for each in sent))

    assert {answer.status_code for answer in answers} == {200}
    assert {stored["id"] for stored in stored_events()} == {each["id"] for each in sent}


async def test_what_arrives_during_one_commit_goes_into_the_next(services, stored_events):
    committed: list[int] = []
    intake = EventIntake(services.inbox, stored=lambda: committed.append(len(stored_events())))
    notices = [read_event(body_of(event())) for _ in range(150)]

    await asyncio.gather(*(intake.store(notice) for notice in notices))

    assert committed[-1] == 150
    assert len(committed) <= 2


@pytest.mark.logs("webhook not stored")
async def test_stripe_is_told_to_send_again_what_could_not_be_stored(companion, hospital, stored_events):
    sent = event()
    await asyncio.to_thread(hospital.execute, "ALTER TABLE stripe_event RENAME TO away")

    refused = await deliver(companion, sent)

    await asyncio.to_thread(hospital.execute, "ALTER TABLE away RENAME TO stripe_event")
    stored = await deliver(companion, sent)

    assert refused.status_code == 500
    assert stored.status_code == 200
    assert [each["id"] for each in stored_events()] == [sent["id"]]


async def test_a_caller_who_hangs_up_harms_nobody(companion, stored_events):
    body = body_of(event())
    header = signature(body, SECRET)
    lines = [
        "POST /stripe/webhook HTTP/1.1",
        "Host: x",
        f"Stripe-Signature: {header}",
        f"Content-Length: {len(body)}",
    ]
    head = "\r\n".join([*lines, "", ""]).encode()
    for part in (head[:40], head + body[:50], head + body):
        _reader, writer = await asyncio.open_connection("127.0.0.1", companion.base_url.port)
        writer.write(part)
        await writer.drain()
        writer.transport.abort()

    answer = await deliver(companion, event())

    assert answer.status_code == 200


async def test_only_posting_is_possible(companion):
    answer = await companion.get("/stripe/webhook")

    assert answer.status_code == 405


async def test_the_log_holds_no_query_and_no_body(companion, caplog, monkeypatch):
    monkeypatch.setattr(connections, "_SLOW_SECONDS", 60.0)
    caplog.set_level(logging.INFO)

    await companion.get("/stripe/webhook?token=verysecret")
    await deliver(companion, event(type="moon.eclipsed"))
    await deliver(companion, event(type="moon.eclipsed"), secret="whsec_unknown0003")

    lines = [json.dumps(vars(record), default=str) for record in caplog.records if record.name.startswith("cashier")]
    answered = [line for line in lines if '"address": "/stripe/webhook"' in line]
    assert len(answered) == 1, "an event that was stored at once needs no line"
    assert not any("verysecret" in line or "moon.eclipsed" in line for line in lines)


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_an_unforeseen_failure_is_answered_500_with_a_reference(companion: httpx.AsyncClient, hospital, caplog):
    # A row that the program cannot have written: the date is none.
    await asyncio.to_thread(
        hospital.execute,
        "INSERT INTO stripe_event "
        "(id, type, object_id, api_version, livemode, created_at, received_at, processed_at, due_at, attempts) "
        "VALUES ('evt_x', 'x', '', '', 0, 'never', 'never', 'never', 'never', 0)",
    )

    answer = await companion.get("/health")

    assert answer.status_code == 500
    assert "(" in answer.json()["error"]
    assert "unexpected" in caplog.messages
