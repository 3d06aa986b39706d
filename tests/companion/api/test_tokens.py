"""Tokens for one patient or one invoice: what they see and do, and that it is nothing beyond."""

from __future__ import annotations

from typing import get_args

import pytest

from cashier.books.api_client import Scope
from cashier.companion.api.operations.tokens import TokenScope
from cashier.companion.api.table import OPERATIONS
from tests.companion.api.conftest import STRIPE, Caller
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT, DUE_OF_SAME_PATIENT

ALL = list(get_args(TokenScope))
OWN, FOREIGN = "MRN-0000101", "MRN-0000102"
_KEY = {"Idempotency-Key": "portal-1"}

CALLS = {
    "createPaymentIntent": lambda at: ({}, {"invoice_id": DUE_OF_OTHER_PATIENT}),
    "getPaymentIntent": lambda at: ({"id": at["intent"]}, None),
    "confirmPaymentIntent": lambda at: ({"id": at["intent"]}, {}),
    "cancelPaymentIntent": lambda at: ({"id": at["intent"]}, None),
    "createRefund": lambda at: ({}, {"payment_intent_id": at["paid"], "note": "Paid twice."}),
    "getRefund": lambda at: ({"id": at["refund"]}, None),
    "getCustomerOfPatient": lambda at: ({"id": FOREIGN}, None),
    "listPaymentMethods": lambda at: ({"id": at["customer"]}, None),
    "removePaymentMethod": lambda at: ({"id": at["method"]}, None),
    "makePaymentMethodDefault": lambda at: ({"id": at["method"]}, None),
    "getReceipt": lambda at: ({"id": at["paid"]}, None),
    "getInvoice": lambda at: ({"number": DUE_OF_OTHER_PATIENT}, None),
    "putInvoice": lambda at: ({"number": DUE_OF_OTHER_PATIENT}, {}),
    "importInvoices": lambda at: ({}, {}),
    "listChanges": lambda at: ({}, None),
    "createPaymentLink": lambda at: ({"number": DUE_OF_OTHER_PATIENT}, {}),
    "endPaymentLink": lambda at: ({"number": DUE_OF_OTHER_PATIENT, "id": at["refund"]}, None),
    "listDueInvoicesOfPatient": lambda at: ({"id": FOREIGN}, None),
    "listPaymentsOfPatient": lambda at: ({"id": FOREIGN}, None),
    "getDepositsOfPatient": lambda at: ({"id": FOREIGN}, None),
    "createDeposit": lambda at: ({"id": FOREIGN}, {"amount": 1000}),
    "createToken": lambda at: ({}, {"patient_id": FOREIGN, "scopes": ["invoices:read"]}),
    "endToken": lambda at: ({"id": at["token"]}, None),
}
"""What a token of another patient tries: the foreign thing in the address, and the body."""
OF_NOBODY = {"getReadiness"}
"""Operations that are about no patient."""


async def token_for(portal: Caller, **whom) -> Caller:
    made = await portal("POST", "/api/v1/tokens", {"scopes": ALL, **whom})
    assert made.status_code == 201, made.text
    return Caller(http=portal.http, key=made.json()["token"])


async def pay(portal, sandbox, number, amount, key="") -> str:
    told = (await portal.begin(key, invoice_id=number, amount=amount, save_payment_method=True)).json()
    sandbox.ask(f"/v1/payment_intents/{told['id']}/confirm", payment_method="pm_card_visa")
    await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/confirm", {})
    return str(told["id"])


@pytest.fixture
async def foreign(portal, sandbox) -> dict[str, str]:
    """Everything there is of another patient: paid, refunded, under way, saved."""
    paid = await pay(portal, sandbox, DUE_OF_OTHER_PATIENT, 1_000)
    refund = await portal("POST", f"{STRIPE}/refunds", {"payment_intent_id": paid, "note": "Twice.", "amount": 100})
    customer = (await portal("GET", f"{STRIPE}/customers/patient/{FOREIGN}")).json()
    token = await portal("POST", "/api/v1/tokens", {"patient_id": FOREIGN, "scopes": ["invoices:read"]})
    begun = await portal("POST", f"{STRIPE}/payment-intents", {"invoice_id": DUE_OF_OTHER_PATIENT, "amount": 500},
                         headers=_KEY)  # fmt: skip
    return {
        "paid": paid,
        "intent": begun.json()["id"],
        "refund": refund.json()["id"],
        "customer": customer["id"],
        "method": customer["default_payment_method"]["id"],
        "token": token.json()["id"],
    }


def all_rows(hospital) -> list:
    """Count what a client could have done; the companion does things of its own meanwhile."""
    tables = ("payment", "refund", "saved_card", "receipt_print", "api_token", "invoice_hold")
    counted = [f"SELECT count(*) AS there FROM {table}" for table in tables]
    counted.append("SELECT count(*) AS there FROM journal_entry WHERE facts LIKE '%Patient portal%'")
    return [hospital.execute(each)[0]["there"] for each in counted]


def test_every_operation_is_tried_with_a_token_of_another_patient():
    assert set(CALLS) | OF_NOBODY == {operation.name for operation in OPERATIONS}


@pytest.mark.both_databases
async def test_a_token_of_another_patient_sees_and_does_nothing(portal, sandbox, hospital, foreign):
    token = await token_for(portal, patient_id=OWN)
    of_invoice = await token_for(portal, invoice_id=DUE)
    before = all_rows(hospital)

    for caller in (token, of_invoice):
        for operation in OPERATIONS:
            if operation.name in OF_NOBODY:
                continue
            parts, body = CALLS[operation.name](foreign)
            answer = await caller(operation.method, operation.path.format(**parts), body)

            wanted = 404 if operation.scope is not None and operation.scope.is_for_tokens else 403
            assert answer.status_code == wanted, f"{operation.name}: {answer.text}"
            assert "Bj" not in answer.text, operation.name
    assert all_rows(hospital) == before
    assert sandbox.ask(f"/v1/payment_intents/{foreign['intent']}")["status"] == "requires_payment_method"


async def test_another_patients_idempotency_key_gives_nothing_away(portal, foreign):
    token = await token_for(portal, patient_id=OWN)

    body = {"invoice_id": DUE_OF_OTHER_PATIENT, "amount": 500}
    mine = await portal("POST", f"{STRIPE}/payment-intents", body, headers=_KEY)
    theirs = await token("POST", f"{STRIPE}/payment-intents", body, headers=_KEY)

    assert (mine.status_code, mine.json()["id"]) == (201, foreign["intent"])
    assert theirs.status_code == 404
    assert "client_secret" not in theirs.text


async def test_a_token_does_for_its_patient_what_its_scopes_say(portal, sandbox):
    token = await token_for(portal, patient_id=OWN)

    intent = await pay(token, sandbox, DUE, 1_000)

    assert (await token("GET", f"/api/v1/invoices/{DUE}")).json()["balance"] == 11_000
    assert (await token("GET", f"{STRIPE}/payment-intents/{intent}/receipt")).status_code == 200
    (payment,) = (await token("GET", f"/api/v1/patients/{OWN}/payments")).json()["data"]
    assert payment["payment_intent_id"] == intent
    refund = await token("POST", f"{STRIPE}/refunds", {"payment_intent_id": intent, "note": "Twice."})
    assert (refund.status_code, refund.json()["status"]) == (202, "pending_approval")
    assert (await token("GET", "/api/v1/ready")).json()["ready"] is True


async def test_a_token_of_one_invoice_sees_no_other(portal, sandbox):
    of_other = await pay(portal, sandbox, DUE_OF_SAME_PATIENT, 700)
    refund = await portal("POST", f"{STRIPE}/refunds", {"payment_intent_id": of_other, "note": "Twice."})
    token = await token_for(portal, invoice_id=DUE)
    both = (
        await portal.begin(invoices=[{"invoice_id": DUE, "amount": 500}, {"invoice_id": DUE_OF_SAME_PATIENT}])
    ).json()

    for path in (
        f"/api/v1/invoices/{DUE_OF_SAME_PATIENT}",
        f"{STRIPE}/payment-intents/{of_other}",
        f"{STRIPE}/payment-intents/{of_other}/receipt",
        refund.headers["Location"],
        f"/api/v1/patients/{OWN}/deposits",
    ):
        assert (await token("GET", path)).status_code == 404, path
    due = (await token("GET", f"/api/v1/patients/{OWN}/invoices")).json()["data"]
    assert [each["invoice_id"] for each in due] == [DUE]
    told = (await token("GET", f"/api/v1/patients/{OWN}/payments")).text
    assert both["payment_id"] in told
    assert DUE_OF_SAME_PATIENT not in told
    assert (await token("POST", f"/api/v1/patients/{OWN}/deposits", {"amount": 1_000})).status_code == 404
    assert (await token.begin(invoices=[{"invoice_id": DUE}, {"invoice_id": DUE_OF_SAME_PATIENT}])).status_code == 404


async def test_a_token_is_ended_at_once_and_by_its_own_client_alone(portal, companion, make_key):
    other = Caller(http=companion, key=await make_key(name="Hospital system", code="HIS"))
    made = await portal("POST", "/api/v1/tokens", {"patient_id": OWN, "scopes": ["invoices:read"]})
    token = Caller(http=companion, key=made.json()["token"])
    assert (await token("GET", f"/api/v1/invoices/{DUE}")).status_code == 200

    assert (await other("DELETE", made.headers["Location"])).status_code == 404
    assert (await portal("DELETE", made.headers["Location"])).status_code == 204

    assert (await token("GET", f"/api/v1/invoices/{DUE}")).status_code == 401
    assert (await portal("DELETE", made.headers["Location"])).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"patient_id": OWN, "scopes": ["refunds:approve"]}, 422, "#/scopes/0"),
        ({"patient_id": OWN, "scopes": ["tokens:write"]}, 422, "#/scopes/0"),
        ({"patient_id": OWN, "scopes": []}, 422, "#/scopes"),
        ({"patient_id": OWN, "scopes": ["cards:read"]}, 409, "#/scopes"),
        ({"patient_id": OWN, "invoice_id": DUE, "scopes": ["invoices:read"]}, 422, "#/patient_id"),
        ({"scopes": ["invoices:read"]}, 422, "#/patient_id"),
        ({"patient_id": "MRN-NOBODY", "scopes": ["invoices:read"]}, 404, "#/patient_id"),
        ({"invoice_id": "INV-NONE", "scopes": ["invoices:read"]}, 404, "#/invoice_id"),
        ({"patient_id": OWN, "scopes": ["invoices:read"], "lifetime_seconds": 3601}, 422, "#/lifetime_seconds"),
    ],
)
async def test_what_no_token_is_made_for_is_refused_by_its_place(companion, make_key, sandbox, body, status, pointer):
    key = await make_key(Scope.TOKENS_WRITE, Scope.INVOICES_READ)

    answer = await Caller(http=companion, key=key)("POST", "/api/v1/tokens", body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer), answer.text
