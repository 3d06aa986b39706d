"""An invoice from FHIR: what it comes to line by line, for whom, and whether it is owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from cashier.exact.number import ratio
from cashier.fhir.elements import Amount, Element
from cashier.fhir.names import ORGANIZATION, PATIENT, RELATED
from cashier.fhir.patient import PatientTold, patient_of
from cashier.fhir.problems import Issue, ResourceRefused, missing
from cashier.fhir.references import Surroundings
from cashier.invoices.views import IncomingInvoice, IncomingLine
from cashier.language import m
from cashier.settings import FhirSettings

_YEARS = range(1850, 2200)
_ADDS = frozenset({"base", "surcharge"})
_TAKES = frozenset({"deduction", "discount"})


class FhirVersion(StrEnum):
    """The versions that are read."""

    R4 = "r4"
    R5 = "r5"


class Told(StrEnum):
    """What the status of an invoice says."""

    ISSUED = "issued"
    BALANCED = "balanced"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"

    @property
    def is_owed(self) -> bool:
        """Tell whether it is owed still, by what it says itself."""
        return self is Told.ISSUED


@dataclass(frozen=True, kw_only=True)
class InvoiceTold:
    """An invoice as it was told. Its patient's name is empty where only the record was named."""

    incoming: IncomingInvoice
    status: Told
    patient: PatientTold


def invoice_told(around: Surroundings, version: FhirVersion, rules: FhirSettings) -> InvoiceTold:
    """Return an invoice of FHIR as the hospital's system would send it otherwise.

    Raises ``ResourceRefused`` for what is missing, cannot be read, or does not add up to its ``totalGross``.
    """
    invoice = around.invoice
    status = _status(invoice)
    patient = patient_of(around, rules)
    currency = _currency(invoice)
    lines = _lines(around, currency)
    total_minor = sum(line.total_minor for line in lines)
    _check_total(invoice, total_minor, currency, is_needed=status.is_owed or bool(lines))
    insurer = _insurer(around)
    issued_on = _day(invoice, version)
    incoming = IncomingInvoice(
        number=_number(invoice, rules),
        record_number=patient.record_number,
        patient_name=patient.name,
        born=patient.born,
        phone=patient.phone,
        email=patient.email,
        department=_department(around, rules),
        currency=currency,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=rules.due_days),
        insurer=insurer or "",
        insurer_share_minor=0 if insurer is None else total_minor,
        cancelled=status in (Told.CANCELLED, Told.ENTERED_IN_ERROR),
        lines=lines,
    )
    return InvoiceTold(incoming=incoming, status=status, patient=patient)


def _status(invoice: Element) -> Told:
    written = invoice.needed("status")
    try:
        return Told(written)
    except ValueError:
        problem = (
            m("The invoice is a draft still.")
            if written == "draft"
            else m("{field} does not hold what belongs there.", field=invoice.at("status"))
        )
        raise ResourceRefused(
            problem,
            issue=Issue.BUSINESS_RULE if written == "draft" else Issue.VALUE,
            at=invoice.at("status"),
            advice=m("Send it when it is issued, balanced, cancelled or entered-in-error."),
        ) from None


def _number(invoice: Element, rules: FhirSettings) -> str:
    given = [each for each in invoice.children("identifier") if each.text("value") and each.text("use") != "old"]
    if rules.invoice_system:
        given = [each for each in given if each.text("system") == rules.invoice_system]
    official = [each for each in given if each.text("use") == "official"]
    meant = {each.text("value") for each in (official or given)}
    if len(meant) == 1:
        return meant.pop()
    if not meant:
        raise missing(invoice.at("identifier"))
    raise ResourceRefused(
        m("{field} has several numbers of invoices.", field=invoice.at("identifier")),
        issue=Issue.VALUE,
        at=invoice.at("identifier"),
        advice=m("fhir.invoice_system says of which system the number is."),
    )


def _day(invoice: Element, version: FhirVersion) -> date:
    names = ("date",) if version is FhirVersion.R4 else ("creation", "date")
    for name in names:
        found = invoice.day(name)
        if found is not None and found.year in _YEARS:
            return found
    raise missing(invoice.at(names[0]))


def _currency(invoice: Element) -> str:
    gross = invoice.child("totalGross")
    if gross is None:
        raise missing(invoice.at("totalGross"))
    return Amount.of(gross).currency


def _check_total(invoice: Element, total_minor: int, currency: str, *, is_needed: bool) -> None:
    gross = invoice.child("totalGross")
    if gross is None or not is_needed:
        return
    if Amount.of(gross).minor_in(currency) != total_minor:
        raise ResourceRefused(
            m("{field} is not what the lines come to.", field=gross.path),
            issue=Issue.BUSINESS_RULE,
            at=gross.path,
            advice=m("A line comes to base, surcharge and tax without deduction and discount."),
        )


def _lines(around: Surroundings, currency: str) -> tuple[IncomingLine, ...]:
    return tuple(_line(around, each, currency) for each in around.invoice.children("lineItem"))


def _line(around: Surroundings, line: Element, currency: str) -> IncomingLine:
    line.check_understood()
    net_minor = tax_minor = 0
    rates: list[int] = []
    components = line.children("priceComponent")
    if not components:
        raise missing(line.at("priceComponent"))
    for component in components:
        component.check_understood()
        kind = component.needed("type")
        if kind == "informational":
            continue
        if kind not in (*_ADDS, *_TAKES, "tax"):
            raise ResourceRefused(
                m("{field} does not hold what belongs there.", field=component.at("type")),
                issue=Issue.VALUE,
                at=component.at("type"),
            )
        amount = component.child("amount")
        if amount is None:
            raise missing(component.at("amount"))
        amount_minor = Amount.of(amount).minor_in(currency)
        if kind == "tax":
            tax_minor += amount_minor
            factor = component.number("factor")
            rates += [] if factor is None else [factor.rounded(4)]
        else:
            # Some write what is taken off with a minus and some without.
            net_minor += -abs(amount_minor) if kind in _TAKES else amount_minor
    return IncomingLine(
        description=_description(around, line),
        quantity_milli=1000,
        unit_price_minor=net_minor,
        tax_basis_points=_rate(rates, tax_minor, net_minor),
        tax_minor=tax_minor,
        total_minor=net_minor + tax_minor,
    )


def _rate(rates: Sequence[int], tax_minor: int, net_minor: int) -> int:
    """Return the rate of a line's tax in basis points: as it was told, if there is one tax; else what it comes to."""
    if len(rates) == 1:
        return rates[0]
    return ratio(tax_minor * 10_000, net_minor) if net_minor else 0


def _description(around: Surroundings, line: Element) -> str:
    concept = line.child("chargeItemCodeableConcept")
    reference = line.child("chargeItemReference")
    item = around.meant_by(reference)
    if concept is None and item is not None:
        concept = item.child("code")
    if concept is not None:
        codings = concept.children("coding")
        for words in (concept.text("text"), *(each.text("display") for each in codings), *_codes(codings)):
            if words:
                return words
    if reference is not None and reference.text("display"):
        return reference.text("display")
    raise missing(line.at("chargeItem[x]"))


def _codes(codings: Sequence[Element]) -> list[str]:
    return [each.text("code") for each in codings]


def _insurer(around: Surroundings) -> str | None:
    """Return the organisation that owes all of it, if one does; None where the patient owes it."""
    recipient = around.invoice.child("recipient")
    if recipient is None:
        return None
    sent = around.meant_by(recipient)
    kind = sent.text("resourceType") if sent is not None else recipient.text("type")
    kind = kind or recipient.text("reference").rpartition("/")[0].rpartition("/")[2]
    if kind in (PATIENT, RELATED):
        return None
    if kind != ORGANIZATION:
        raise ResourceRefused(
            m("{field} does not tell who owes it: the patient or an organisation.", field=recipient.path),
            issue=Issue.VALUE,
            at=recipient.path,
            advice=m("Say its type: Patient, RelatedPerson or Organization."),
        )
    return recipient.text("display") or ("" if sent is None else sent.text("name")) or "-"


def _department(around: Surroundings, rules: FhirSettings) -> str:
    issuer = around.invoice.child("issuer")
    sent = around.meant_by(issuer)
    named = "" if issuer is None else issuer.text("display")
    for words in (named, "" if sent is None else sent.text("name"), rules.department):
        if words:
            return words
    raise ResourceRefused(
        m("{field} names no department.", field=around.invoice.at("issuer")),
        issue=Issue.REQUIRED,
        at=around.invoice.at("issuer"),
        advice=m("Send it there, or set fhir.department."),
    )
