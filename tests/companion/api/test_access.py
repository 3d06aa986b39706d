"""Who may call: a key that counts, with the right scope, not too often, from pages that are allowed."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from cashier.assembly import open_services
from cashier.books.api_client import Scope
from cashier.companion.api.access import RateLimit
from cashier.companion.api.problems import Problem
from cashier.companion.api.table import OPERATIONS
from cashier.companion.server import running
from tests.companion.api.conftest import PORTAL, STRIPE, Caller
from tests.surroundings.sample_hospital import DUE

NOTHING = {"invoice_id": DUE, "payment_intent_id": "pi_1", "note": "x"}


def address(operation) -> str:
    return str(operation.path).replace("{id}", "pi_1").replace("{number}", DUE)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_nothing_is_done_without_a_key_or_without_the_scope(companion, make_key, sandbox, operation):
    others = [scope for scope in Scope if scope is not operation.scope]
    key = await make_key(*others)

    for sent in ({}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer cashier_test_x"}):
        answer = await companion.request(operation.method, address(operation), headers=sent)
        assert (answer.status_code, answer.json()["type"]) == (401, "/api/v1/problems/unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    answer = await companion.request(
        operation.method, address(operation), headers={"Authorization": f"Bearer {key}"}, json=NOTHING
    )
    assert (answer.status_code, answer.json()["type"]) == (403, "/api/v1/problems/forbidden")
    assert operation.scope in answer.json()["detail"]


async def test_a_key_that_was_ended_counts_no_more_at_once(portal, settings, keychain, hospital):
    assert (await portal("GET", f"/api/v1/invoices/{DUE}")).status_code == 200
    async with open_services(settings, keychain) as services:
        await services.clients.end("Patient portal", hospital.administrator)

    assert (await portal("GET", f"/api/v1/invoices/{DUE}")).status_code == 401


def test_a_caller_has_a_burst_and_then_its_share():
    present = [0.0]
    limit = RateLimit(per_minute=60, burst=5, clock=lambda: present[0])
    for _ in range(5):
        limit.take("portal")
    with pytest.raises(Problem) as refused:
        limit.take("portal")
    assert refused.value.headers["Retry-After"] == "1"
    limit.take("hmis")
    present[0] += 1.0
    limit.take("portal")
    with pytest.raises(Problem):
        limit.take("portal")
    present[0] += 3600
    for _ in range(5):
        limit.take("portal")
    with pytest.raises(Problem):
        limit.take("portal")


async def test_too_many_requests_are_told_when_to_come_back(settings, keychain, make_key, sandbox):
    few = msgspec.structs.replace(
        settings, companion=msgspec.structs.replace(settings.companion, requests_per_minute=6)
    )
    key = await make_key()
    async with running(few, keychain) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        caller = Caller(http=http, key=key)
        answers = [await caller("GET", f"/api/v1/invoices/{DUE}") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 429, 429]
    assert 1 <= int(answers[1].headers["Retry-After"]) <= 11


async def test_pages_of_allowed_origins_may_call_and_no_others(portal, companion):
    asked = {"Origin": PORTAL, "Access-Control-Request-Method": "POST"}
    allowed = await companion.options(f"{STRIPE}/payment-intents", headers=asked)
    refused = await companion.options(
        f"{STRIPE}/payment-intents", headers={**asked, "Origin": "https://evil.example"}
    )

    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (204, PORTAL)
    assert "Idempotency-Key" in allowed.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in refused.headers
    answer = await portal("GET", f"/api/v1/invoices/{DUE}", headers={"Origin": PORTAL})
    assert answer.headers["Access-Control-Allow-Origin"] == PORTAL
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/nowhere", 404), ("PUT", f"{STRIPE}/refunds", 405), ("PATCH", f"/api/v1/invoices/{DUE}", 405)],
)
async def test_an_address_that_is_not_there_is_a_problem_too(portal, method, path, status):
    answer = await portal(method, path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert status != 405 or answer.headers["Allow"]


@pytest.mark.parametrize(
    ("sent", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"invoice_id": "A", "invoice_id": "B"}', "application/json", 400),
        (b'{"amount": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 413),
        (b"[" * 50_000, "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"[]", "application/json", 422),
        (b'"' + b"x" * 70_000 + b'"', "application/json", 413),
    ],
)
async def test_what_cannot_be_read_is_refused_and_nothing_of_it_is_repeated(portal, sent, content_type, status):
    answer = await portal.http.post(
        f"{STRIPE}/payment-intents",
        content=sent,
        headers={"Authorization": f"Bearer {portal.key}", "Content-Type": content_type},
    )

    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
