"""The patient of an invoice: by the number of the record, never by a guess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from msgspec import UNSET, UnsetType

from cashier.fhir.elements import Element
from cashier.fhir.names import PATIENT
from cashier.fhir.problems import Issue, ResourceRefused, missing
from cashier.fhir.references import Surroundings
from cashier.language import m
from cashier.settings import FhirSettings

_RECORD = "MR"


@dataclass(frozen=True, kw_only=True)
class PatientTold:
    """What is said of a patient; without a name, only the number of the record."""

    record_number: str
    name: str = ""
    born: date | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    path: str


def patient_of(around: Surroundings, rules: FhirSettings) -> PatientTold:
    """Return the patient whom ``subject`` means: sent along, or named by the number of a record alone.

    Raises ``ResourceRefused`` where nobody, or several, could be meant.
    """
    subject = around.invoice.child("subject")
    if subject is None:
        raise missing(around.invoice.at("subject"))
    patient = around.meant_by(subject)
    if patient is None:
        identifier = subject.child("identifier")
        if identifier is None or not identifier.text("value"):
            raise ResourceRefused(
                m("{field} means nobody who was sent along.", field=subject.path),
                issue=Issue.NOT_FOUND,
                at=subject.path,
                advice=m("Send the Patient in it, or in the same bundle, or name the record by identifier."),
            )
        return PatientTold(record_number=_record([identifier], subject.at("identifier"), rules), path=subject.path)
    if patient.text("resourceType") != PATIENT:
        raise ResourceRefused(
            m("{field} is no patient.", field=subject.path), issue=Issue.BUSINESS_RULE, at=subject.path
        )
    patient.check_understood()
    born = patient.day("birthDate")
    return PatientTold(
        record_number=_record(patient.children("identifier"), patient.at("identifier"), rules),
        name=_name(patient),
        born=UNSET if born is None else born,
        phone=_reached(patient, "phone"),
        email=_reached(patient, "email"),
        path=patient.path,
    )


def _record(identifiers: list[Element], at: str, rules: FhirSettings) -> str:
    """Return the record number among identifiers: that of the system in the settings, else that of the type MR."""
    given = [each for each in identifiers if each.text("value") and each.text("use") != "old"]
    system = rules.record_number_system
    meant = {each.text("value") for each in given if (_is_of(each, system) if system else _is_record(each))}
    if not meant and len(given) == 1 and not system and not given[0].has("type"):
        meant = {given[0].text("value")}
    if len(meant) == 1:
        return meant.pop()
    problem = (
        m("{field} has several record numbers.", field=at) if meant else m("{field} has no record number.", field=at)
    )
    raise ResourceRefused(
        problem,
        issue=Issue.REQUIRED,
        at=at,
        advice=m("fhir.record_number_system says which identifier it is; otherwise it is the one of the type MR."),
    )


def _is_of(identifier: Element, system: str) -> bool:
    return identifier.text("system") == system


def _is_record(identifier: Element) -> bool:
    kind = identifier.child("type")
    return kind is not None and any(each.text("code") == _RECORD for each in kind.children("coding"))


def _name(patient: Element) -> str:
    names = [each for each in patient.children("name") if each.text("use") not in ("old", "maiden")]
    ranked = sorted(names, key=lambda each: ("official", "usual", "").index(_use(each)))
    for each in ranked:
        parts = [*each.texts("given"), each.text("family"), *each.texts("suffix")]
        words = each.text("text") or " ".join(filter(None, parts))
        if words:
            return words
    raise missing(patient.at("name"))


def _use(name: Element) -> str:
    use = name.text("use")
    return use if use in ("official", "usual") else ""


def _reached(patient: Element, system: str) -> str | UnsetType:
    for each in patient.children("telecom"):
        if each.text("system") == system and each.text("use") != "old" and each.text("value"):
            return each.text("value")
    return UNSET
