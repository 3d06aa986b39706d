"""FHIR over HTTP: taken in once, answered by an OperationOutcome that names the element and nobody."""

from __future__ import annotations

from typing import Any

import pytest

from cashier.books.api_client import Scope
from cashier.money import Money
from cashier.tenders.tender import Tender
from tests.fhir.samples import BASE_R5, GERMANY_R4, INDIA_R4, PATIENT, invoice, line, money
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE

KNOWN = {"contained": None, "subject": {"identifier": {"value": "MRN-0000101"}}}


def told(answer, status):
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/fhir+json"), answer.text
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    first = body["issue"][-1]
    return first["severity"], first["code"], (first.get("expression") or [""])[0]


def state_of(hospital, number):
    statement = "SELECT status, total_minor, paid_minor FROM invoice WHERE number = :number"
    return [tuple(row.values()) for row in hospital.execute(statement, number=number)]


async def test_invoices_of_public_profiles_are_taken_in_once(post, hospital):
    for resource, path, number in (
        (BASE_R5, "/fhir/r5/Invoice", "R5-1"),
        (INDIA_R4, "/fhir/r4", "IN-2026-1"),
        (GERMANY_R4, "/fhir/r4/Invoice", "DE-RE-7"),
    ):
        first = await post(resource, path)
        assert told(first, 201) == ("information", "informational", "")
        assert first.headers["Location"] == f"/api/v1/invoices/{number}"

        again = await post(resource, path)
        assert (told(again, 200)[0], again.headers["ETag"]) == ("information", first.headers["ETag"])
    assert state_of(hospital, "R5-1") == [("due", 9_801, 0)]


async def test_a_bundle_is_taken_in_as_a_whole_or_not_at_all(post, hospital):
    entries = [{"resource": invoice("B-1")}, {"resource": invoice("B-2", gross="1.00")}]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}

    assert told(await post(bundle, "/fhir/r4"), 422)[2] == "Bundle.entry[1].resource.totalGross"
    assert told(await post({**bundle, "entry": [entries[0], entries[0]]}, "/fhir/r4"), 422)[2] == "Bundle.entry"

    assert state_of(hospital, "B-1") == []


async def test_balanced_is_never_called_paid_where_no_money_is_known(post, services, hospital):
    await post(invoice("EL-1"))

    answer = await post(invoice("EL-1", status="balanced"))

    assert told(answer, 200) == ("warning", "business-rule", "Invoice.status")
    assert state_of(hospital, "EL-1") == [("cancelled", 9_800, 0)]
    assert await contradictions_in(services.database) == []


async def test_what_is_paid_here_stays_paid_when_it_is_balanced_and_is_not_cancelled(post, services, hospital):
    same: dict[str, Any] = {"gross": "120.00", "lineItem": [line("Stay", ("base", "120.00"))], **KNOWN}
    assert told(await post(invoice(DUE, **same)), 200)[0] == "information"
    order = order_for(hospital, DUE, 12_000, tender=Tender.CASH, tendered=Money(12_000, "EUR"))
    await services.payments.begin(order, hospital.cashier)

    assert told(await post(invoice(DUE, status="balanced", **same)), 200)[0] == "information"
    assert state_of(hospital, DUE) == [("paid", 12_000, 12_000)]
    assert told(await post(invoice(DUE, status="cancelled", **same)), 409)[1] == "conflict"
    assert state_of(hospital, DUE) == [("paid", 12_000, 12_000)]


@pytest.mark.parametrize(
    ("path", "kind", "status"),
    [
        ("/fhir/Invoice", "application/fhir+json; fhirVersion=4.0", 201),
        ("/fhir/Invoice", 'application/fhir+json; fhirVersion="4.3"', 201),
        ("/fhir/r4/Invoice", "application/json", 201),
        ("/fhir/Invoice", "application/fhir+json", 415),
        ("/fhir/r4/Invoice", "application/fhir+json; fhirVersion=5.0", 415),
        ("/fhir/r4/Invoice", "application/fhir+json; fhirVersion=6.0", 415),
        ("/fhir/r4/Invoice", "application/fhir+xml", 415),
        ("/fhir/r6/Invoice", "application/fhir+json", 404),
        ("/fhir/r4/Patient", "application/fhir+json", 404),
    ],
)
async def test_the_version_is_told_and_never_guessed(post, path, kind, status):
    told(await post(invoice(), path, **{"Content-Type": kind}), status)


async def test_whoever_may_not_write_invoices_does_not(companion, post, make_key, hospital):
    other = await make_key(Scope.INVOICES_READ, name="Reader", code="RD")

    assert told(await post(invoice(), Authorization="Bearer nothing"), 401)[1] == "login"
    assert told(await post(invoice(), Authorization=f"Bearer {other}"), 403)[1] == "forbidden"
    assert told(await companion.post("/fhir/r4/Invoice", content=b"{}"), 401)[1] == "login"
    assert state_of(hospital, "FH-1") == []


@pytest.mark.parametrize(
    ("resource", "status", "at"),
    [
        (b"{", 400, ""),
        (b"", 400, ""),
        (b'{"resourceType": "Invoice"}', 422, "Invoice.status"),
        (invoice(status="draft"), 422, "Invoice.status"),
        (invoice(contained=[{**PATIENT, "birthDate": "1066-01-01"}]), 422, "Patient.birthDate"),
        (
            invoice(contained=[{**PATIENT, "telecom": [{"system": "phone", "value": "Secret"}]}]),
            422,
            "Patient.telecom",
        ),
        (invoice(contained=[{**PATIENT, "name": [{"text": "Secret\u202eName"}]}]), 422, "Patient.name"),
        (invoice(contained=None, subject={"identifier": {"value": "MRN-SECRET"}}), 422, "Invoice.subject"),
        (invoice("X" * 50), 422, "Invoice.identifier"),
        (invoice(totalGross=money("98.001")), 422, "Invoice.totalGross.value"),
    ],
)
async def test_what_is_wrong_is_told_by_its_element_without_what_stood_there(post, caplog, resource, status, at):
    answer = await post(resource)

    assert told(answer, status)[2] == at
    kept = answer.text + "".join(str(vars(record)) for record in caplog.records)
    for secret in ("Secret", "SECRET", "Dąbek", "1066", "MRN-0000801"):
        assert secret not in kept


async def test_a_large_resource_is_refused_before_it_is_read(post):
    assert told(await post(b'{"resourceType": "Invoice", "a": "' + b"x" * 300_000 + b'"}'), 413)[1] == "too-long"
