"""Invoices of FHIR as public profiles have them, with made-up people and sums."""

from __future__ import annotations

import copy
import json
from typing import Any

from cashier.settings import FhirSettings

RULES = FhirSettings(department="Outpatients")
_MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "identifier": [{"type": _MR, "system": "https://h.example/mrn", "value": "MRN-0000801"}],
    "name": [
        {"use": "old", "text": "Zoë Example"},
        {"use": "official", "family": "Dąbek", "given": ["Zoë", "Maria"]},
    ],
    "telecom": [{"system": "phone", "value": "+44 1632 960801"}, {"system": "email", "value": "zoe@example.org"}],
    "birthDate": "1985-07-14",
}


def exactly(text: str) -> str:
    """Return a mark for a number, which ``written`` writes to the letter."""
    return f"§{text}§"


def money(text: str, currency: str = "EUR") -> dict[str, Any]:
    """Return an amount, to be written exactly so."""
    return {"value": exactly(text), "currency": currency}


def written(resource: dict[str, Any]) -> bytes:
    """Write a resource; amounts as they were given."""
    text = json.dumps(resource, ensure_ascii=False)
    return text.replace('"§', "").replace('§"', "").encode()


def line(text: str = "Ultrasound", *parts: tuple[str, str], currency: str = "EUR") -> dict[str, Any]:
    """Return a line of such components: kind and amount."""
    given = parts or (("base", "98.00"),)
    return {
        "chargeItemCodeableConcept": {"text": text},
        "priceComponent": [{"type": kind, "amount": money(amount, currency)} for kind, amount in given],
    }


def invoice(number: str = "FH-1", gross: str = "98.00", **changes: Any) -> dict[str, Any]:
    """Return an issued invoice with its patient in it, R4."""
    facts: dict[str, Any] = {
        "resourceType": "Invoice",
        "status": "issued",
        "identifier": [{"system": "https://h.example/invoices", "value": number}],
        "contained": [copy.deepcopy(PATIENT)],
        "subject": {"reference": "#p"},
        "date": "2026-11-23",
        "lineItem": [line()],
        "totalGross": money(gross),
    }
    return {name: value for name, value in (facts | changes).items() if value is not None}


BASE_R5 = invoice(
    "R5-1",
    "98.01",
    date=None,
    creation="2026-11-23T10:15:00+01:00",
    issuer={"reference": "Organization/1", "display": "Cardiology"},
    lineItem=[
        {
            "sequence": "§1§",
            "servicedDate": "2026-11-22",
            "chargeItemCodeableConcept": {"coding": [{"code": "12345", "display": "Echocardiography"}]},
            "priceComponent": [
                {"type": "base", "amount": money("81.00")},
                {"type": "tax", "factor": exactly("0.21"), "amount": money("17.01")},
            ],
        }
    ],
)
"""In the form of the standard itself, R5: creation, a day of service, a tax with its rate."""

INDIA_R4: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "document",
    "entry": [
        {"fullUrl": "urn:uuid:c", "resource": {"resourceType": "Composition", "status": "final"}},
        {"fullUrl": "urn:uuid:p", "resource": {**PATIENT, "id": "ignored"}},
        {
            "fullUrl": "urn:uuid:i",
            "resource": {
                "resourceType": "Invoice",
                "id": "1",
                "status": "issued",
                "identifier": [{"system": "https://facility.example/bill", "value": "IN-2026-1"}],
                "type": {"coding": [{"code": "00", "display": "Consultation"}]},
                "subject": {"reference": "urn:uuid:p"},
                "date": "2026-11-23",
                "issuer": {"display": "Example Clinic"},
                "lineItem": [
                    {
                        "chargeItemReference": {"reference": "urn:uuid:ci"},
                        "priceComponent": [
                            {"type": "informational", "code": {"text": "MRP"}, "amount": money("150.00", "INR")},
                            {"type": "base", "amount": money("120.00", "INR")},
                            {"type": "discount", "amount": money("20.00", "INR")},
                            {"type": "tax", "code": {"text": "CGST"}, "amount": money("9.00", "INR")},
                            {"type": "tax", "code": {"text": "SGST"}, "amount": money("9.00", "INR")},
                        ],
                    }
                ],
                "totalNet": money("100.00", "INR"),
                "totalGross": money("118.00", "INR"),
            },
        },
        {
            "fullUrl": "urn:uuid:ci",
            "resource": {"resourceType": "ChargeItem", "code": {"coding": [{"display": "Paracetamol 500 mg"}]}},
        },
    ],
}
"""In the form of India's health stack: a document, what was charged in a resource of its own, taxes in two halves."""

GERMANY_R4 = invoice(
    "DE-RE-7",
    "56.43",
    extension=[{"url": "https://profile.example/payment-target", "valueDate": "2026-12-31"}],
    type={"coding": [{"code": "abrechnungsart"}]},
    identifier=[
        {"use": "secondary", "system": "https://profile.example/token", "value": "T-99"},
        {"use": "official", "system": "https://profile.example/invoice", "value": "DE-RE-7"},
    ],
    recipient={"reference": "#p"},
    totalPriceComponent=[{"type": "base", "amount": money("56.43")}],
    lineItem=[
        {
            "sequence": "§1§",
            "extension": [{"url": "https://profile.example/treatment", "valueDate": "2026-11-20"}],
            "chargeItemCodeableConcept": {"coding": [{"code": "410"}], "text": "Sonographie"},
            "priceComponent": [{"type": "base", "factor": exactly("2.3"), "amount": money("26.82")}],
        },
        {
            "sequence": "§2§",
            "chargeItemCodeableConcept": {"coding": [{"code": "420"}]},
            "priceComponent": [
                {"type": "base", "amount": money("30.00")},
                {"type": "deduction", "amount": money("-0.39")},
            ],
        },
    ],
)  # fmt: skip
"""In the form of a German profile: several identifiers, a multiplied fee, a deduction with a minus."""
