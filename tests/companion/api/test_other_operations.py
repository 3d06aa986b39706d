"""Refunds, saved cards, receipts and invoices over the API, and the description of all of it."""

from __future__ import annotations

import re
import uuid

import pytest

from cashier.assembly import open_services
from cashier.companion.api.problems import ProblemKind
from tests.companion.api.conftest import STRIPE
from tests.companion.conftest import deliver
from tests.companion.stripe_events import event
from tests.surroundings.sample_hospital import CANCELLED, DUE, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.both_databases


async def paid(portal, sandbox, number: str = DUE, *, saves: bool = False) -> str:
    """Pay an invoice as a portal does; return the intent."""
    told = (await portal.begin(invoice_id=number, save_payment_method=saves)).json()
    sandbox.ask(f"/v1/payment_intents/{told['id']}/confirm", payment_method="pm_card_visa")
    status = (await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/confirm", {})).json()
    assert status["status"] == "succeeded"
    return str(told["id"])


def refund(intent: str, **facts) -> dict:
    return {"payment_intent_id": intent, "note": "Paid twice.", **facts}


async def test_a_refund_is_asked_for_and_nothing_moves_before_a_supervisor_approves(
    portal, sandbox, settings, keychain, hospital
):
    intent = await paid(portal, sandbox)
    key = {"Idempotency-Key": "refund-1"}

    first = await portal("POST", f"{STRIPE}/refunds", refund(intent, amount=2_000), headers=key)
    again = await portal("POST", f"{STRIPE}/refunds", refund(intent, amount=2_000), headers=key)

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert (first.json()["status"], first.json()["amount"]) == ("pending_approval", 2_000)
    assert sandbox.ask("/v1/refunds")["data"] == []
    async with open_services(settings, keychain) as services:
        await services.refunds.approve(uuid.UUID(first.json()["id"]), hospital.colleague)
    told = (await portal("GET", first.headers["Location"])).json()
    assert told["status"] in ("pending", "succeeded")
    assert told["stripe_refund_id"].startswith("re_")
    assert [each["amount"] for each in sandbox.ask("/v1/refunds")["data"]] == [2_000]


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"amount": 12_001}, 409),
        ({"amount": 0}, 422),
        ({"note": ""}, 422),
        ({"note": "x" * 301}, 422),
        ({"reason": "because"}, 422),
        ({"payment_intent_id": "pi_nowhere"}, 404),
        ({"payment_intent_id": "ch_1"}, 422),
    ],
)
async def test_what_cannot_go_back_is_refused(portal, sandbox, hospital, facts, status):
    intent = await paid(portal, sandbox)

    answer = await portal("POST", f"{STRIPE}/refunds", refund(intent, **facts))

    assert answer.status_code == status, answer.text
    assert hospital.execute("SELECT id FROM refund") == []


async def test_what_is_not_paid_has_no_receipt_and_does_not_go_back(portal, sandbox):
    told = (await portal.begin(invoice_id=DUE)).json()

    assert (await portal("GET", f"{STRIPE}/payment-intents/{told['id']}/receipt")).status_code == 409
    assert (await portal("POST", f"{STRIPE}/refunds", refund(told["id"]))).status_code == 409


async def test_a_receipt_is_told_or_handed_out_as_a_counted_copy(portal, sandbox, hospital):
    intent = await paid(portal, sandbox)
    path = f"{STRIPE}/payment-intents/{intent}/receipt"

    told = (await portal("GET", path)).json()
    paper = await portal("GET", path, headers={"Accept": "application/pdf", "Accept-Language": "es"})
    other = await portal("GET", path, headers={"Accept": "text/csv"})

    assert (told["receipt_number"], told["amount"], told["card_last4"]) == ("T-WEB-000001", 12_000, "4242")
    assert (paper.status_code, paper.headers["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF")
    assert re.search(r'filename="receipt-T-WEB-000001', paper.headers["Content-Disposition"])
    assert len(hospital.execute("SELECT receipt_id FROM receipt_print")) == 1
    assert other.status_code == 406


async def test_saved_cards_are_listed_made_default_and_removed_at_stripe_as_well(portal, sandbox):
    await paid(portal, sandbox, saves=True)
    customer = (await portal("GET", f"{STRIPE}/customers/patient/MRN-0000101")).json()
    path = f"{STRIPE}/customers/{customer['id']}/payment-methods"

    (method,) = (await portal("GET", path)).json()["data"]
    assert set(method) == {"id", "brand", "last4", "exp_month", "exp_year", "is_default"}
    made = await portal("POST", f"{STRIPE}/payment-methods/{method['id']}/default")
    assert (made.status_code, made.json()["is_default"]) == (200, True)
    assert (await portal("GET", f"{path}?limit=0")).status_code == 422
    assert (await portal("GET", f"{path}?limit=1&limit=2")).status_code == 422
    assert (await portal("GET", f"{path}?colour=red")).status_code == 422

    removed = await portal("DELETE", f"{STRIPE}/payment-methods/{method['id']}")

    assert (removed.status_code, removed.content) == (204, b"")
    assert sandbox.ask(f"/v1/payment_methods/{method['id']}")["customer"] is None
    assert (await portal("GET", path)).json() == {"data": [], "has_more": False}
    assert (await portal("DELETE", f"{STRIPE}/payment-methods/{method['id']}")).status_code == 404


async def test_a_patient_whom_stripe_does_not_know_is_told_as_such(portal, sandbox):
    told = (await portal("GET", f"{STRIPE}/customers/patient/MRN-0000102")).json()

    assert told == {"id": None, "patient_id": "MRN-0000102", "default_payment_method": None}
    assert (await portal("GET", f"{STRIPE}/customers/patient/MRN-NOBODY")).status_code == 404
    assert (await portal("GET", f"{STRIPE}/customers/cus_nobody/payment-methods")).status_code == 404


async def test_invoices_are_told_as_the_books_know_them(portal, sandbox):
    await portal.begin(invoice_id=DUE)

    told = (await portal("GET", f"/api/v1/invoices/{DUE}")).json()
    due = (await portal("GET", "/api/v1/patients/MRN-0000101/invoices")).json()["data"]

    assert (told["total"], told["balance"], told["currency"], told["under_way"]) == (12_000, 12_000, "EUR", True)
    assert sum(line["total"] for line in told["lines"]) == told["total"]
    assert [each["invoice_id"] for each in due] == [DUE, DUE_OF_SAME_PATIENT]
    assert (await portal("GET", f"/api/v1/invoices/{CANCELLED}")).json()["status"] == "cancelled"
    assert (await portal("GET", f"/api/v1/invoices/{DUE.lower()}")).status_code == 404


async def test_stripes_webhooks_are_received_at_the_integrations_address_too(companion, stored_events):
    answer = await deliver(companion, event(), path=f"{STRIPE}/webhooks")

    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert len(stored_events()) == 1


@pytest.mark.parametrize("kind", ProblemKind)
async def test_every_problem_has_an_address_that_says_what_it_is(companion, kind):
    told = await companion.get(f"/api/v1/problems/{kind.slug}", headers={"Accept-Language": "es"})

    assert told.json()["status"] == kind.status
    assert told.json()["title"] == kind.title.in_("es") != kind.title.english
