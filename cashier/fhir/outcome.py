"""OperationOutcome: how FHIR says what became of a request."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OutcomeIssue:
    """One thing that is said; ``at`` is the element that it is about, or empty."""

    severity: str
    code: str
    said: str
    at: str = ""


def outcome_of(issues: Sequence[OutcomeIssue]) -> bytes:
    """Write what is said. https://hl7.org/fhir/R4/operationoutcome.html"""
    told = [
        {
            "severity": each.severity,
            "code": each.code,
            "diagnostics": each.said,
            **({"expression": [each.at]} if each.at else {}),
        }
        for each in issues
    ]
    return json.dumps({"resourceType": "OperationOutcome", "issue": told}, ensure_ascii=False).encode()
