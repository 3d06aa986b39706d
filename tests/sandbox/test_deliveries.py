"""Webhooks: signed, repeated until they arrive, and never in the way."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.sandbox.conftest import Wire


async def _endpoint(client: stripe.StripeClient, url: str) -> Any:
    return await client.v1.webhook_endpoints.create_async({"url": url, "enabled_events": ["customer.created"]})


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in the sandbox, which has no such signal
            await asyncio.sleep(0.01)


async def test_a_webhook_carries_the_event_and_a_signature_the_sdk_accepts(client, hook, sandbox):
    endpoint = await _endpoint(client, hook.url)

    customer = await client.v1.customers.create_async({})
    await client.v1.customers.update_async(customer.id, {"name": "not wanted here"})
    await sandbox.deliveries.settled()

    [webhook] = hook.received
    event = stripe.Webhook.construct_event(webhook.body, webhook.signature, endpoint.secret)
    assert event.data.object.id == customer.id
    assert event.request.id.startswith("req_")
    stored = await client.v1.events.retrieve_async(event.id)
    assert stored.pending_webhooks == 0


async def test_the_secret_is_told_once(client, hook):
    endpoint = await _endpoint(client, hook.url)
    again = await client.v1.webhook_endpoints.retrieve_async(endpoint.id)

    assert endpoint.secret.startswith("whsec_")
    assert "secret" not in again.to_dict()


async def test_a_refused_webhook_is_sent_again_until_it_arrives(client, hook, sandbox):
    await _endpoint(client, hook.url)
    hook.status = 500
    await client.v1.customers.create_async({})
    await _until(lambda: len(hook.received) >= 2)
    pending = await client.v1.events.list_async({"delivery_success": False})

    hook.status = 200
    count = len(hook.received)
    await _until(lambda: len(hook.received) > count)
    await sandbox.deliveries.settled()

    assert len(pending.data) == 1
    assert (await client.v1.events.list_async({"delivery_success": False})).data == []
    assert len({json.loads(webhook.body)["id"] for webhook in hook.received}) == 1


async def test_after_three_days_the_sandbox_gives_up(client, hook, sandbox, wire):
    await _endpoint(client, hook.url)
    hook.status = 500
    await client.v1.customers.create_async({})
    await sandbox.deliveries.settled()

    await wire.control("clock", {"advance_seconds": 4 * 24 * 3600})
    await sandbox.deliveries.settled()

    [delivery] = (await _deliveries(wire))["deliveries"]
    assert delivery["state"] == "failed"


async def _deliveries(wire: Wire) -> Any:
    async with wire.session.get(f"{wire.url}/_sandbox/deliveries") as answer:
        return await answer.json()


async def test_a_dead_endpoint_holds_up_neither_the_api_nor_the_others(client, hook, sandbox):
    with socket.create_server(("127.0.0.1", 0)) as never_answers:
        await _endpoint(client, f"http://127.0.0.1:{never_answers.getsockname()[1]}/dead")
        await _endpoint(client, hook.url)
        started = time.monotonic()

        for _ in range(20):
            await client.v1.customers.create_async({})
        await _until(lambda: len(hook.received) == 20)

        assert time.monotonic() - started < 5


async def test_both_secrets_sign_while_one_is_rolled(client, hook, sandbox, wire):
    endpoint = await _endpoint(client, hook.url)
    rolled = await wire.control("secrets", {"endpoint": endpoint.id, "overlap_seconds": 3600})

    await client.v1.customers.create_async({})
    await sandbox.deliveries.settled()

    [webhook] = hook.received
    for secret in (endpoint.secret, rolled["secret"]):
        assert stripe.Webhook.construct_event(webhook.body, webhook.signature, secret)


async def test_paused_webhooks_wait(client, hook, sandbox, wire):
    await _endpoint(client, hook.url)
    await wire.control("deliveries", {"paused": True})
    await client.v1.customers.create_async({})
    await asyncio.sleep(0.1)
    assert hook.received == []

    await wire.control("deliveries", {"paused": False})
    await _until(lambda: len(hook.received) == 1)


async def test_a_disabled_or_deleted_endpoint_gets_nothing(client, hook, sandbox):
    disabled = await _endpoint(client, hook.url)
    await client.v1.webhook_endpoints.update_async(disabled.id, {"disabled": True})
    deleted = await _endpoint(client, hook.url)
    await client.v1.webhook_endpoints.delete_async(deleted.id)

    await client.v1.customers.create_async({})
    await sandbox.deliveries.settled()

    assert hook.received == []
    assert [endpoint.id for endpoint in (await client.v1.webhook_endpoints.list_async()).data] == [disabled.id]


async def test_an_address_without_a_scheme_is_refused(client):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await _endpoint(client, "hospital.example/hook")

    assert refusal.value.code == "url_invalid"
