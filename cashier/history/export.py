"""Payments as a CSV file, for other programs and for spreadsheets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import tzinfo
from pathlib import Path

from cashier import csv_file
from cashier.csv_file import Columns, moment, safe_text
from cashier.history.views import PaymentRow
from cashier.language import m
from cashier.money import Money


async def write_csv(
    path: Path,
    batches: AsyncIterator[Sequence[PaymentRow]],
    *,
    zone: tzinfo,
    replaces: bool,
    seal: Callable[[int], Awaitable[None]],
) -> int:
    """Write the payments to ``path``, as ``csv_file.write_csv`` does; return how many there are."""
    return await csv_file.write_csv(
        path,
        batches,
        _COLUMNS,
        zone=zone,
        replaces=replaces,
        seal=seal,
        nothing=m("No payment matches these filters."),
    )


def _amount(amount: Money | None) -> str:
    return "" if amount is None else amount.plain()


_COLUMNS: Columns[PaymentRow] = {
    "payment": lambda row, _zone: str(row.id),
    "created_at": lambda row, zone: moment(row.created_at, zone),
    "settled_at": lambda row, zone: moment(row.settled_at, zone),
    "state": lambda row, _zone: row.state.value,
    "tender": lambda row, _zone: row.tender.value,
    "currency": lambda row, _zone: row.amount.currency,
    "amount": lambda row, _zone: _amount(row.amount),
    "refunded": lambda row, _zone: _amount(row.refunded),
    "taken_back": lambda row, _zone: _amount(row.taken_back),
    "net": lambda row, _zone: _amount(row.net),
    "deposit": lambda row, _zone: _amount(row.deposit),
    "on_account": lambda row, _zone: _amount(row.unallocated),
    "cash_tendered": lambda row, _zone: _amount(row.tendered),
    "cash_rounding": lambda row, _zone: _amount(row.rounding),
    "patient_record": lambda row, _zone: safe_text(row.record_number),
    "invoices": lambda row, _zone: safe_text(" ".join(row.invoices)),
    "receipt": lambda row, _zone: safe_text(row.receipt_number),
    "reference": lambda row, _zone: safe_text(row.reference),
    "card_brand": lambda row, _zone: safe_text(row.card_brand),
    "card_last_four": lambda row, _zone: safe_text(row.card_last_four),
    "decline_code": lambda row, _zone: safe_text(row.decline_code),
    "desk": lambda row, _zone: safe_text(row.desk),
    "cashier": lambda row, _zone: safe_text(row.cashier),
    "stripe_session": lambda row, _zone: safe_text(row.stripe_session_id),
    "stripe_intent": lambda row, _zone: safe_text(row.stripe_intent_id),
    "stripe_charge": lambda row, _zone: safe_text(row.stripe_charge_id),
}
"""The columns and what stands in them. Patients are named by their record numbers only."""
