"""``GET /metrics``: what happens is counted, nobody is named, and not everybody reads it."""

from __future__ import annotations

import re

import httpx
import msgspec
import pytest

from cashier.companion.metrics.exposition import MEDIA_TYPE
from cashier.companion.server import running
from cashier.errors import Misconfigured
from cashier.keychain import Keychain, Secret
from cashier.tenders.tender import Tender
from tests.companion.metrics.reading import Series, read
from tests.surroundings.orders import order_for
from tests.surroundings.plain_http import PLAIN
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

TOKEN = "0123456789abcdefghij"


def value(found: dict[Series, float], name: str, **labels: str) -> float:
    return found[name, frozenset(labels.items())]


@pytest.fixture
def running_with(settings, secrets):
    """Run a companion whose figures are for ``metrics``."""

    def run(metrics, **more):
        companion = msgspec.structs.replace(settings.companion, metrics=metrics)
        return running(msgspec.structs.replace(settings, companion=companion), Keychain({**secrets, **more}))

    return run


def client_at(address) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, trust_env=False, verify=PLAIN, timeout=20)


@pytest.mark.both_databases
async def test_what_happens_is_counted_and_nobody_is_named(companion, services, hospital):
    await services.endpoints.add("hmis", "http://127.0.0.1:9/", hospital.administrator)
    before = read((await companion.get("/metrics")).text)
    paid = order_for(hospital, DUE, 1_000, tender=Tender.CHEQUE, reference="C1")
    await services.payments.begin(paid, hospital.cashier)
    given_up = await services.payments.begin(order_for(hospital, DUE_OF_OTHER_PATIENT, 500), hospital.cashier)
    await services.payments.cancel(given_up.id, hospital.cashier)
    await services.payments.begin(order_for(hospital, DUE_OF_OTHER_PATIENT, 600), hospital.cashier)
    await companion.get(f"/api/v1/invoices/{DUE}")
    answer = await companion.get("/metrics")
    found = read(answer.text)

    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert value(before, "cashier_database_up") == value(found, "cashier_stripe_up") == 1
    assert ("cashier_events_total", frozenset({("type", "payment.settled"), ("tender", "cheque")})) not in before
    assert value(found, "cashier_events_total", type="payment.settled", tender="cheque") == 1
    assert value(found, "cashier_payment_failures_total", reason="none") == 1
    assert value(found, "cashier_payments_unfinished", state="open", tender="checkout") == 1
    assert value(found, "cashier_outgoing_events_waiting", endpoint="hmis") >= 1
    assert value(found, "cashier_endpoint_on", endpoint="hmis") == 1
    address = {"address": "/api/v1/invoices/{number}", "method": "GET", "status": "401"}
    assert value(found, "cashier_http_answers_total", **address) == 1
    assert not re.search("INV-|MRN-|Núñez|Dvo", answer.text)


async def test_who_is_not_on_this_machine_reads_nothing(companion):
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert (await companion.get("/metrics", headers={name: "127.0.0.1"})).status_code == 403


async def test_with_a_token_only_who_shows_it_reads(running_with):
    async with (
        running_with("token", **{Secret.METRICS_TOKEN.variable: TOKEN}) as address,
        client_at(address) as client,
    ):
        assert (await client.get("/metrics")).status_code == 403
        for shown in (TOKEN[:-1], f"{TOKEN}x", "ö"):
            headers = {b"Authorization": f"Bearer {shown}".encode()}
            assert (await client.get("/metrics", headers=headers)).status_code == 403
        assert (await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})).status_code == 200


@pytest.mark.parametrize("token", ["", "short", "with a\nline break in it"])
async def test_a_token_that_is_not_good_stops_the_start(running_with, token):
    with pytest.raises(Misconfigured, match="no good token"):
        async with running_with("token", **{Secret.METRICS_TOKEN.variable: token}):
            pass


async def test_switched_off_there_are_no_figures(running_with):
    async with running_with("off") as address, client_at(address) as client:
        assert (await client.get("/metrics")).status_code == 404


@pytest.mark.logs("round failed")
async def test_a_companion_without_its_database_lives_and_is_not_ready(companion, services, hospital):
    assert (await companion.get("/health/ready")).json() == {"status": "ok", "problem": None}
    hospital.file.rename(hospital.file.with_suffix(".away"))
    try:
        answers = [await companion.get(f"/health/{path}") for path in ("live", "ready")]
        while answers[1].status_code == 200:
            answers[1] = await companion.get("/health/ready")
        found = read((await companion.get("/metrics")).text)
    finally:
        hospital.file.with_suffix(".away").rename(hospital.file)

    assert [each.status_code for each in answers] == [200, 503]
    assert value(found, "cashier_database_up") == 0
    assert not any(name == "cashier_payments_unfinished" for name, _labels in found)


async def test_an_answer_names_what_its_lines_in_the_log_are_found_by(companion, caplog):
    caplog.set_level("INFO")
    references = {(await companion.get("/api/v1/changes")).headers["X-Request-Id"] for _ in range(2)}

    answered = [record for record in caplog.records if record.getMessage() == "answered"]
    assert len(references) == 2
    assert {record.__dict__["request"] for record in answered} == references
