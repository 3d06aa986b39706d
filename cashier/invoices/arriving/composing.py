"""An invoice out of rows of text: each field read strictly, and what the rows say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from msgspec import UNSET, UnsetType

from cashier.errors import Refused
from cashier.invoices.arriving.amounts import Mark, NoAmount, scaled
from cashier.invoices.arriving.days import read_day
from cashier.invoices.arriving.layout import Layout
from cashier.invoices.arriving.profile import OF_INVOICE, Profile
from cashier.invoices.changes import FieldRefused
from cashier.invoices.views import IncomingInvoice, IncomingLine
from cashier.language import m
from cashier.money import CURRENCIES, exponent_of


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: the line where it begins, its fields with the constants, and what stood in its columns."""

    line: int
    number: str
    fields: Mapping[str, str]
    values: list[str]


def composed(rows: Sequence[Row], profile: Profile, layout: Layout, mark: Mark | None) -> IncomingInvoice:
    """Return the invoice that these rows are. Raises ``FieldRefused``, naming the column."""
    reading = _Reading(fields=_agreed(rows, layout), profile=profile, layout=layout, mark=mark)
    currency = reading.text("currency")
    decimals = exponent_of(currency) if currency in CURRENCIES else 2
    is_cancelled = reading.is_cancelled()
    lines = [
        _Reading(fields=row.fields, profile=profile, layout=layout, mark=mark).line(decimals)
        for row in rows
        if not (is_cancelled and not _has_total(row))
    ]
    return IncomingInvoice(
        number=reading.text("number"),
        record_number=reading.text("record_number"),
        patient_name=reading.text("patient_name"),
        born=reading.day("born") if reading.text("born") else UNSET,
        phone=reading.text_or_unset("phone"),
        email=reading.text_or_unset("email"),
        department=reading.text("department"),
        currency=currency,
        issued_on=reading.day("issued_on"),
        due_on=reading.day("due_on"),
        insurer=reading.text("insurer"),
        insurer_share_minor=reading.amount("insurer_share", "insurer_share_minor", decimals, without=0),
        cancelled=is_cancelled,
        lines=tuple(lines),
    )


def _has_total(row: Row) -> bool:
    return bool(row.fields.get("total") or row.fields.get("total_minor"))


def _agreed(rows: Sequence[Row], layout: Layout) -> Mapping[str, str]:
    """Return what all rows say of the invoice itself; a row may leave it out. Raises ``FieldRefused``."""
    if len(rows) == 1:
        return rows[0].fields
    agreed: dict[str, str] = {}
    for name in OF_INVOICE:
        said = {row.fields[name] for row in rows if row.fields.get(name)}
        if len(said) > 1 and name != "number":
            raise FieldRefused(
                m(
                    "The rows of {number} say two things in “{heading}”.",
                    number=rows[0].number,
                    heading=layout.heading_of(name),
                ),
                place=name,
            )
        agreed[name] = said.pop() if len(said) == 1 else rows[0].fields.get(name, "")
    return agreed


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """The fields of one row, or what several agree on."""

    fields: Mapping[str, str]
    profile: Profile
    layout: Layout
    mark: Mark | None

    def text(self, name: str) -> str:
        """Return a text; empty where there is none."""
        return self.fields.get(name, "")

    def text_or_unset(self, name: str) -> str | UnsetType:
        """Return a text; an empty one says nothing."""
        return self.fields.get(name, "") or UNSET

    def day(self, name: str) -> date:
        """Return a day. Raises ``FieldRefused``."""
        found = read_day(self.text(name), self.profile.dates)
        if found is None:
            said = m("“{text}” is no date such as {form}.", text=_shown(self.text(name)), form=self.profile.dates)
            raise self._refused(name, Refused(said))
        return found

    def is_cancelled(self) -> bool:
        """Tell whether it is no longer owed. Raises ``FieldRefused`` for a word that says neither."""
        if "cancelled" not in self.fields:
            return False
        word = self.text("cancelled").casefold()
        if word in {each.casefold() for each in self.profile.cancelled_when}:
            return True
        if word in {each.casefold() for each in self.profile.owed_when}:
            return False
        raise self._refused(
            "cancelled",
            Refused(
                m("“{text}” says neither that it is cancelled nor that it is owed.", text=_shown(word)),
                advice=m("Name such words in a profile, under cancelled_when and owed_when."),
            ),
        )

    def amount(self, name: str, exact: str, decimals: int, *, without: int | None = None) -> int:
        """Return an amount, from the column with decimals or from that with whole numbers; ``without`` any, that.

        Raises ``FieldRefused``.
        """
        for each, mark, places in ((name, self.mark, decimals), (exact, None, 0)):
            if each not in self.fields:
                continue
            text = self.fields[each]
            if not text and without is not None:
                return without
            try:
                return scaled(text, mark, places)
            except NoAmount as error:
                raise self._refused(each, error) from None
        return without or 0

    def line(self, decimals: int) -> IncomingLine:
        """Return one line; a price that is not told is what total, tax and quantity make of it."""
        total_minor = self.amount("total", "total_minor", decimals)
        tax_minor = self.amount("tax", "tax_minor", decimals, without=0)
        quantity_milli = self.amount("quantity", "quantity_milli", 3, without=1000)
        price_minor = _price_minor(total_minor - tax_minor, quantity_milli)
        return IncomingLine(
            description=self.text("description") or self.text("department"),
            quantity_milli=quantity_milli,
            unit_price_minor=self.amount("unit_price", "unit_price_minor", decimals, without=price_minor),
            tax_basis_points=self.amount("tax_rate", "tax_basis_points", 2, without=0),
            tax_minor=tax_minor,
            total_minor=total_minor,
        )

    def _refused(self, name: str, error: Refused) -> FieldRefused:
        said = m(
            "“{heading}” of {number}: {problem}",
            heading=self.layout.heading_of(name),
            number=_shown(self.text("number")),
            problem=error.message,
        )
        return FieldRefused(said, place=name, advice=error.advice)


def _price_minor(net_minor: int, quantity_milli: int) -> int:
    """Return the price of one, rounded: within what an invoice may be off by."""
    if not quantity_milli:
        return 0
    return (2 * net_minor * 1000 + quantity_milli) // (2 * quantity_milli)


def _shown(text: str) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in text[:40])
