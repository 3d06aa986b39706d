"""What of an invoice from the hospital's system is accepted: texts tidied, numbers that have room and add up.

What is refused is named by the invoice's number and by the field as docs/IMPORT.md has it; lines count from 0 there,
as in JSON.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date

import msgspec
import sqlalchemy as sa
from msgspec import UnsetType

from cashier.books.invoice import Invoice, InvoiceLine, Patient, tidied
from cashier.clock import latest_today
from cashier.invoices.changes import FieldRefused, InvoiceRefused
from cashier.invoices.views import IncomingInvoice, IncomingLine
from cashier.language import Message, dates, m
from cashier.money import CURRENCIES

_TOTAL_MINOR_MAX = 10**15
_BASIS_POINTS_MAX = 2**31 - 1
_NUMBER_LENGTH_MAX = 40
_AGE_YEARS_MAX = 130
_PHONE_DIGITS_MIN = 3

_TEXTS: Mapping[str, sa.orm.InstrumentedAttribute[str]] = {
    "number": Invoice.number,
    "record_number": Patient.record_number,
    "patient_name": Patient.name,
    "phone": Patient.phone,
    "email": Patient.email,
    "department": Invoice.department,
    "insurer": Invoice.insurer,
}
_REQUIRED = frozenset({"number", "record_number", "patient_name", "department"})
_KEYS = frozenset({"number", "record_number"})
_LINE_NUMBERS: Mapping[str, int] = {
    "quantity_milli": _TOTAL_MINOR_MAX,
    "unit_price_minor": _TOTAL_MINOR_MAX,
    "tax_basis_points": _BASIS_POINTS_MAX,
    "tax_minor": _TOTAL_MINOR_MAX,
    "total_minor": _TOTAL_MINOR_MAX,
}

# Joiners, without which Persian and Indic names are misspelt, and marks that Arabic and Syriac write before numbers.
_FORMATS_OF_WRITING = frozenset("\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")


def accepted(incoming: IncomingInvoice) -> IncomingInvoice:
    """Return ``incoming`` with its texts tidied: blanks around them gone, in Unicode's composed form (NFC).

    So that one invoice or patient, written in two ways, is one. Raises ``FieldRefused``, an ``InvoiceRefused``, for
    what contradicts itself, what has no room in the database, and for characters that are no text.
    """
    number = printable(incoming.number)
    if not number.strip():
        raise FieldRefused(m("An invoice without its number cannot be taken in."), place="number")
    texts = {
        name: _text(number, name, text, column)
        for name, column in _TEXTS.items()
        if isinstance(text := getattr(incoming, name), str)
    }
    lines = tuple(_line(number, index, line) for index, line in enumerate(incoming.lines))
    tidy = msgspec.structs.replace(incoming, **texts, lines=lines)
    _check_patient(tidy)
    _check_sums(tidy)
    return tidy


def accepted_news(
    *,
    record_number: str,
    name: str,
    born: date | UnsetType | None,
    phone: str | UnsetType | None,
    email: str | UnsetType | None,
) -> IncomingInvoice:
    """Return what another system says of a patient without an invoice, tidied as an invoice's would be.

    It comes in the form of a cancelled invoice that nobody takes in, so that nothing is accepted here that is refused
    there. Raises ``InvoiceRefused``; the “number” that it names is the record's.
    """
    day = latest_today()
    bare = IncomingInvoice(
        number=record_number, record_number=record_number, patient_name=name, born=born, phone=phone, email=email,
        department="-", currency="EUR", issued_on=day, due_on=day, cancelled=True,
    )  # fmt: skip
    return accepted(bare)


def accepted_patient(record_number: str, name: str, born: date | None) -> tuple[str, str]:
    """Return record number and name of a patient without an invoice, tidied as an invoice's would be.

    The name may be missing. Raises ``InvoiceRefused``, in the words of a counter, for what could not come with an
    invoice either, and for a name without a letter.
    """
    if not record_number.strip():
        raise InvoiceRefused(m("A patient is known by a record number."), advice=m("Type the record number."))
    _refuse_unseen(record_number, m("The record number"), is_key=True)
    _refuse_unseen(name, m("The name"), is_key=False)
    if name.strip() and not any(each.isalpha() for each in name):
        raise InvoiceRefused(m("“{name}” is no name.", name=printable(name)), advice=m("Type the patient's name."))
    if born is not None and _is_to_come(born):
        said = m("{date} is still to come.", date=dates.day_in_full(born))
        raise InvoiceRefused(said, advice=m("Look at the date of birth again."))
    if born is not None and _is_long_ago(born):
        said = m("{date} is {years} years ago or more.", date=dates.day_in_full(born), years=_AGE_YEARS_MAX)
        raise InvoiceRefused(said, advice=m("Look at the date of birth again."))
    number = _text(printable(record_number), "record_number", record_number, Patient.record_number)
    return number, _text(number, "patient_name", name, Patient.name) if name.strip() else ""


def _refuse_unseen(text: str, what: Message, *, is_key: bool) -> None:
    for each in unicodedata.normalize("NFC", text).strip():
        if _is_no_text(each, is_key=is_key):
            raise InvoiceRefused(
                m("{what} holds a character that nobody sees ({code}).", what=what, code=f"U+{ord(each):04X}"),
                advice=m("Type it anew, letter by letter."),
            )


def printable(text: str) -> str:
    """Return what a terminal can show of ``text`` without being told what to do, shortened to a number's length."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text.strip()[:_NUMBER_LENGTH_MAX])


def _text(number: str, field: str, text: str, column: sa.orm.InstrumentedAttribute[str]) -> str:
    tidy = unicodedata.normalize("NFC", text).strip()
    is_key = field in _KEYS
    if not tidy and field in _REQUIRED:
        raise FieldRefused(m("The {field} of {number} is empty.", field=field, number=number), place=field)
    if not (tidy.isascii() and tidy.isprintable()):
        for each in tidy:
            if _is_no_text(each, is_key=is_key):
                raise FieldRefused(
                    m(
                        "The {field} of {number} holds {character}, which is no text but a control, direction or "
                        "invisible character.",
                        field=field,
                        number=number,
                        character=f"U+{ord(each):04X}",
                    ),
                    place=field,
                )
    if is_key:
        tidy = tidied(tidy)
    length_max: int = column.type.length
    if len(tidy) > length_max:
        raise FieldRefused(
            m(
                "The {field} of {number} has more than {most} characters.",
                field=field,
                number=number,
                most=length_max,
            ),
            place=field,
        )
    return tidy


def _is_no_text(character: str, *, is_key: bool) -> bool:
    """Tell what nobody sees or what changes what is seen beside it; in what a record is known by, joiners too."""
    match unicodedata.category(character):
        case "Cc" | "Cs" | "Zl" | "Zp":
            return True
        case "Cf":
            return is_key or character not in _FORMATS_OF_WRITING
        case "Cn":
            # Noncharacters; others are only newer than our tables: https://www.unicode.org/faq/private_use#nonchar1
            return ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
        case _:
            return False


def _line(number: str, index: int, line: IncomingLine) -> IncomingLine:
    for name, most in _LINE_NUMBERS.items():
        if abs(getattr(line, name)) > most:
            raise FieldRefused(
                m(
                    "The {field} of {number} is more than can be kept.",
                    field=f"lines[{index}].{name}",
                    number=number,
                ),
                place=f"lines[{index}].{name}",
            )
    _check_line(number, index, line)
    field = f"lines[{index}].description"
    return msgspec.structs.replace(line, description=_text(number, field, line.description, InvoiceLine.description))


def _check_line(number: str, index: int, line: IncomingLine) -> None:
    """Refuse a line of which price, quantity, tax and total are not one sum.

    Prices and taxes were rounded by the hospital's system, each in its own way: half a minor unit for each piece, and
    one for the line, are let pass.
    """
    slack_minor = 1 + abs(line.quantity_milli) // 2000
    net_minor = line.total_minor - line.tax_minor
    if abs(net_minor * 1000 - line.quantity_milli * line.unit_price_minor) > slack_minor * 1000:
        raise FieldRefused(
            m(
                "The {field} of {number} is not quantity times price, with its tax.",
                field=f"lines[{index}].total_minor",
                number=number,
            ),
            place=f"lines[{index}].total_minor",
        )
    if abs(line.tax_minor * 10_000 - net_minor * line.tax_basis_points) > slack_minor * 10_000:
        raise FieldRefused(
            m(
                "The {field} of {number} is not what its rate makes of the price.",
                field=f"lines[{index}].tax_minor",
                number=number,
            ),
            place=f"lines[{index}].tax_minor",
        )


def _check_patient(incoming: IncomingInvoice) -> None:
    """Refuse a date of birth that nobody living has, and a phone number without digits."""
    number, phone = incoming.number, incoming.phone
    _check_born(number, incoming.born)
    if phone and sum(each.isdecimal() for each in phone) < _PHONE_DIGITS_MIN:
        raise FieldRefused(
            m(
                "The {field} of {number} is “{phone}”, in which there is no phone number.",
                field="phone",
                number=number,
                phone=phone,
            ),
            advice=m("Send the number, or leave the field empty."),
            place="phone",
        )


def _check_born(number: str, born: object) -> None:
    if isinstance(born, date):
        if _is_to_come(born):
            raise FieldRefused(
                m(
                    "The {field} of {number} is {date}, which is still to come.",
                    field="born",
                    number=number,
                    date=born.isoformat(),
                ),
                advice=_BORN,
                place="born",
            )
        if _is_long_ago(born):
            raise FieldRefused(
                m(
                    "The {field} of {number} is {date}, which is {years} years ago or more.",
                    field="born",
                    number=number,
                    date=born.isoformat(),
                    years=_AGE_YEARS_MAX,
                ),
                advice=_BORN,
                place="born",
            )


def _is_to_come(born: date) -> bool:
    return born > latest_today()


def _is_long_ago(born: date) -> bool:
    today = latest_today()
    return (today.year - born.year, today.month, today.day) >= (_AGE_YEARS_MAX, born.month, born.day)


_BORN = m("Send the patient's date of birth as YYYY-MM-DD, or null where it is not known.")


def _check_sums(incoming: IncomingInvoice) -> None:
    number = incoming.number
    total_minor = sum(line.total_minor for line in incoming.lines)
    if incoming.currency not in CURRENCIES:
        raise FieldRefused(
            m(
                "The {field} of {number} is “{currency}”, which is not a currency in use.",
                field="currency",
                number=number,
                currency=printable(incoming.currency),
            ),
            advice=m("Use three capitals, such as EUR."),
            place="currency",
        )
    if not incoming.lines and not incoming.cancelled:
        raise FieldRefused(
            m("{number} has no lines, so nobody can tell what it is for.", number=number), place="lines"
        )
    if abs(total_minor) > _TOTAL_MINOR_MAX:
        raise FieldRefused(m("The lines of {number} add up to more than can be kept.", number=number), place="lines")
    if not min(0, total_minor) <= incoming.insurer_share_minor <= max(0, total_minor):
        raise FieldRefused(
            m("The insurer's share of {number} is not between zero and its total.", number=number),
            place="insurer_share_minor",
        )
