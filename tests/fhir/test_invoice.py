"""Invoices of FHIR read: exactly, and refused at their element where anything would have to be guessed."""

from __future__ import annotations

import json
import random
from datetime import date

import msgspec
import pytest
from msgspec import UNSET

from cashier.errors import Refused
from cashier.fhir.elements import BYTES_MAX, read_json
from cashier.fhir.invoice import FhirVersion, Told, invoice_told
from cashier.fhir.problems import Issue, ResourceRefused
from cashier.fhir.references import invoices_in
from cashier.invoices.acceptance import accepted
from tests.fhir.samples import BASE_R5, GERMANY_R4, INDIA_R4, PATIENT, RULES, invoice, line, money, written

FIRST = "Invoice.lineItem[0].priceComponent[0]"


def told(resource, version=FhirVersion.R4, **rules):
    (around,) = invoices_in(read_json(written(resource)))
    return invoice_told(around, version, msgspec.structs.replace(RULES, **rules))


def read(resource, version=FhirVersion.R4, **rules):
    return accepted(told(resource, version, **rules).incoming)


def test_the_standard_itself_is_taken():
    found = read(BASE_R5, FhirVersion.R5)

    assert (found.number, found.record_number, found.patient_name) == ("R5-1", "MRN-0000801", "Zoë Maria Dąbek")
    assert (found.born, found.phone, found.email) == (date(1985, 7, 14), "+44 1632 960801", "zoe@example.org")
    assert (found.department, found.issued_on, found.due_on) == ("Cardiology", date(2026, 11, 23), date(2026, 12, 23))
    (only,) = found.lines
    assert (only.description, only.unit_price_minor, only.tax_basis_points) == ("Echocardiography", 8_100, 2_100)
    assert (only.tax_minor, only.total_minor, found.insurer_share_minor) == (1_701, 9_801, 0)


def test_a_document_of_india_is_taken():
    found = read(INDIA_R4)

    (only,) = found.lines
    assert (found.number, found.currency, found.department) == ("IN-2026-1", "INR", "Example Clinic")
    assert (only.description, only.unit_price_minor, only.tax_minor) == ("Paracetamol 500 mg", 10_000, 1_800)
    assert only.total_minor == 11_800


def test_a_german_invoice_is_taken():
    found = read(GERMANY_R4)

    assert (found.number, found.department) == ("DE-RE-7", "Outpatients")
    assert [(each.description, each.total_minor) for each in found.lines] == [("Sonographie", 2_682), ("420", 2_961)]


@pytest.mark.parametrize("amount", ["98.00", "98", "9.8e1", "980E-1", "98.000"])
def test_amounts_are_read_exactly(amount):
    assert read(invoice(lineItem=[line("A", ("base", amount))])).lines[0].total_minor == 9_800


@pytest.mark.parametrize("amount", ['"98.00"', "98.001", "1E+400000", "9" * 50, "NaN", "true", "{}"])
def test_what_is_no_amount_is_refused(amount):
    content = written(invoice()).replace(b'"value": 98.00', f'"value": {amount}'.encode())

    with pytest.raises(ResourceRefused) as refused:
        (around,) = invoices_in(read_json(content))
        invoice_told(around, FhirVersion.R4, RULES)

    assert refused.value.at in ("Invoice.totalGross.value", "Invoice.lineItem[0].priceComponent[0].amount.value", "")
    assert amount not in refused.value.words.english


def test_an_organisation_that_owes_it_leaves_nothing_to_the_patient():
    found = read(invoice(recipient={"type": "Organization", "display": "Meridian Mutual"}))

    assert (found.insurer, found.insurer_share_minor) == ("Meridian Mutual", 9_800)
    assert read(invoice(recipient={"reference": "Organization/7", "display": "M"})).insurer_share_minor == 9_800
    assert read(invoice(recipient={"reference": "https://h.example/Patient/7"})).insurer_share_minor == 0


@pytest.mark.parametrize(
    ("status", "is_cancelled"),
    [("issued", False), ("balanced", False), ("cancelled", True), ("entered-in-error", True)],
)
def test_the_status_says_whether_it_is_owed(status, is_cancelled):
    found = told(invoice(status=status))

    assert (found.status, found.incoming.cancelled) == (Told(status), is_cancelled)


def test_a_record_alone_may_name_the_patient():
    found = told(invoice(contained=None, subject={"identifier": {"value": "MRN-0000101"}}))

    assert (found.patient.record_number, found.patient.name) == ("MRN-0000101", "")
    assert found.incoming.born is UNSET


def test_a_cancelled_invoice_needs_no_lines():
    assert read(invoice(status="cancelled", lineItem=None, gross="98.00")).cancelled


def patient(**changes):
    return [{name: value for name, value in (PATIENT | changes).items() if value is not None}]


@pytest.mark.parametrize(
    ("changes", "at", "issue"),
    [
        ({"status": "draft"}, "Invoice.status", Issue.BUSINESS_RULE),
        ({"status": "paid"}, "Invoice.status", Issue.VALUE),
        ({"status": None}, "Invoice.status", Issue.REQUIRED),
        ({"identifier": None}, "Invoice.identifier", Issue.REQUIRED),
        ({"identifier": [{"value": "A"}, {"value": "B"}]}, "Invoice.identifier", Issue.VALUE),
        ({"subject": None}, "Invoice.subject", Issue.REQUIRED),
        ({"subject": {"reference": "#q"}}, "Invoice.subject", Issue.NOT_FOUND),
        ({"subject": {"reference": "Patient/77"}}, "Invoice.subject", Issue.NOT_FOUND),
        ({"contained": [{"resourceType": "Group", "id": "p"}]}, "Invoice.subject", Issue.BUSINESS_RULE),
        ({"contained": patient(identifier=[])}, "Invoice.contained[0].identifier", Issue.REQUIRED),
        ({"contained": patient(name=[{"use": "old", "text": "A"}])}, "Invoice.contained[0].name", Issue.REQUIRED),
        ({"contained": patient(birthDate="14.07.1985")}, "Invoice.contained[0].birthDate", Issue.VALUE),
        ({"contained": patient(birthDate="1985-02-30")}, "Invoice.contained[0].birthDate", Issue.VALUE),
        ({"date": None}, "Invoice.date", Issue.REQUIRED),
        ({"date": "2026-11"}, "Invoice.date", Issue.REQUIRED),
        ({"date": None, "creation": "2026-11-23"}, "Invoice.date", Issue.REQUIRED),
        ({"totalGross": None}, "Invoice.totalGross", Issue.REQUIRED),
        ({"totalGross": money("98.01")}, "Invoice.totalGross", Issue.BUSINESS_RULE),
        ({"totalGross": money("98.00", "EURO")}, "Invoice.totalGross.currency", Issue.VALUE),
        ({"lineItem": [line("A", currency="USD")]}, f"{FIRST}.amount.currency", Issue.VALUE),
        ({"lineItem": [{"priceComponent": []}]}, "Invoice.lineItem[0].priceComponent", Issue.REQUIRED),
        ({"lineItem": [line("", ("base", "98.00"))]}, "Invoice.lineItem[0].chargeItem[x]", Issue.REQUIRED),
        ({"lineItem": [line("A", ("foo", "98.00"))]}, f"{FIRST}.type", Issue.VALUE),
        ({"lineItem": {"a": 1}}, "Invoice.lineItem", Issue.VALUE),
        ({"recipient": {"reference": "urn:uuid:who"}}, "Invoice.recipient", Issue.VALUE),
        ({"modifierExtension": [{"url": "https://x.example/not"}]}, "Invoice.modifierExtension", Issue.NOT_SUPPORTED),
        ({"implicitRules": "https://x.example/rules"}, "Invoice.implicitRules", Issue.NOT_SUPPORTED),
        ({"resourceType": "Observation"}, "resourceType", Issue.NOT_SUPPORTED),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_at_its_element(changes, at, issue):
    with pytest.raises(ResourceRefused) as refused:
        told(invoice(**changes))

    assert (refused.value.at, refused.value.issue) == (at, issue)


def test_without_a_department_anywhere_it_is_refused():
    with pytest.raises(ResourceRefused) as refused:
        told(invoice(), department="")

    assert refused.value.at == "Invoice.issuer"


def test_the_systems_of_the_settings_choose_among_identifiers():
    two = [{"system": "https://a.example", "value": "A"}, {"system": "https://b.example", "value": "B"}]
    of_patient = patient(identifier=two)

    found = told(invoice(identifier=two, contained=of_patient), invoice_system="https://b.example",
                 record_number_system="https://a.example")  # fmt: skip

    assert (found.incoming.number, found.incoming.record_number) == ("B", "A")


@pytest.mark.parametrize(
    "bundle",
    [
        {"resourceType": "Bundle", "type": "history", "entry": []},
        {"resourceType": "Bundle", "type": "collection"},
        {"resourceType": "Bundle", "type": "transaction",
         "entry": [{"request": {"method": "DELETE", "url": "Invoice/1"}, "resource": invoice()}]},
    ],
)  # fmt: skip
def test_a_bundle_that_asks_for_something_else_is_refused(bundle):
    with pytest.raises(ResourceRefused):
        invoices_in(read_json(written(bundle)))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"a": 1}', b"\xff\xfe{}", b'{"resourceType": 5}', b"[" * 100_000, b"{" * 5,
     b'{"resourceType": "Invoice", "resourceType": "Invoice"}', b'{"resourceType": "Invoice", "a": NaN}',
     b" " * (BYTES_MAX + 1)],
)  # fmt: skip
def test_what_is_no_resource_is_told_from_one(content):
    with pytest.raises(ResourceRefused):
        read_json(content)


def test_mutated_resources_are_read_or_refused_and_nothing_else():
    chance = random.Random(7)
    samples = [json.loads(written(each)) for each in (BASE_R5, INDIA_R4, GERMANY_R4, invoice())]
    odd: list[object] = [
        None,
        True,
        7,
        -1.5,
        "",
        "x",
        "\u202e",
        [],
        {},
        [None],
        [[]],
        [{}],
        {"value": {}},
        "1E+400000",
        "2026-02-30",
    ]
    outcomes = {True: 0, False: 0}

    def spoil(value):
        if isinstance(value, dict) and value:
            name = chance.choice(list(value))
            spoilt = spoil(value[name])
            return {**value, name: spoilt} if chance.random() < 0.9 else {k: v for k, v in value.items() if k != name}
        if isinstance(value, list) and value:
            index = chance.randrange(len(value))
            return [*value[:index], spoil(value[index]), *value[index + 1 :]]
        return chance.choice(odd)

    for _ in range(1_000):
        content = json.dumps(spoil(chance.choice(samples))).encode()
        try:
            for around in invoices_in(read_json(content)):
                accepted(invoice_told(around, chance.choice(list(FhirVersion)), RULES).incoming)
            outcomes[True] += 1
        except Refused:
            outcomes[False] += 1

    assert min(outcomes.values()) > 100
