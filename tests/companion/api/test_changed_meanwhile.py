"""The hospital changes an invoice while a client has a payment of it under way: nobody pays what is not due."""

from __future__ import annotations

import pytest

from cashier.invoices.intake import take_in
from tests.companion.api.conftest import STRIPE
from tests.companion.api.test_payment_intents import pay
from tests.invoices.arriving import a_line, an_invoice
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.both_databases


async def send(database, number: str, **changes: object) -> None:
    """Have the hospital send an invoice of Ana's again, at 40.00 € unless told."""
    facts = {"record_number": "MRN-0000101", "patient_name": "Ana Núñez", "lines": (a_line(4_000),), **changes}
    await take_in(database, [an_invoice(number, **facts)])


@pytest.mark.parametrize("change", [{}, {"cancelled": True}])
async def test_a_saved_card_is_not_charged_for_what_is_not_due_any_more(portal, sandbox, hospital_database, change):
    kept = (await portal.begin(invoice_id=DUE_OF_SAME_PATIENT, save_payment_method=True)).json()
    pay(sandbox, kept["id"])
    await portal("POST", f"{STRIPE}/payment-intents/{kept['id']}/confirm", {})
    customer = (await portal("GET", f"{STRIPE}/customers/patient/MRN-0000101")).json()
    told = (await portal.begin(invoice_id=DUE)).json()
    await send(hospital_database, DUE, **change)

    method = {"payment_method_id": customer["default_payment_method"]["id"]}
    refused = await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/confirm", method)

    assert (refused.status_code, refused.json()["type"]) == (409, "/api/v1/problems/refused")
    assert "Nothing was taken" in refused.json()["detail"]
    assert sandbox.ask(f"/v1/payment_intents/{told['id']}")["status"] == "requires_payment_method"
    assert (await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/cancel")).status_code == 200


async def test_what_stripe_never_had_is_taken_back_and_its_key_says_so(portal, sandbox, hospital_database):
    sandbox.order("troubles", path="/v1/payment_intents", method="POST", times=6, drop=True, when="before")
    lost = await portal.begin("order-1", invoice_id=DUE)
    sandbox.end_troubles()
    await send(hospital_database, DUE)

    again = [await portal.begin("order-1", invoice_id=DUE) for _ in range(2)]
    anew = await portal.begin("order-2", invoice_id=DUE)

    assert lost.status_code == 503
    assert [(each.status_code, each.json()["status"]) for each in again] == [(201, "canceled")] * 2
    assert (anew.status_code, anew.json()["amount"]) == (201, 4_000)
