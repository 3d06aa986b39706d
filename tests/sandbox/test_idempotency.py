"""Repeats with the same key get the first answer."""

from __future__ import annotations

import asyncio
import uuid

FORM = {"amount": "1000", "currency": "eur"}
DECLINED = FORM | {
    "confirm": "true", "payment_method": "pm_card_chargeDeclined", "allowed_payment_method_types[]": "card"
}  # fmt: skip


async def test_a_repeat_gets_the_first_answer_and_makes_nothing(wire):
    key = uuid.uuid4().hex

    first = await wire.post("/v1/payment_intents", FORM, Idempotency_Key=key)
    again = await wire.post("/v1/payment_intents", FORM, Idempotency_Key=key)

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert again.headers["Request-Id"] != first.headers["Request-Id"]
    assert len((await wire.get("/v1/payment_intents")).body["data"]) == 1


async def test_a_decline_is_repeated_too(wire):
    key = uuid.uuid4().hex

    first = await wire.post("/v1/payment_intents", DECLINED, Idempotency_Key=key)
    again = await wire.post("/v1/payment_intents", DECLINED, Idempotency_Key=key)

    assert first.status == again.status == 402
    assert again.body == first.body
    assert len((await wire.get("/v1/charges")).body["data"]) == 1


async def test_a_key_belongs_to_its_parameters_and_path(wire):
    key = uuid.uuid4().hex
    await wire.post("/v1/payment_intents", FORM, Idempotency_Key=key)

    other_amount = await wire.post("/v1/payment_intents", FORM | {"amount": "2000"}, Idempotency_Key=key)
    other_path = await wire.post("/v1/customers", {}, Idempotency_Key=key)

    for answer in (other_amount, other_path):
        assert answer.status == 400
        assert answer.error["type"] == "idempotency_error"


async def test_a_refused_parameter_does_not_use_the_key_up(wire):
    key = uuid.uuid4().hex

    refused = await wire.post("/v1/payment_intents", {"amount": "1000"}, Idempotency_Key=key)
    corrected = await wire.post("/v1/payment_intents", FORM, Idempotency_Key=key)

    assert refused.status == 400
    assert corrected.status == 200
    assert "Idempotent-Replayed" not in corrected.headers


async def test_keys_are_apart_for_each_api_key(wire):
    key = uuid.uuid4().hex

    first = await wire.post("/v1/customers", {}, Idempotency_Key=key)
    other = await wire.post("/v1/customers", {}, Idempotency_Key=key, Authorization="Bearer sk_test_someoneelse9")

    assert first.body["id"] != other.body["id"]


async def test_a_key_is_forgotten_after_a_day(unlogged):
    key = uuid.uuid4().hex
    first = await unlogged.post("/v1/customers", {}, Idempotency_Key=key)
    await unlogged.control("clock", {"advance_seconds": 24 * 3600 + 1})

    later = await unlogged.post("/v1/customers", {}, Idempotency_Key=key)

    assert later.body["id"] != first.body["id"]


async def test_two_at_the_same_time_are_not_both_done(wire):
    key = uuid.uuid4().hex
    await wire.control("troubles", {"path": "/v1/customers", "latency_seconds": 0.3})

    answers = await asyncio.gather(*(wire.post("/v1/customers", {}, Idempotency_Key=key) for _ in range(2)))

    assert sorted(answer.status for answer in answers) == [200, 409]
    [refused] = [answer for answer in answers if answer.status == 409]
    assert refused.error["code"] == "idempotency_key_in_use"


async def test_an_answer_that_was_lost_can_be_had_again(unlogged):
    key = uuid.uuid4().hex
    await unlogged.control("troubles", {"path": "/v1/customers", "status": 500, "when": "after"})

    lost = await unlogged.post("/v1/customers", {}, Idempotency_Key=key)
    again = await unlogged.post("/v1/customers", {}, Idempotency_Key=key)

    assert lost.status == 500
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len((await unlogged.get("/v1/customers")).body["data"]) == 1


async def test_a_key_has_at_most_255_characters(wire):
    assert (await wire.post("/v1/customers", {}, Idempotency_Key="k" * 256)).status == 400


async def test_a_post_without_a_key_works(wire):
    assert (await wire.post("/v1/customers", {}, Idempotency_Key="")).status == 200
