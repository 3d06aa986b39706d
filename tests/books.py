"""What must always be true of the books, whatever happened to processes and networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cashier.database import Database
from cashier.invoices.model import Invoice, InvoiceStatus
from cashier.journal import JournalEntry, hash_of
from cashier.payments.model import Allocation, InvoiceHold, Payment, PaymentState
from cashier.receipts.model import Receipt, ReceiptSeries
from cashier.refunds.model import Refund


async def contradictions_in(database: Database) -> list[str]:
    """Return what does not agree among payments, refunds, allocations, invoices, receipts and the journal."""
    books = await _read(database)
    return [
        *(trouble for payment in books.payments for trouble in _of_payment(books, payment)),
        *(trouble for invoice in books.invoices for trouble in _of_invoice(books, invoice)),
        *_of_series(books),
        *_of_journal(books),
    ]


@dataclass(frozen=True, kw_only=True)
class _Books:
    payments: list[Payment]
    refunds: list[Refund]
    allocations: list[Allocation]
    invoices: list[Invoice]
    receipts: list[Receipt]
    series: list[ReceiptSeries]
    holds: list[InvoiceHold]
    entries: list[JournalEntry]


async def _read(database: Database) -> _Books:
    async with database.reading() as session:

        async def everything(model: type[Any]) -> list[Any]:
            return list((await session.execute(sa.select(model))).scalars())

        return _Books(
            payments=await everything(Payment),
            refunds=await everything(Refund),
            allocations=await everything(Allocation),
            invoices=await everything(Invoice),
            receipts=await everything(Receipt),
            series=await everything(ReceiptSeries),
            holds=await everything(InvoiceHold),
            entries=sorted(await everything(JournalEntry), key=lambda entry: entry.number),
        )


def _of_payment(books: _Books, payment: Payment) -> Iterator[str]:
    gone = sum(each.amount_minor for each in books.refunds if each.payment_id == payment.id and each.state.has_effect)
    allocated = sum(each.amount_minor for each in books.allocations if each.payment_id == payment.id)
    received = payment.amount_minor if payment.state is PaymentState.PAID else 0
    on_paper = sum(each.amount_minor for each in books.receipts if each.payment_id == payment.id)
    if received - gone != allocated + payment.unallocated_minor:
        yield f"{payment.id}: {received} - {gone} is not {allocated} + {payment.unallocated_minor}"
    if received - gone != on_paper:
        yield f"{payment.id}: {received} - {gone} is not {on_paper} on receipts"
    holding = [hold.invoice_id for hold in books.holds if hold.payment_id == payment.id]
    if bool(holding) == payment.state.is_final:
        yield f"{payment.id} is {payment.state} and holds {holding}"


def _of_invoice(books: _Books, invoice: Invoice) -> Iterator[str]:
    allocated = sum(each.amount_minor for each in books.allocations if each.invoice_id == invoice.id)
    if allocated != invoice.paid_minor:
        yield f"{invoice.number}: paid {invoice.paid_minor}, allocated {allocated}"
    due = invoice.total_minor - invoice.insurer_share_minor - invoice.paid_minor - invoice.returned_minor
    if due != invoice.balance_minor or due < 0:
        yield f"{invoice.number}: balance {invoice.balance_minor}, by the sums {due}"
    if invoice.status is not InvoiceStatus.CANCELLED and (due == 0) != (invoice.status is InvoiceStatus.PAID):
        yield f"{invoice.number}: {invoice.status} with {due} due"


def _of_series(books: _Books) -> Iterator[str]:
    for each in books.series:
        numbers = sorted(receipt.number for receipt in books.receipts if receipt.series == each.code)
        if numbers != list(range(1, each.last_number + 1)):
            yield f"series {each.code} has gaps: {numbers}"


def _of_journal(books: _Books) -> Iterator[str]:
    before = "0" * 64
    for number, entry in enumerate(books.entries, start=1):
        if (entry.number, entry.previous_hash, entry.hash) != (number, before, hash_of(entry)):
            yield f"journal broken at {number}"
            return
        before = entry.hash
