"""What a patient paid, with its story, and money on the patient's account; and whether payments can be taken now."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from cashier.assembly import open_services
from cashier.companion.server import running
from cashier.tenders.tender import Tender
from tests.companion.api.conftest import STRIPE, Caller
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT

PAYMENTS = "/api/v1/patients/MRN-0000101/payments"
DEPOSITS = "/api/v1/patients/MRN-0000101/deposits"


async def confirm(portal, sandbox, intent):
    sandbox.ask(f"/v1/payment_intents/{intent}/confirm", payment_method="pm_card_visa")
    return (await portal("POST", f"{STRIPE}/payment-intents/{intent}/confirm", {})).json()


@pytest.mark.both_databases
async def test_payments_are_told_newest_first_with_what_became_of_them(portal, sandbox, settings, keychain, hospital):
    async with open_services(settings, keychain) as services:
        await services.payments.begin(
            order_for(hospital, DUE, 2_000, tender=Tender.CHEQUE, reference="7"), hospital.cashier
        )
    both = (
        await portal.begin(invoices=[{"invoice_id": DUE, "amount": 500}, {"invoice_id": DUE_OF_SAME_PATIENT}])
    ).json()
    await confirm(portal, sandbox, both["id"])
    refund = {"payment_intent_id": both["id"], "note": "Secret reason.", "amount": 100}
    await portal("POST", f"{STRIPE}/refunds", refund)
    await portal.begin(invoice_id=DUE_OF_OTHER_PATIENT)

    told = (await portal("GET", PAYMENTS, headers={"Accept-Language": "es"})).json()

    assert [each["tender"] for each in told["data"]] == ["online", "cheque"]
    assert told["has_more"] is False
    online, cheque = told["data"]
    assert (online["status"], online["receipt_number"]) == ("paid", "T-WEB-000001")
    assert online["payment_intent_id"] == both["id"]
    shares = [{"invoice_id": DUE, "amount": 500}, {"invoice_id": DUE_OF_SAME_PATIENT, "amount": 4_500}]
    assert online["invoices"] == online["allocations"] == shares
    assert [each["status"] for each in online["refunds"]] == ["pending_approval"]
    steps = [each["step"] for each in online["history"]]
    assert steps[0] == "created"
    assert {"opened", "paid", "refund_requested"} <= set(steps)
    assert "Pagado" in [each["text"] for each in online["history"]]
    assert "Secret reason" not in str(told)
    assert cheque["payment_intent_id"] is None
    viewed = hospital.execute("SELECT facts FROM journal_entry WHERE action = 'payments viewed'")
    assert len(viewed) == 1
    assert "Patient portal" in viewed[0]["facts"]


async def test_payments_come_in_pages(portal, sandbox):
    intents = []
    for amount in (100, 200, 300):
        told = (await portal.begin(invoice_id=DUE, amount=amount)).json()
        await confirm(portal, sandbox, told["id"])
        intents.append(told["id"])

    first = (await portal("GET", f"{PAYMENTS}?limit=2")).json()
    last = first["data"][-1]["payment_id"]
    rest = (await portal("GET", f"{PAYMENTS}?limit=2&starting_after={last}")).json()

    found = [each["payment_intent_id"] for page in (first, rest) for each in page["data"]]
    assert found == list(reversed(intents))
    assert (first["has_more"], rest["has_more"]) == (True, False)
    of_other = (await portal("GET", f"/api/v1/patients/MRN-0000102/payments?starting_after={last}")).json()
    assert (of_other["status"], of_other["errors"][0]["pointer"]) == (404, "?starting_after")
    for wrong in ("limit=0", "limit=51", "starting_after=x", f"starting_after={'0' * 36}"):
        assert (await portal("GET", f"{PAYMENTS}?{wrong}")).status_code == 422, wrong


@pytest.mark.both_databases
async def test_a_deposit_is_paid_in_by_intent_and_stays_on_the_account(portal, sandbox, hospital):
    assert (await portal("GET", DEPOSITS)).json() == {"patient_id": "MRN-0000101", "data": []}

    first = await portal("POST", DEPOSITS, {"amount": 3_000}, headers={"Idempotency-Key": "stay-1"})
    again = await portal("POST", DEPOSITS, {"amount": 3_000}, headers={"Idempotency-Key": "stay-1"})
    told = await confirm(portal, sandbox, first.json()["id"])

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["invoices"] == []
    assert (told["status"], told["amount_received"], told["receipt_number"]) == ("succeeded", 3_000, "T-WEB-000001")
    assert (await portal("GET", DEPOSITS)).json()["data"] == [{"currency": "EUR", "amount": 3_000}]
    (payment,) = (await portal("GET", PAYMENTS)).json()["data"]
    assert (payment["on_account"], payment["allocations"]) == (3_000, [])


async def test_so_much_as_hardly_anybody_means_is_asked_about_again(settings, keychain, make_key, sandbox):
    asked = msgspec.structs.replace(settings.asked_again, deposit_minor={"EUR": 10_000})
    careful = msgspec.structs.replace(settings, asked_again=asked)
    async with running(careful, keychain) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        portal = Caller(http=http, key=await make_key())
        doubted = await portal("POST", DEPOSITS, {"amount": 10_001, "pay_again": True})
        meant = await portal("POST", DEPOSITS, {"amount": 10_001, "large_amount": True})

    assert (doubted.status_code, doubted.json()["type"]) == (409, "/api/v1/problems/hardly-meant")
    assert meant.status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [({"amount": 1_000, "currency": "USD"}, 409), ({"amount": 0}, 422), ({"amount": "10"}, 422), ({}, 422)],
)
async def test_what_cannot_be_paid_in_is_refused(portal, sandbox, hospital, body, status):
    assert (await portal("POST", DEPOSITS, body)).status_code == status
    assert hospital.execute("SELECT id FROM payment") == []


async def test_readiness_is_told_without_any_secret(portal, sandbox):
    ready = (await portal("GET", "/api/v1/ready")).json()

    assert ready == {
        "ready": True,
        "mode": "test",
        "moves_money": False,
        "database": {"ok": True, "problem": None},
        "stripe": {"ok": True, "problem": None},
        "publishable_key": True,
    }


async def test_without_stripe_nothing_is_ready(portal, sandbox):
    sandbox.order("troubles", path="/v1/events", status=401)

    told = (await portal("GET", "/api/v1/ready", headers={"Accept-Language": "es"})).json()

    assert (told["ready"], told["stripe"]["ok"]) == (False, False)
    assert "Stripe" in told["stripe"]["problem"]


async def test_an_invoice_can_be_had_as_its_sheet(portal, sandbox):
    sheet = await portal("GET", f"/api/v1/invoices/{DUE}", headers={"Accept": "application/pdf"})

    assert (sheet.status_code, sheet.headers["Content-Type"]) == (200, "application/pdf")
    assert sheet.content.startswith(b"%PDF")
    of_none = await portal("GET", "/api/v1/invoices/NONE", headers={"Accept": "application/pdf"})
    assert (of_none.status_code, of_none.headers["Content-Type"]) == (404, "application/problem+json")
