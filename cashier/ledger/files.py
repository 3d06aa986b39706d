"""The ledger as text, for hledger, for beancount, and as CSV: by entry and by day.

Amounts are exact, written from integers. What a file holds follows from its entries alone: accounts and currencies
are declared at its end, as far as they occur, so that the same days give the same bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Protocol

from cashier.ledger.chart import Chart
from cashier.ledger.columns import Line, headings, row
from cashier.ledger.entry import Account, Entry, Leg
from cashier.money import Money, exponent_of


class Form(StrEnum):
    """The forms in which the ledger is written."""

    HLEDGER = "hledger"
    BEANCOUNT = "beancount"
    CSV = "csv"
    DAYS = "days"


class _Writer(Protocol):
    def __call__(self, entries: AsyncIterator[Entry], chart: Chart) -> AsyncIterator[str]: ...


async def as_hledger(entries: AsyncIterator[Entry], chart: Chart) -> AsyncIterator[str]:
    """Write a journal that ``hledger check --strict`` takes, with tags to ask for."""
    used = _Used()
    yield "decimal-mark .\n\n"
    async for entry in entries:
        used.see(entry, chart)
        tags = ", ".join(f"{name}:{_tag(value)}" for name, value in _facts_of(entry).items())
        legs = "".join(f"    {chart.name_of(leg.account)}  {_amount(leg)}{_invoice_tag(leg)}\n" for leg in entry.legs)
        yield f"{entry.day} * {entry.event}  ; {tags}\n{legs}\n"
    for currency in sorted(used.currencies):
        # An amount without decimals is declared with the mark, or it is not known which mark is which.
        whole = Money(1000 * 10 ** exponent_of(currency), currency).plain()
        yield f"commodity {whole if exponent_of(currency) else f'{whole}.'} {currency}\n"
    for name in sorted(used.names):
        yield f"account {name}\n"


async def as_beancount(entries: AsyncIterator[Entry], chart: Chart) -> AsyncIterator[str]:
    """Write a ledger that ``bean-check`` takes, with metadata to ask for."""
    used = _Used()
    async for entry in entries:
        used.see(entry, chart)
        facts = "".join(f'  {name}: "{_quoted(value)}"\n' for name, value in _facts_of(entry).items())
        legs = "".join(f"  {chart.name_of(leg.account)}  {_amount(leg)}\n{_invoice_meta(leg)}" for leg in entry.legs)
        yield f'{entry.day} * "{_quoted(entry.event)}"\n{facts}{legs}\n'
    for currency in sorted(used.currencies):
        yield f"{used.first} commodity {currency}\n"
    for name in sorted(used.names):
        yield f"{used.first} open {name}\n"


async def as_csv(entries: AsyncIterator[Entry], chart: Chart) -> AsyncIterator[str]:
    """Write a line for each leg, in the columns of ``chart``."""
    yield headings(chart.csv)
    async for entry in entries:
        for leg in entry.legs:
            yield row(_line(entry, leg, chart), chart.csv)


async def as_days(entries: AsyncIterator[Entry], chart: Chart) -> AsyncIterator[str]:
    """Write what each day comes to: a line for the debits of an account, and one for its credits."""
    yield headings(chart.csv)
    sums: Counter[tuple[Account, str, bool]] = Counter()
    day: date | None = None
    async for entry in entries:
        if day is not None and entry.day != day:
            yield _day(day, sums, chart)
            sums.clear()
        day = entry.day
        for leg in entry.legs:
            sums[leg.account, leg.currency, leg.amount_minor > 0] += leg.amount_minor
    if day is not None:
        yield _day(day, sums, chart)


WRITER_OF: Mapping[Form, _Writer] = {
    Form.HLEDGER: as_hledger,
    Form.BEANCOUNT: as_beancount,
    Form.CSV: as_csv,
    Form.DAYS: as_days,
}


class _Used:
    """Accounts and currencies that occur, and the first day."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.currencies: set[str] = set()
        self.first: date | None = None

    def see(self, entry: Entry, chart: Chart) -> None:
        self.first = self.first or entry.day
        self.names |= {chart.name_of(leg.account) for leg in entry.legs}
        self.currencies |= {leg.currency for leg in entry.legs}


def _facts_of(entry: Entry) -> dict[str, str]:
    facts = {
        "entry": str(entry.number), "desk": entry.desk, "tender": entry.tender, "payment": entry.payment,
        "refund": entry.refund, "receipt": entry.receipt,
    }  # fmt: skip
    return {name: value for name, value in facts.items() if value}


def _amount(leg: Leg) -> str:
    return f"{Money(leg.amount_minor, leg.currency).plain()} {leg.currency}"


def _invoice_tag(leg: Leg) -> str:
    return f"  ; invoice:{_tag(leg.invoice)}" if leg.invoice else ""


def _invoice_meta(leg: Leg) -> str:
    return f'    invoice: "{_quoted(leg.invoice)}"\n' if leg.invoice else ""


def _tag(value: str) -> str:
    """Write a tag's value: it ends at a comma, and with its line."""
    return re.sub(r"[,\x00-\x1f\x7f\x85\u2028\u2029]+", " ", value).strip()


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", escaped)


def _line(entry: Entry, leg: Leg, chart: Chart) -> Line:
    return Line(
        number=str(entry.number),
        day=entry.day,
        event=entry.event,
        account=chart.number_of(leg.account),
        name=chart.name_of(leg.account),
        amount=Money(leg.amount_minor, leg.currency),
        is_training=leg.account.is_training,
        desk=entry.desk,
        tender=entry.tender,
        invoice=leg.invoice,
        payment=entry.payment,
        refund=entry.refund,
        receipt=entry.receipt,
    )


def _day(day: date, sums: Counter[tuple[Account, str, bool]], chart: Chart) -> str:
    found = sorted(sums.items(), key=lambda item: (item[0][1], chart.name_of(item[0][0]), not item[0][2]))
    return "".join(
        row(
            Line(
                number=day.strftime("%Y%m%d"),
                day=day,
                event="day",
                account=chart.number_of(account),
                name=chart.name_of(account),
                amount=Money(amount_minor, currency),
                is_training=account.is_training,
            ),
            chart.csv,
        )
        for (account, currency, _), amount_minor in found
    )
