"""Elements of a resource, read by name: each knows its path, and numbers stay as they were written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cashier.exact.number import Exact
from cashier.fhir.problems import Issue, ResourceRefused, missing, not_readable
from cashier.language import m
from cashier.money import CURRENCIES, exponent_of

BYTES_MAX = 1024 * 1024
"""How large a resource, or a bundle of them, may be."""

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[0-9:.]+(?:Z|[+-]\d\d:\d\d)?)?$", re.ASCII)
_PART = re.compile(r"\d{4}(?:-\d\d)?", re.ASCII)


class _Number(str):
    """A number as it was written: 297.00 is not 297."""

    __slots__ = ()


def read_json(content: bytes) -> Element:
    """Read a resource. Raises ``ResourceRefused`` for no JSON object with a ``resourceType``, or a large one."""
    if len(content) > BYTES_MAX:
        raise ResourceRefused(m("A resource has at most {most} bytes.", most=BYTES_MAX), issue=Issue.STRUCTURE, at="")
    try:
        value = json.loads(
            content.decode("utf-8-sig"),
            parse_float=_Number,
            parse_int=_Number,
            parse_constant=_refuse,
            object_pairs_hook=_each_once,
        )
    except (ValueError, RecursionError):
        value = None
    name = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(name, str) or isinstance(name, _Number) or not name.isalpha():
        raise ResourceRefused(
            m("This is no resource of FHIR as JSON."),
            issue=Issue.STRUCTURE,
            at="",
            advice=m("Send one JSON object in UTF-8, each element once, with its resourceType."),
        )
    return Element(value, name[:40])


def _refuse(_constant: str) -> Any:
    raise ValueError("JSON has no such number")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an element stands there twice")
    return found


@dataclass(frozen=True)
class Element:
    """An object within a resource, and where it is."""

    value: Any = field(repr=False)
    path: str

    def at(self, name: str) -> str:
        """Return the path of an element within this one."""
        return f"{self.path}.{name}"

    def has(self, name: str) -> bool:
        """Tell whether the element is there."""
        return self.value.get(name) is not None

    def text(self, name: str) -> str:
        """Return a text, or nothing. Raises ``ResourceRefused`` for what is no text."""
        found = self.value.get(name)
        if found is None:
            return ""
        if not isinstance(found, str) or isinstance(found, _Number):
            raise not_readable(self.at(name))
        return found.strip()

    def needed(self, name: str) -> str:
        """Return a text that has to be there. Raises ``ResourceRefused``."""
        found = self.text(name)
        if not found:
            raise missing(self.at(name))
        return found

    def child(self, name: str) -> Element | None:
        """Return an object, or None. Raises ``ResourceRefused`` for what is no object."""
        found = self.value.get(name)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise not_readable(self.at(name))
        return Element(found, self.at(name))

    def children(self, name: str) -> list[Element]:
        """Return the objects of a list. Raises ``ResourceRefused`` for what is no list of objects."""
        found = self.value.get(name)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise not_readable(self.at(name))
        return [Element(each, f"{self.at(name)}[{index}]") for index, each in enumerate(found)]

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list. Raises ``ResourceRefused`` for what is no list of texts."""
        found = self.value.get(name)
        if found is None:
            return []
        # Where only an extension stands, the list has nothing (null).
        if not isinstance(found, list) or any(each is not None and type(each) is not str for each in found):
            raise not_readable(self.at(name))
        return [each.strip() for each in found if each is not None]

    def number(self, name: str) -> Exact | None:
        """Return a number, exactly, or None. Raises ``ResourceRefused`` for what is none, such as ``"297.00"``."""
        found = self.value.get(name)
        if found is None:
            return None
        try:
            if isinstance(found, _Number):
                return Exact.read(found)
        except ValueError:
            pass
        raise not_readable(self.at(name))

    def day(self, name: str) -> date | None:
        """Return the day of a date or a moment, or None where there is none, or only a year or a month.

        Raises ``ResourceRefused`` for what is no date.
        """
        text = self.text(name)
        written = _DAY.match(text)
        if written is None:
            if text and not _PART.fullmatch(text):
                raise not_readable(self.at(name))
            return None
        try:
            return date.fromisoformat(written[1])
        except ValueError:
            raise not_readable(self.at(name)) from None

    def check_understood(self) -> None:
        """Raise ``ResourceRefused`` for what may turn the meaning of all the rest around, and is not known here.

        https://hl7.org/fhir/extensibility.html#modifierExtension
        """
        for name in ("modifierExtension", "implicitRules"):
            if self.value.get(name):
                raise ResourceRefused(
                    m("{field} is not understood, so nothing of the rest is taken.", field=self.at(name)),
                    issue=Issue.NOT_SUPPORTED,
                    at=self.at(name),
                )


@dataclass(frozen=True, kw_only=True)
class Amount:
    """An amount as it was written, in its currency, and where it is."""

    value: Exact
    currency: str
    path: str

    @classmethod
    def of(cls, money: Element) -> Amount:
        """Read an element of the type Money. Raises ``ResourceRefused``."""
        value = money.number("value")
        if value is None:
            raise missing(money.at("value"))
        currency = money.needed("currency")
        if currency not in CURRENCIES:
            raise ResourceRefused(
                m("{field} names no currency in use.", field=money.at("currency")),
                issue=Issue.VALUE,
                at=money.at("currency"),
                advice=m("Use three capitals, such as EUR."),
            )
        return cls(value=value, currency=currency, path=money.path)

    def minor_in(self, currency: str) -> int:
        """Return it in minor units. Raises ``ResourceRefused`` for another currency, and for too many decimals."""
        if self.currency != currency:
            raise ResourceRefused(
                m("{field} is in another currency than the other amounts.", field=self.path),
                issue=Issue.VALUE,
                at=f"{self.path}.currency",
            )
        try:
            return self.value.scaled(exponent_of(currency))
        except ValueError:
            raise not_readable(f"{self.path}.value") from None
