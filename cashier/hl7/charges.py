"""DFT^P03: the charges of one invoice, the whole of it.

A charge message has no number of an invoice, so the settings say where the hospital's system writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cashier.exact.number import ratio
from cashier.hl7.codes import ErrorCode
from cashier.hl7.fields import (
    amount_in,
    born_in,
    currency_of,
    day_in,
    name_in,
    number_in,
    reached_by,
    record_number,
)
from cashier.hl7.message import Hl7Message, Segment
from cashier.hl7.problems import MessageRefused, missing
from cashier.invoices.views import IncomingInvoice, IncomingLine
from cashier.language import m
from cashier.settings import Hl7Settings

_CHARGE, _CREDIT, _ADJUSTMENT = "CG", "CD", "AJ"
_TYPES = (_CHARGE, _CREDIT, _ADJUSTMENT)
_ONE = 1000


def invoice_of(message: Hl7Message, rules: Hl7Settings) -> IncomingInvoice:
    """Return the invoice that a charge message tells. Nothing is guessed.

    Raises ``MessageRefused`` for what is missing, cannot be read, or is no charge: a payment (PY) that stands in
    another system is not taken for one here, nor is it left out, for the patient would pay it twice.
    """
    patient = message.first("PID")
    charges = message.all("FT1")
    if not charges:
        message.first("FT1")
    currency = _currency(charges, rules)
    lines = [_line(each, currency) for each in charges]
    issued_on = max(_day(each) for each in charges)
    phone, email = reached_by(patient, 13)
    return IncomingInvoice(
        number=_number(message, rules),
        record_number=record_number(patient, 3, rules),
        patient_name=name_in(patient, 5),
        born=born_in(patient, 7),
        phone=phone,
        email=email,
        department=_department(message, charges, rules),
        currency=currency,
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=rules.due_days),
        insurer=_insurer(message),
        insurer_share_minor=sum(each.insured_minor for each in lines),
        lines=tuple(each.line for each in lines),
    )


def _number(message: Hl7Message, rules: Hl7Settings) -> str:
    name, _, field = rules.invoice_number.partition("-")
    number = int(field)
    segments = message.all(name)
    found = {text for each in segments if (text := each.text(number))}
    if not found:
        raise missing(rules.invoice_number)
    if len(found) > 1:
        raise MessageRefused(
            m("{field} has several numbers of invoices.", field=rules.invoice_number),
            code=ErrorCode.DUPLICATE_KEY,
            at=rules.invoice_number,
            advice=m("Send each invoice in a message of its own, all of its charges in it."),
        )
    return found.pop()


def _currency(charges: Sequence[Segment], rules: Hl7Settings) -> str:
    stated = {found for each in charges for number in (11, 12, 15) if (found := currency_of(each, number))}
    if len(stated) > 1:
        raise MessageRefused(
            m("The amounts are in several currencies."),
            code=ErrorCode.DATA_TYPE,
            at="FT1-11",
            advice=m("Send one invoice for each currency."),
        )
    if not stated and not rules.currency:
        raise MessageRefused(
            m("{field} names no currency.", field="FT1-11"),
            code=ErrorCode.REQUIRED_FIELD,
            at="FT1-11",
            advice=m("Send it beside the amount, or set hl7.currency."),
        )
    return stated.pop() if stated else rules.currency


@dataclass(frozen=True, kw_only=True)
class _Charge:
    line: IncomingLine
    insured_minor: int


def _line(charge: Segment, currency: str) -> _Charge:
    kind = charge.text(6)
    if kind not in _TYPES:
        raise MessageRefused(
            m("{field} is neither a charge nor a credit nor an adjustment.", field=charge.place(6)),
            code=ErrorCode.TABLE_VALUE if kind else ErrorCode.REQUIRED_FIELD,
            at=charge.place(6),
            advice=m("Send {types}; payments are not taken over from other systems.", types=", ".join(_TYPES)),
        )
    quantity_milli = _quantity(charge)
    price_minor = amount_in(charge, 12, currency)
    total_minor = amount_in(charge, 11, currency)
    if total_minor is None:
        if price_minor is None:
            raise missing(charge.place(11))
        total_minor = ratio(price_minor * quantity_milli, _ONE)
    if price_minor is None:
        price_minor = ratio(total_minor * _ONE, quantity_milli)
    insured_minor = amount_in(charge, 15, currency) or 0
    if kind == _CREDIT:
        # Some write a credit's amount with a minus and some without: it is a credit either way.
        price_minor, total_minor, insured_minor = -abs(price_minor), -abs(total_minor), -abs(insured_minor)
        quantity_milli = abs(quantity_milli)
    line = IncomingLine(
        description=_description(charge),
        quantity_milli=quantity_milli,
        unit_price_minor=price_minor,
        tax_basis_points=0,
        tax_minor=0,
        total_minor=total_minor,
    )
    return _Charge(line=line, insured_minor=insured_minor)


def _quantity(charge: Segment) -> int:
    text = charge.text(10)
    quantity_milli = number_in(charge, 10, text, decimals=3) if text else _ONE
    if not quantity_milli:
        raise MessageRefused(
            m("{field} is zero.", field=charge.place(10)), code=ErrorCode.DATA_TYPE, at=charge.place(10)
        )
    return quantity_milli


def _description(charge: Segment) -> str:
    for number, component in ((8, 1), (7, 2), (25, 2), (9, 1), (7, 1), (25, 1)):
        if text := charge.text(number, component):
            return text
    raise missing(charge.place(7))


def _day(charge: Segment) -> date:
    found = day_in(charge, 4)
    if found is None:
        raise missing(charge.place(4))
    return found


def _department(message: Hl7Message, charges: Sequence[Segment], rules: Hl7Settings) -> str:
    visits = message.all("PV1")
    named = [each.text(13, 2) or each.text(13) for each in charges] + [each.text(3) for each in visits]
    for text in (*named, rules.department):
        if text:
            return text
    raise MessageRefused(
        m("{field} names no department.", field="FT1-13"),
        code=ErrorCode.REQUIRED_FIELD,
        at="FT1-13",
        advice=m("Send it there or in PV1-3, or set hl7.department."),
    )


def _insurer(message: Hl7Message) -> str:
    for insurance in message.all("IN1"):
        if text := insurance.text(4):
            return text
    return ""
