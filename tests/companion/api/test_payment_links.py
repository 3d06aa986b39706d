"""Links to the payment page, made and ended over the API."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import httpx
import pytest

from cashier.books.api_client import Scope
from cashier.clock import now
from tests.companion.api.conftest import Caller
from tests.surroundings.sample_hospital import CANCELLED, DUE, DUE_OF_OTHER_PATIENT

pytestmark = pytest.mark.both_databases
LINKS = f"/api/v1/invoices/{DUE}/payment-links"


def path_of(made: httpx.Response) -> str:
    return httpx.URL(made.json()["url"]).path


async def test_a_link_leads_to_the_page_until_it_is_ended(portal, settings):
    made = await portal("POST", LINKS, {"hours": 48})

    assert made.status_code == 201, made.text
    assert made.json()["url"].startswith(f"{settings.companion.url}/pay/")
    assert made.headers["Cache-Control"] == "no-store"
    ends = datetime.fromisoformat(made.json()["expires_at"])
    assert timedelta(hours=47) < ends - now() <= timedelta(hours=48)
    assert (await portal.http.get(path_of(made))).status_code == 200
    for _ in range(2):
        assert (await portal("DELETE", f"{LINKS}/{made.json()['id']}")).status_code == 204
    assert (await portal.http.get(path_of(made))).status_code == 404


async def test_what_comes_by_a_link_is_a_payment_of_the_client(portal, sandbox, hospital):
    made = await portal("POST", LINKS, {})
    body = {"attempt": str(uuid.uuid4()), "amount": 12_000, "currency": "EUR"}
    begun = await portal.http.post(f"{path_of(made)}/begin", json=body)
    intent_id = begun.json()["client_secret"].partition("_secret_")[0]

    seen = await portal("GET", f"/api/v1/payments/stripe/payment-intents/{intent_id}")

    assert (seen.json()["status"], seen.json()["amount"]) == ("requires_payment_method", 12_000)
    held = await portal.begin(invoice_id=DUE)
    assert (held.status_code, held.json()["type"]) == (409, "/api/v1/problems/invoice-held")
    assert (await portal("DELETE", f"{LINKS}/{made.json()['id']}")).status_code == 204
    assert sandbox.ask(f"/v1/payment_intents/{intent_id}")["status"] == "canceled"


async def test_a_client_ends_no_link_of_another_and_none_of_another_invoice(portal, make_key, companion):
    made = (await portal("POST", LINKS, {})).json()
    other = Caller(http=companion, key=await make_key(Scope.PAYMENTS_WRITE, name="Kiosk", code="KIOSK"))

    answers = [
        await other("DELETE", f"{LINKS}/{made['id']}"),
        await portal("DELETE", f"/api/v1/invoices/{DUE_OF_OTHER_PATIENT}/payment-links/{made['id']}"),
        await portal("DELETE", f"{LINKS}/{uuid.uuid4()}"),
        await portal("DELETE", f"{LINKS}/nothing"),
    ]

    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (LINKS, {"hours": 0}, 422),
        (LINKS, {"hours": 24 * 91}, 422),
        (LINKS, {"days": 1}, 422),
        (f"/api/v1/invoices/{CANCELLED}/payment-links", {}, 409),
        ("/api/v1/invoices/INV-NONE/payment-links", {}, 404),
    ],
)
async def test_what_cannot_be_linked_is_said(portal, path, body, status):
    assert (await portal("POST", path, body)).status_code == status
