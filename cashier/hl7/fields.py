"""What stands in single fields: amounts, days, names, and the number of a patient's record."""

from __future__ import annotations

import re
from datetime import date

from msgspec import UNSET, UnsetType

from cashier.exact.number import Exact
from cashier.hl7.codes import NOT_PHONES, ErrorCode
from cashier.hl7.message import Segment, Value
from cashier.hl7.problems import MessageRefused, missing, not_readable
from cashier.language import m
from cashier.money import CURRENCIES, exponent_of
from cashier.settings import Hl7Settings

_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{2,6}(?:\.\d+)?)?(?:[+-]\d{4})?", re.ASCII)
_YEARS = range(1850, 2200)
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)


def day_in(segment: Segment, number: int) -> date | None:
    """Return the day of a moment, or None where there is none. Raises ``MessageRefused`` for what is no day."""
    text = segment.text(number)
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        if found is not None and int(found[1]) in _YEARS:
            return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise not_readable(segment.place(number))


def number_in(segment: Segment, number: int, text: str, *, decimals: int) -> int:
    """Return ``text`` in units of so many decimals. Raises ``MessageRefused`` for what is no such number."""
    try:
        return Exact.read(text).scaled(decimals)
    except ValueError:
        raise not_readable(segment.place(number)) from None


def currency_of(segment: Segment, number: int) -> str | None:
    """Return the currency that stands beside an amount, or None.

    By the book it is the second part of the first component (``98.00&EUR``); many write it as the second component,
    which is for a code of two letters that says what kind of price it is. Raises ``MessageRefused`` for a currency
    that is none.
    """
    value = segment.value(number)
    for text in (value.text(1, 2), value.text(2)):
        if _CURRENCY.fullmatch(text):
            if text not in CURRENCIES:
                raise MessageRefused(
                    m("{field} names no currency in use.", field=segment.place(number)),
                    code=ErrorCode.TABLE_VALUE,
                    at=segment.place(number),
                    advice=m("Use three capitals, such as EUR."),
                )
            return text
    return None


def amount_in(segment: Segment, number: int, currency: str) -> int | None:
    """Return an amount in minor units of ``currency``, or None where none is written.

    Raises ``MessageRefused`` for what is no amount of this currency.
    """
    text = segment.text(number)
    if not text:
        return None
    stated = currency_of(segment, number)
    if stated not in (None, currency):
        raise MessageRefused(
            m("{field} is in another currency than the other amounts.", field=segment.place(number)),
            code=ErrorCode.DATA_TYPE,
            at=segment.place(number),
        )
    return number_in(segment, number, text, decimals=exponent_of(currency))


def record_number(segment: Segment, number: int, rules: Hl7Settings) -> str:
    """Return the number of a patient's record among the identifiers of a field (PID-3, MRG-1).

    It is the one of the type, and of the authority if one is set, that the settings name; a single identifier without
    a type is taken. Raises ``MessageRefused`` where none or several could be meant.
    """
    given = [each for each in segment.repetitions(number) if each.text(1)]
    if not given:
        raise missing(segment.place(number))
    meant = {each.text(1) for each in given if _is_meant(each, rules)}
    if not meant and len(given) == 1 and not given[0].text(5):
        meant = {given[0].text(1)}
    if len(meant) == 1:
        return meant.pop()
    problem = (
        m("{field} has several record numbers.", field=segment.place(number))
        if meant
        else m("{field} has no record number.", field=segment.place(number))
    )
    raise MessageRefused(
        problem,
        code=ErrorCode.UNKNOWN_KEY,
        at=segment.place(number),
        advice=m("hl7.record_number_type and hl7.record_number_authority say which identifier it is."),
    )


def _is_meant(identifier: Value, rules: Hl7Settings) -> bool:
    authority = rules.record_number_authority
    return identifier.text(5) == rules.record_number_type and authority in ("", identifier.text(4))


def name_in(segment: Segment, number: int) -> str:
    """Return a person's name as it is spoken: given, further, family, suffix. Raises ``MessageRefused``: none."""
    names = segment.repetitions(number)
    legal = [each for each in names if each.text(7) in ("L", "")] or names
    if not legal:
        raise missing(segment.place(number))
    name = legal[0]
    words = " ".join(filter(None, (name.text(2), name.text(3), name.text(1), name.text(4))))
    if not words:
        raise missing(segment.place(number))
    return words


Said = str | UnsetType | None
"""What is said of a patient: a text, that there is none (None), or nothing."""


def reached_by(segment: Segment, number: int) -> tuple[Said, Said]:
    """Return telephone number and e-mail address; nothing said where a field is empty."""
    given = segment.repetitions(number)
    if any(each.is_null for each in given):
        return None, None
    phones = [phone for each in given if (phone := _phone(each))]
    addresses = [address for each in given if (address := _email(each))]
    return phones[0] if phones else UNSET, addresses[0] if addresses else UNSET


def _email(value: Value) -> str:
    written = value.text(4)
    return written if "@" in written else value.text(1) if "@" in value.text(1) else ""


def _phone(value: Value) -> str:
    if value.text(2) == "NET" or value.text(3) in NOT_PHONES:
        return ""
    if "@" in value.text(1):
        return ""
    parts = [value.text(5), value.text(6), value.text(7)]
    written = value.text(1) or value.text(12) or " ".join(filter(None, parts))
    return f"+{written}" if written and not value.text(1) and not value.text(12) and parts[0] else written


def born_in(segment: Segment, number: int) -> date | UnsetType | None:
    """Return a date of birth, None where it is taken away, nothing said where the field is empty.

    Raises ``MessageRefused`` for what is no day.
    """
    if segment.value(number).is_null:
        return None
    found = day_in(segment, number)
    return UNSET if found is None else found
