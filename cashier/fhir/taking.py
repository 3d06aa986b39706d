"""Invoices of FHIR taken in: all of a bundle or nothing of it, by the verb by which all invoices come."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa

from cashier.books import journal
from cashier.books.invoice import Invoice, Patient, tidied
from cashier.database import Database
from cashier.errors import CashierError, Party, Refused
from cashier.fhir.elements import Element, read_json
from cashier.fhir.invoice import FhirVersion, InvoiceTold, Told, invoice_told
from cashier.fhir.names import INVOICE
from cashier.fhir.problems import Issue, ResourceRefused
from cashier.fhir.references import invoices_in
from cashier.invoices.acceptance import accepted
from cashier.invoices.changes import FieldRefused
from cashier.invoices.intake import take_in_batch
from cashier.invoices.telling import told_outside
from cashier.invoices.views import IncomingInvoice
from cashier.language import m
from cashier.settings import FhirSettings

_ELEMENTS: Mapping[str, str] = {
    "number": "Invoice.identifier", "record_number": "Patient.identifier", "patient_name": "Patient.name",
    "born": "Patient.birthDate", "phone": "Patient.telecom", "email": "Patient.telecom",
    "department": "Invoice.issuer", "currency": "Invoice.totalGross.currency", "issued_on": "Invoice.date",
    "insurer": "Invoice.recipient", "insurer_share_minor": "Invoice.recipient",
}  # fmt: skip
_LINE = re.compile(r"lines\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """What became of the invoices: their numbers, those that were new, and those that were settled elsewhere."""

    numbers: Sequence[str]
    new: frozenset[str]
    elsewhere: Sequence[str]
    versions: Mapping[str, str]


async def take_resource(
    database: Database,
    content: bytes,
    version: FhirVersion,
    rules: FhirSettings,
    actor: journal.Actor,
    *,
    moves_money: bool,
) -> TakenIn:
    """Take in the invoices of a resource, all or none; where money moves, none that says that it is a test's.

    Safe to repeat.

    Raises ``ResourceRefused`` for what cannot be read and ``Refused`` for what stands against it, both without what
    was sent; and what the database raises.
    """
    around = invoices_in(read_json(content))
    if moves_money:
        for each in around:
            _refuse_test(each.invoice)
    told = [invoice_told(each, version, rules) for each in around]
    elsewhere = await _settled_elsewhere(database, told)
    batch = []
    for incoming in await _with_names(database, told):
        is_elsewhere = incoming.number in elsewhere
        batch.append(_accepted(msgspec.structs.replace(incoming, cancelled=True) if is_elsewhere else incoming))
    _check_once(batch)
    try:
        taken = await take_in_batch(database, batch, actor)
    except CashierError as error:
        if error.by is Party.DATABASE:
            raise
        raise Refused(told_outside(error.message), advice=told_outside(error.advice)) from None
    numbers = [each.number for each in batch]
    return TakenIn(
        numbers=numbers,
        new=taken.new,
        elsewhere=[number for number in numbers if number in {tidied(each) for each in elsewhere}],
        versions=taken.versions,
    )


def _refuse_test(invoice: Element) -> None:
    """Raise ``ResourceRefused`` for data of tests. https://terminology.hl7.org/CodeSystem-v3-ActReason.html"""
    meta = invoice.child("meta")
    labels = [] if meta is None else [*meta.children("security"), *meta.children("tag")]
    if any(each.text("code") == "HTEST" for each in labels):
        raise ResourceRefused(
            m("{field} says that this is a test, and here money moves.", field=invoice.at("meta")),
            issue=Issue.BUSINESS_RULE,
            at=invoice.at("meta"),
        )


async def _settled_elsewhere(database: Database, told: Sequence[InvoiceTold]) -> frozenset[str]:
    """Return which invoices are said to be balanced although nobody settled them here.

    They are owed to nobody here, and never called paid: no money of them is known.
    """
    balanced = {tidied(each.incoming.number): each.incoming.number for each in told if each.status is Told.BALANCED}
    async with database.reading() as session:
        settled = sa.select(Invoice.number).where(Invoice.number.in_(balanced), Invoice.balance_minor == 0)
        here = set((await session.execute(settled)).scalars())
    return frozenset(written for number, written in balanced.items() if number not in here)


async def _with_names(database: Database, told: Sequence[InvoiceTold]) -> list[IncomingInvoice]:
    """Return the invoices with their patients' names, as they are known of a record that alone was named."""
    numbers = {tidied(each.patient.record_number) for each in told if not each.patient.name}
    async with database.reading() as session:
        current = sa.orm.aliased(Patient)
        is_current = current.id == sa.func.coalesce(Patient.merged_into_id, Patient.id)
        statement = sa.select(Patient.record_number, current.name).join(current, is_current)
        rows = await session.execute(statement.where(Patient.record_number.in_(numbers)))
        names = {row.record_number: row.name for row in rows}
    found = []
    for each in told:
        if each.patient.name:
            found.append(each.incoming)
            continue
        name = names.get(tidied(each.patient.record_number))
        if name is None:
            raise ResourceRefused(
                m("Nobody is known by the record that {field} names.", field=each.patient.path),
                issue=Issue.NOT_FOUND,
                at=each.patient.path,
                advice=m("Send the Patient with the invoice."),
            )
        found.append(msgspec.structs.replace(each.incoming, patient_name=name))
    return found


def _accepted(incoming: IncomingInvoice) -> IncomingInvoice:
    try:
        return accepted(incoming)
    except Refused as refused:
        at = _element(refused.place) if isinstance(refused, FieldRefused) else INVOICE
        raise ResourceRefused(
            told_outside(refused.message), issue=Issue.BUSINESS_RULE, at=at, advice=told_outside(refused.advice)
        ) from None


def _element(place: str) -> str:
    line = _LINE.match(place)
    return f"Invoice.lineItem[{line[1]}]" if line is not None else _ELEMENTS.get(place, INVOICE)


def _check_once(batch: Sequence[IncomingInvoice]) -> None:
    if len({each.number for each in batch}) != len(batch):
        raise ResourceRefused(
            m("The bundle has the same invoice twice."), issue=Issue.BUSINESS_RULE, at="Bundle.entry"
        )
