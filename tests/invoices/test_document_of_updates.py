"""The table of docs/IMPORT.md, cell by cell: what an update means for an invoice, however it stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cashier.assembly import Services
from cashier.identifiers import new_id
from cashier.invoices.changes import InvoiceRefused
from cashier.invoices.intake import take_in
from cashier.money import Money
from cashier.payments.deposits import DepositOrder
from cashier.payments.views import PaymentView
from cashier.tenders.tender import Tender
from tests.invoices.arriving import a_line, an_invoice
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.sample_hospital import SampleHospital

pytestmark = pytest.mark.both_databases

DOCUMENT = Path(__file__).parents[2] / "docs" / "IMPORT.md"
TOTAL_MINOR, PAID_MINOR = 12_000, 5_000


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One invoice of 120.00 €, or one credit note: how it is sent, and what is done with it at the desk."""

    services: Services
    hospital: SampleHospital
    number: str
    sign: int = 1
    whose: str = ""
    """Whose it is: somebody else's for each, unless told."""

    async def send(self, total_minor: int = TOTAL_MINOR, **changes: Any) -> None:
        """Send it, with what is new about it."""
        line = a_line(self.sign * total_minor, quantity_milli=self.sign * 1000, unit_price_minor=total_minor)
        patient = {"record_number": f"MRN-{self.whose or self.number}", "patient_name": "Wanda Weiss"}
        facts = {**patient, "lines": (line,), **changes}
        await take_in(self.services.database, [an_invoice(self.number, **facts)])
        row = await self.services.invoices.find_by_number(self.number)
        assert row is not None
        self.hospital.invoice_ids[self.number] = row.id

    async def pay(self, amount_minor: int = TOTAL_MINOR, *, tender: Tender = Tender.EXTERNAL_TERMINAL) -> PaymentView:
        """Take so much for it."""
        order = order_for(self.hospital, self.number, amount_minor, tender=tender, reference=self.number)
        return await self.services.payments.begin(order, self.hospital.cashier)

    async def ask_back(self, *, reopens: bool) -> Any:
        """Pay all of it, and ask for all of it to go back."""
        request = refund_of((await self.pay()).id, TOTAL_MINOR, reopens=reopens)
        await self.services.refunds.request(request, self.hospital.cashier)
        return request

    async def give_back(self, *, reopens: bool) -> None:
        """Pay all of it, and give all of it back."""
        request = await self.ask_back(reopens=reopens)
        await self.services.refunds.approve(request.refund_id, self.hospital.colleague)
        await self.services.refund_transfers.note_sent(request.refund_id, "BANK-1", self.hospital.cashier)

    async def use_credit(self) -> None:
        """Use a part of the credit for an invoice of the patient."""
        other = Sample(
            services=self.services, hospital=self.hospital, number=f"{self.number}-PAID", whose=self.number
        )
        await other.send(PAID_MINOR)
        invoice_id = self.hospital.invoice_ids[other.number]
        order = DepositOrder(use_id=new_id(), invoice_id=invoice_id, amount=Money(PAID_MINOR, "EUR"))
        await self.services.deposits.use([order], self.hospital.cashier)


Deed = Callable[[Sample], Awaitable[Any]]


async def _nothing(_sample: Sample) -> None:
    """Leave it as it came."""


STANDS: Mapping[str, tuple[int, Deed]] = {
    "due, never paid": (1, _nothing),
    "being paid just now": (1, lambda sample: sample.pay(tender=Tender.CHECKOUT)),
    "part paid": (1, lambda sample: sample.pay(PAID_MINOR)),
    "paid": (1, lambda sample: sample.pay()),
    "paid, its refund waits for approval": (1, lambda sample: sample.ask_back(reopens=False)),
    "refunded, and owed again": (1, lambda sample: sample.give_back(reopens=True)),
    "refunded for good": (1, lambda sample: sample.give_back(reopens=False)),
    "cancelled": (1, lambda sample: sample.send(cancelled=True)),
    "a credit note, not used": (-1, _nothing),
    "a credit note, used in part": (-1, lambda sample: sample.use_credit()),
}

JUST_ABOVE, BELOW = PAID_MINOR + 1_000, PAID_MINOR - 1_000
UPDATES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "comes to more": ({"total_minor": 15_000},),
    "comes to less": ({"total_minor": JUST_ABOVE}, {"total_minor": BELOW}),
    "is cancelled": ({"cancelled": True},),
    "other patient or currency": ({"record_number": "MRN-9", "patient_name": "Third"}, {"currency": "USD"}),
    "says something else": ({"department": "Surgery", "insurer": "Meridian Mutual"},),
}
IS_TAKEN_IN: Mapping[str, tuple[bool, ...]] = {
    "taken in": (True, True),
    "refused": (False, False),
    "down to what is paid": (True, False),
    "down to what is used": (True, False),
}


def table() -> dict[str, dict[str, str]]:
    """Read the table: what is written for each way to stand and each update, without footnotes."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("| The invoice is |"))
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:]]
    heading, _rule, *rows = cells[: next(number for number, row in enumerate(cells) if row == [""])]
    return {row[0]: dict(zip(heading[1:], row[1:], strict=True)) for row in rows}


def test_the_table_has_a_row_for_every_way_to_stand_and_a_column_for_every_update():
    assert list(table()) == list(STANDS)
    assert {tuple(row) for row in table().values()} == {tuple(UPDATES)}


@pytest.mark.parametrize("stands", STANDS)
async def test_the_row_is_what_happens(services, hospital, stands):
    sign, deed = STANDS[stands]
    for update, written in table()[stands].items():
        for changes, is_taken_in in zip(UPDATES[update], IS_TAKEN_IN[written], strict=False):
            number = f"T-{list(UPDATES).index(update)}-{UPDATES[update].index(changes)}"
            sample = Sample(services=services, hospital=hospital, number=number, sign=sign)
            await sample.send()
            await deed(sample)

            happened = await _is_taken_in(sample, changes)

            assert happened == is_taken_in, f"{stands}, {update}: “{written}” is written, and {changes} were not that"

    assert await contradictions_in(services.database) == []


async def _is_taken_in(sample: Sample, changes: Mapping[str, Any]) -> bool:
    try:
        await sample.send(**changes)
    except InvoiceRefused:
        return False
    return True
