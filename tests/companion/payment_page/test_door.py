"""Who gets at the page: somebody with a link that holds; nobody else learns anything, also not from the log."""

from __future__ import annotations

import uuid
from datetime import timedelta

import httpx
import msgspec
import pytest

from cashier.assembly import open_services
from cashier.books.api_client import Scope
from cashier.companion.server import running
from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.payment_page.secrets_of_links import make_secret
from tests.companion.payment_page.conftest import PORTAL_CLIENT, Browser
from tests.invoices.arriving import an_invoice
from tests.surroundings.sample_hospital import CANCELLED, DUE, DUE_OF_OTHER_PATIENT, TINY

pytestmark = pytest.mark.both_databases


async def test_links_that_cannot_be_used_are_answered_alike_whatever_the_reason(
    browser, link, services, hospital, companion
):
    other = await services.payment_links.make(
        hospital.invoice_ids[DUE_OF_OTHER_PATIENT], hospital.cashier, lifetime=timedelta(milliseconds=1)
    )
    cancelled = await services.payment_links.make(hospital.invoice_ids[DUE_OF_OTHER_PATIENT], hospital.cashier)
    patient = {"record_number": "MRN-0000102", "patient_name": "Björn Dvořák"}
    await take_in(services.database, [an_invoice(DUE_OF_OTHER_PATIENT, **patient, cancelled=True)])
    await services.payment_links.end(link.id, hospital.cashier)
    paths = [
        browser.path,
        httpx.URL(other.url).path,
        httpx.URL(cancelled.url).path,
        f"/pay/{make_secret()}",
        f"{browser.path}x",
        "/pay/INV-2026-000001",
        "/pay/%00",
    ]

    shown = {(answer.status_code, answer.text) for answer in [await companion.get(path) for path in paths]}
    asked = set()
    for path in paths:
        for verb, body in (
            ("begin", {"attempt": str(uuid.uuid4()), "amount": 1, "currency": "EUR"}),
            ("check", {}),
            ("cancel", {}),
        ):
            answer = await companion.post(f"{path}/{verb}", json=body)
            asked.add((answer.status_code, answer.text))
    papers = {(await companion.get(f"{path}/receipt")).status_code for path in paths}

    assert len(shown) == 1
    assert shown.pop()[0] == 404
    assert len(asked) == 1
    assert asked.pop()[0] == 404
    assert papers == {404}


async def test_guessing_is_slowed_down_and_does_not_shut_out_who_has_a_link(settings, keychain, hospital, sandbox):
    companion = msgspec.structs.replace(settings.companion, requests_per_minute=600)
    limited = msgspec.structs.replace(settings, companion=companion)
    async with open_services(limited, keychain) as services:
        await services.clients.add(PORTAL_CLIENT, "WEB", tuple(Scope), hospital.administrator)
        link = await services.payment_links.make(hospital.invoice_ids[DUE], hospital.cashier)
    async with (
        running(limited, keychain) as address,
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=20) as http,
    ):
        answers = [await http.get(f"/pay/{make_secret()}") for _ in range(40)]
        mine = await http.get(httpx.URL(link.url).path)
        again = [await http.get(httpx.URL(link.url).path) for _ in range(60)]

    assert {answer.status_code for answer in answers} == {404, 429}
    assert answers[-1].headers["Retry-After"]
    assert mine.status_code == 200
    assert again[-1].status_code == 429


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_what_another_site_sends_is_refused(browser, hospital, headers):
    body = {"attempt": browser.attempt, "amount": 12_000, "currency": "EUR"}
    answer = await browser.http.post(f"{browser.path}/begin", json=body, headers=headers)

    assert answer.status_code == 403
    assert not any(name.lower().startswith("access-control") for name in answer.headers)
    assert hospital.execute("SELECT * FROM payment") == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"attempt": "x", "amount": 1, "currency": "EUR"}', "application/json", 422),
        (
            b'{"attempt": "8b1e7b9e-1f7e-4f4a-9a0e-6d1d5e0c1a11", "amount": "1", "currency": "EUR"}',
            "application/json",
            422,
        ),
        (
            b'{"attempt": "8b1e7b9e-1f7e-4f4a-9a0e-6d1d5e0c1a11", "amount": 1, "currency": "QQQ"}',
            "application/json",
            409,
        ),
        (b"attempt=1", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 5000, "application/json", 413),
    ],
)
async def test_what_the_script_would_never_send_is_refused(browser, hospital, content, kind, status):
    answer = await browser.http.post(f"{browser.path}/begin", content=content, headers={"Content-Type": kind})

    assert answer.status_code == status, answer.text
    assert answer.json()["message"]
    assert hospital.execute("SELECT * FROM payment") == []


async def test_a_payment_of_somebody_else_cannot_be_named(browser, services, hospital):
    theirs = await services.payment_links.make(hospital.invoice_ids[DUE_OF_OTHER_PATIENT], hospital.cashier)
    other = Browser(http=browser.http, sandbox=browser.sandbox, path=httpx.URL(theirs.url).path)
    begun = await other.begin(8_000)
    (payment,) = hospital.execute("SELECT id FROM payment")

    for attempt in (other.attempt, str(uuid.UUID(str(payment["id"])))):
        browser.attempt = attempt
        mine = await browser.begin()
        assert mine.json()["client_secret"] != begun.json()["client_secret"]
        await browser.ask("cancel")
    assert (await other.ask("check"))["state"] == "open"


async def test_browsers_are_told_to_load_nothing_else_and_tell_nobody(browser, sandbox):
    page = await browser.http.get(browser.path)

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"script-src 'self' {sandbox.url};" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in page.headers
    assert "Núñez" not in page.text
    style = await browser.http.get("/pay/static/page.css")
    assert (style.status_code, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    for name in ("../routes.py", "%2e%2e%2froutes.py", "nothing.js", "page.ts"):
        assert (await browser.http.get(f"/pay/static/{name}")).status_code == 404


async def test_no_line_of_the_log_has_the_secret_of_a_link(start_companion, services, hospital, client_of_links):
    link = await services.payment_links.make(hospital.invoice_ids[DUE], hospital.cashier)
    path = httpx.URL(link.url).path
    secret = path.removeprefix("/pay/")
    with start_companion() as companion:
        async with httpx.AsyncClient(base_url=companion.url, trust_env=False, timeout=20) as http:
            begun = {"attempt": str(uuid.uuid4()), "amount": 12_000, "currency": "EUR"}
            for verb, body in (("begin", begun), ("begin", {"x": 1}), ("check", {}), ("cancel", {}), ("typo", {})):
                await http.post(f"{path}/{verb}", json=body)
            for each in (path, f"{path}/receipt", f"/pay//{secret}", f"/x/{secret}", f"{path}?token={secret}"):
                await http.get(each)
            assert (await http.get(path)).status_code == 200
        companion.stop()
        assert "/pay/{token}/begin" in companion.errors
        assert secret not in companion.errors


async def test_only_a_digest_of_the_secret_is_kept(services, hospital, link):
    secret = httpx.URL(link.url).path.removeprefix("/pay/")
    for table in ("payment_link", "journal_entry"):
        for row in hospital.execute(f"SELECT * FROM {table}"):
            assert secret not in str(row)
    assert secret not in repr(link)


@pytest.mark.parametrize("number", [CANCELLED, TINY])
async def test_no_link_is_made_for_what_nobody_can_pay_by_card(services, hospital, client_of_links, number):
    with pytest.raises(Refused):
        await services.payment_links.make(hospital.invoice_ids[number], hospital.cashier)
