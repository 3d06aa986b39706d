"""Payments over the API: begun, paid in the payer's browser or with a saved card, told, and taken back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cashier.assembly import open_services
from tests.companion.api.conftest import STRIPE
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.both_databases


def pay(sandbox, intent_id: str, card: str = "pm_card_visa") -> None:
    """Confirm as Stripe.js would."""
    sandbox.ask(f"/v1/payment_intents/{intent_id}/confirm", payment_method=card)


async def test_an_intent_is_for_what_is_due_and_holds_the_invoice(portal, sandbox, hospital):
    answer = await portal.begin(invoice_id=DUE)

    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["amount"], told["currency"], told["status"]) == (12_000, "EUR", "requires_payment_method")
    assert told["publishable_key"].startswith("pk_test_")
    assert told["client_secret"].startswith(f"{told['id']}_secret_")
    assert answer.headers["Location"] == f"{STRIPE}/payment-intents/{told['id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert sandbox.ask(f"/v1/payment_intents/{told['id']}")["amount"] == 12_000

    held = await portal.begin(invoice_id=DUE)
    assert (held.status_code, held.json()["type"]) == (409, "/api/v1/problems/invoice-held")
    assert "held_since" in held.json()
    assert "Patient portal" not in held.text


async def test_what_stripe_js_paid_is_settled_with_a_receipt_of_the_clients_own_series(portal, sandbox, hospital):
    told = (
        await portal.begin(invoices=[{"invoice_id": DUE}, {"invoice_id": DUE_OF_SAME_PATIENT, "amount": 500}])
    ).json()
    pay(sandbox, told["id"])

    status = (await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/confirm", {})).json()

    assert (status["status"], status["amount_received"]) == ("succeeded", 12_500)
    assert status["receipt_number"] == "T-WEB-000001"
    assert "client_secret" not in status or status["client_secret"] is None
    rows = hospital.execute(
        "SELECT number, balance_minor FROM invoice WHERE number IN (:a, :b) ORDER BY number",
        a=DUE,
        b=DUE_OF_SAME_PATIENT,
    )
    assert [row["balance_minor"] for row in rows] == [0, 4_000]


async def test_the_same_key_goes_on_with_the_same_intent_and_never_with_another_body(portal, sandbox):
    first, again = await asyncio.gather(
        portal.begin("order-7", invoice_id=DUE), portal.begin("order-7", invoice_id=DUE)
    )
    other = await portal.begin("order-7", invoice_id=DUE_OF_OTHER_PATIENT)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["client_secret"] == again.json()["client_secret"]
    assert (other.status_code, other.json()["type"]) == (422, "/api/v1/problems/idempotency-key-reused")
    assert len(sandbox.ask("/v1/payment_intents")["data"]) == 1


async def test_a_decline_is_told_in_words_for_the_payer(portal, sandbox):
    told = (await portal.begin(invoice_id=DUE)).json()
    with pytest.raises(AssertionError, match="card_declined"):
        pay(sandbox, told["id"], "pm_card_visa_chargeDeclinedInsufficientFunds")

    answer = await portal("GET", f"{STRIPE}/payment-intents/{told['id']}", headers={"Accept-Language": "es"})

    status = answer.json()
    assert status["status"] == "requires_payment_method"
    assert status["last_payment_error"]["code"] == "insufficient_funds"
    assert "saldo" in status["last_payment_error"]["message"]
    assert status["client_secret"] == told["client_secret"]


async def test_a_saved_card_is_charged_and_a_bank_that_asks_is_told(portal, sandbox):
    told = (await portal.begin(invoice_id=DUE, save_payment_method=True)).json()
    pay(sandbox, told["id"])
    assert (await portal("GET", f"{STRIPE}/payment-intents/{told['id']}")).json()["status"] == "succeeded"
    customer = (await portal("GET", f"{STRIPE}/customers/patient/MRN-0000101")).json()
    method = customer["default_payment_method"]
    assert (method["brand"], method["last4"], method["is_default"]) == ("visa", "4242", True)

    second = (await portal.begin(invoice_id=DUE_OF_SAME_PATIENT)).json()
    confirmed = await portal(
        "POST", f"{STRIPE}/payment-intents/{second['id']}/confirm", {"payment_method_id": method["id"]}
    )

    assert confirmed.json()["status"] == "succeeded"
    again = await portal(
        "POST", f"{STRIPE}/payment-intents/{second['id']}/confirm", {"payment_method_id": method["id"]}
    )
    assert (again.status_code, again.json()["status"]) == (200, "succeeded")


async def test_another_patients_card_is_not_there(portal, sandbox):
    told = (await portal.begin(invoice_id=DUE, save_payment_method=True)).json()
    pay(sandbox, told["id"])
    await portal("GET", f"{STRIPE}/payment-intents/{told['id']}")
    method = (await portal("GET", f"{STRIPE}/customers/patient/MRN-0000101")).json()["default_payment_method"]
    others = (await portal.begin(invoice_id=DUE_OF_OTHER_PATIENT)).json()

    refused = await portal(
        "POST", f"{STRIPE}/payment-intents/{others['id']}/confirm", {"payment_method_id": method["id"]}
    )

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (404, "#/payment_method_id")


async def test_what_is_cancelled_lets_the_invoice_go(portal, sandbox):
    told = (await portal.begin(invoice_id=DUE)).json()

    cancelled = await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/cancel")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "canceled")
    assert sandbox.ask(f"/v1/payment_intents/{told['id']}")["status"] == "canceled"
    assert (await portal.begin(invoice_id=DUE)).status_code == 201


async def test_what_was_paid_is_not_cancelled(portal, sandbox):
    told = (await portal.begin(invoice_id=DUE)).json()
    pay(sandbox, told["id"])

    answer = await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/cancel")

    assert answer.status_code == 409
    assert (await portal("GET", f"{STRIPE}/payment-intents/{told['id']}")).json()["status"] == "succeeded"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "#/invoice_id"),
        ({"invoice_id": DUE, "invoices": [{"invoice_id": DUE}]}, 422, "#/invoice_id"),
        ({"invoice_id": "INV-1999-000001"}, 404, "#/invoice_id"),
        ({"invoice_id": DUE, "amount": "120.00"}, 422, "#/amount"),
        ({"invoice_id": DUE, "amount": 0}, 422, "#/amount"),
        ({"invoice_id": DUE, "amount": 10**22}, 422, "#/amount"),
        ({"invoice_id": DUE, "amount": True}, 422, "#/amount"),
        ({"invoice_id": DUE, "amount": 1.5}, 422, "#/amount"),
        ({"invoice_id": DUE, "currency": "USD"}, 409, "#/currency"),
        ({"invoice_id": DUE, "colour": "red"}, 422, "#"),
        ({"invoice_id": "INV\u0000"}, 422, "#/invoice_id"),
        ({"invoices": [{"invoice_id": DUE, "amount": -1}]}, 422, "#/invoices/0/amount"),
        ({"invoice_id": DUE, "amount": 12_001}, 409, None),
        ({"invoices": [{"invoice_id": DUE}, {"invoice_id": DUE_OF_OTHER_PATIENT}]}, 409, None),
    ],
)
async def test_what_cannot_be_paid_is_refused_by_its_field_and_leaves_nothing(
    portal, hospital, body, status, pointer
):
    answer = await portal.begin(**body)

    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert hospital.execute("SELECT id FROM payment") == []
    assert hospital.execute("SELECT invoice_id FROM invoice_hold") == []


async def test_a_client_neither_charges_ends_nor_hands_out_anothers_payment(portal, make_key, sandbox):
    told = (await portal.begin(invoice_id=DUE, save_payment_method=True)).json()
    pay(sandbox, told["id"])
    await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/confirm", {})
    customer = (await portal("GET", f"{STRIPE}/customers/patient/MRN-0000101")).json()
    method = customer["default_payment_method"]["id"]
    begun = (await portal.begin(invoice_id=DUE_OF_SAME_PATIENT)).json()
    other = replace(portal, key=await make_key(name="Scheduler", code="HMIS"))
    path = f"{STRIPE}/payment-intents/{begun['id']}"

    seen = (await other("GET", path)).json()
    charged = await other("POST", f"{path}/confirm", {"payment_method_id": method})
    ended = await other("POST", f"{path}/cancel")

    assert (seen["status"], seen["client_secret"]) == ("requires_payment_method", None)
    assert (charged.status_code, ended.status_code) == (409, 409)
    assert sandbox.ask(f"/v1/payment_intents/{begun['id']}")["status"] == "requires_payment_method"


async def test_a_lost_answer_is_an_unknown_outcome_and_the_same_key_goes_on(portal, sandbox):
    sandbox.order("troubles", path="/v1/payment_intents", method="POST", times=6, drop=True, when="after")
    lost = [await portal.begin("order-9", invoice_id=DUE) for _ in range(2)]
    sandbox.end_troubles()

    found = await portal.begin("order-9", invoice_id=DUE)

    assert {(each.status_code, each.json()["type"]) for each in lost} == {(503, "/api/v1/problems/outcome-unknown")}
    assert found.status_code == 201
    assert len(sandbox.ask("/v1/payment_intents")["data"]) == 1


async def test_who_holds_an_invoice_is_told_by_desk_to_a_system_and_not_to_a_patient(
    portal, sandbox, settings, keychain, hospital
):
    async with open_services(settings, keychain) as services:
        await services.payments.begin(order_for(hospital, DUE), hospital.cashier)
        made = await portal("POST", "/api/v1/tokens", {"invoice_id": DUE, "scopes": ["payments:write"]})
    token = replace(portal, key=made.json()["token"])

    told, to_patient = (await portal.begin(invoice_id=DUE)).json(), (await token.begin(invoice_id=DUE)).json()

    assert (told["type"], told["held_by"]) == ("/api/v1/problems/invoice-held", "D1")
    assert told["held_since"] == to_patient["held_since"]
    assert to_patient.get("held_by") is None
    assert "Example" not in str(told) + str(to_patient), "somebody is named"


@pytest.mark.parametrize("other", ["another patient", "another currency", "the same again", "more than is due"])
async def test_several_invoices_are_of_one_patient_and_one_currency_or_none_is_held(portal, sandbox, hospital, other):
    second: dict[str, object] = {
        "invoice_id": DUE_OF_OTHER_PATIENT if other == "another patient" else DUE_OF_SAME_PATIENT
    }
    if other == "another currency":
        await hospital.change(
            "UPDATE invoice SET currency = 'USD' WHERE number = :number", number=DUE_OF_SAME_PATIENT
        )
    if other == "the same again":
        second = {"invoice_id": DUE, "amount": 100}
    if other == "more than is due":
        second["amount"] = 99_999

    answer = await portal.begin(invoices=[{"invoice_id": DUE, "amount": 500}, second])

    assert answer.status_code == 409, answer.text
    assert hospital.execute("SELECT invoice_id FROM invoice_hold") == []
    assert hospital.execute("SELECT id FROM payment") == []
    assert sandbox.ask("/v1/payment_intents")["data"] == []
