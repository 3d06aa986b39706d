"""What had counted towards invoices before: as their earlier receipts say, and from the patient's account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice
from cashier.books.payment import Allocation, DepositUse, Payment
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.clock import on_the_clock
from cashier.receipts.facts import EarlierKind, EarlierShare, thaw


async def earlier_shares(
    session: AsyncSession, invoices: Sequence[Invoice], time_zone: str
) -> Mapping[int, Sequence[EarlierShare]]:
    """Return what had counted towards each of the ``invoices`` (locked), by their keys, oldest first.

    What the receipts themselves say is repeated, so that all papers of an invoice tell one story.
    """
    keys = {invoice.number: invoice.id for invoice in invoices}
    told = [
        *await _told_by_receipts(session, keys),
        *await _credit_used_for(session, list(keys.values()), time_zone),
    ]
    told.sort(key=lambda each: each.at)
    return {key: [each.share for each in told if each.invoice_id == key] for key in keys.values()}


@dataclass(frozen=True)
class _Told:
    invoice_id: int
    at: datetime
    share: EarlierShare


async def _told_by_receipts(session: AsyncSession, keys: Mapping[str, int]) -> list[_Told]:
    payments = sa.select(Allocation.payment_id).where(Allocation.invoice_id.in_(keys.values()))
    statement = sa.select(Receipt).where(Receipt.payment_id.in_(payments)).order_by(Receipt.id)
    return [told for receipt in (await session.execute(statement)).scalars() for told in _told_by(receipt, keys)]


def _told_by(receipt: Receipt, keys: Mapping[str, int]) -> list[_Told]:
    facts = thaw(receipt.facts)
    (tender, *_) = facts.tenders
    return [
        _Told(
            keys[invoice.number],
            receipt.issued_at,
            EarlierShare(
                kind=receipt.kind.value,
                amount_minor=invoice.paid_now_minor,
                on=datetime.fromisoformat(facts.issued_at).date().isoformat(),
                receipt=receipt.full_number,
                tender=tender.kind,
                card_brand=tender.card_brand,
                card_last_four=tender.card_last_four,
            ),
        )
        for invoice in facts.invoices
        if invoice.number in keys and invoice.paid_now_minor
    ]


async def _credit_used_for(session: AsyncSession, invoice_ids: Sequence[int], time_zone: str) -> list[_Told]:
    statement = (
        sa.select(Allocation.invoice_id, DepositUse.used_at, Allocation.amount_minor, Payment, Receipt)
        .join(DepositUse, DepositUse.id == Allocation.deposit_use_id)
        .join(Payment, Payment.id == Allocation.payment_id)
        .outerjoin(Receipt, sa.and_(Receipt.payment_id == Payment.id, Receipt.kind == ReceiptKind.PAYMENT))
        .where(Allocation.invoice_id.in_(invoice_ids))
        .order_by(Allocation.id)
    )
    return [
        _Told(
            invoice_id,
            used_at,
            EarlierShare(
                kind=EarlierKind.CREDIT.value,
                amount_minor=amount_minor,
                on=on_the_clock(used_at, time_zone).date().isoformat(),
                receipt=paid_in.full_number if payment.tender.row.brings_money else "",
                tender="" if payment.tender.row.brings_money else payment.tender.value,
            ),
        )
        for invoice_id, used_at, amount_minor, payment, paid_in in await session.execute(statement)
    ]
