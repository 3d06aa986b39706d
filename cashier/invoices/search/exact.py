"""Whole numbers: the invoices that a number means, before any that only begin like it."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.invoice import Invoice, InvoiceKey
from cashier.books.payment import Payment, PaymentItem
from cashier.books.receipt import Receipt, ReceiptSeries
from cashier.invoices.spelling import compact, spaced, whole_keys

_MOST = 100
_RECEIPT_NUMBER_MAX = 10**15


async def meant_by(session: AsyncSession, text: str) -> tuple[int, ...]:
    """Return the keys of invoices whose number ``text`` is in some spelling, or that such a receipt tells of."""
    return (*(invoice_id for _, invoice_id in await numbered(session, text)), *(await of_receipt(session, text)))


async def only_one_meant(session: AsyncSession, text: str) -> int | None:
    """Return the invoice that a whole number means; None where it means none, or several in the same way.

    The one written most alike counts: as it is typed, then without capitals, punctuation, and zeros.
    """
    found = await numbered(session, text)
    if not found:
        told_of = await of_receipt(session, text)
        return told_of[0] if len(told_of) == 1 else None
    closest = min(likeness for likeness, _ in found)
    alike = [invoice_id for likeness, invoice_id in found if likeness == closest]
    return alike[0] if len(alike) == 1 else None


async def numbered(session: AsyncSession, text: str) -> list[tuple[int, int]]:
    """Return invoices whose whole number ``text`` is in some spelling: how unlike it is written, and its key."""
    keys = whole_keys(text)
    found = sa.select(Invoice.id, Invoice.number)
    if keys:
        of_keys = sa.select(InvoiceKey.invoice_id).where(InvoiceKey.key.in_(keys), InvoiceKey.is_whole)
        found = found.where(Invoice.id.in_(of_keys)).limit(_MOST)
    elif text.strip().isprintable():
        found = found.where(Invoice.number == text.strip())
    else:
        # No number is kept with signs that nobody sees, and no database compares some of them.
        return []
    rows = {row.id: row.number for row in await session.execute(found)}
    return [
        (_unlikeness(number, text), invoice_id)
        for invoice_id, number in rows.items()
        if not _may_lack_its_end(text, number)
    ]


def _unlikeness(number: str, text: str) -> int:
    if number == text.strip():
        return 0
    if number.casefold() == text.strip().casefold():
        return 1
    if compact(number) == compact(text):
        return 2
    return 3 if whole_keys(number)[:1] == whole_keys(text)[:1] else 4


def _may_lack_its_end(text: str, number: str) -> bool:
    """Tell whether ``text`` has some of the zeros of ``number`` but not all: then it may begin a longer number."""
    typed, whole = compact(text), compact(number)
    return len(typed) < len(whole) and re.search(r"(?<!\d)0\d", spaced(text)) is not None


async def of_receipt(session: AsyncSession, text: str) -> tuple[int, ...]:
    """Return the invoices of the payment that a receipt of the number ``text`` tells of, the newest first.

    A deposit was for no invoice: then it is those of its patient.
    """
    typed = compact(text)
    if not typed[-1:].isdecimal():
        return ()
    codes = list((await session.execute(sa.select(ReceiptSeries.code))).scalars())
    meant = [
        sa.and_(Receipt.series == code, Receipt.number == int(rest))
        for code in codes
        if (rest := typed.removeprefix(compact(code))) != typed
        and rest.isdecimal()
        and 0 < int(rest) < _RECEIPT_NUMBER_MAX
    ]
    if not meant:
        return ()
    payments = sa.select(Receipt.payment_id).where(sa.or_(*meant))
    items = sa.select(PaymentItem.invoice_id).where(PaymentItem.payment_id.in_(payments)).distinct()
    paid = tuple((await session.execute(items.order_by(PaymentItem.invoice_id.desc()).limit(_MOST))).scalars())
    if paid:
        return paid
    patients = sa.select(Payment.patient_id).where(Payment.id.in_(payments))
    theirs = sa.select(Invoice.id).where(Invoice.patient_id.in_(patients)).order_by(Invoice.id.desc())
    return tuple((await session.execute(theirs.limit(_MOST))).scalars())
