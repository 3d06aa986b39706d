"""What FHIR calls its resources."""

from __future__ import annotations

INVOICE = "Invoice"
BUNDLE = "Bundle"
PATIENT = "Patient"
RELATED = "RelatedPerson"
ORGANIZATION = "Organization"
