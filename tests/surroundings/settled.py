"""Payments that Stripe reports as paid, settled by the real code, without a Stripe."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.from_stripe.payment_report import CardFacts, PaymentReport, Standing
from cashier.books.hospital import Desk
from cashier.books.invoice import Invoice
from cashier.books.journal import staff_at
from cashier.books.payment import Payment, PaymentItem, PaymentState
from cashier.books.receipt import Receipt
from cashier.books.staff import Staff
from cashier.clock import now
from cashier.database import Database
from cashier.money import Money
from cashier.payments.settlement import take_in_report
from cashier.receipts.service import Receipts
from cashier.tenders.tender import Tender


async def settle(database: Database, amounts_minor: Mapping[str, int], *, desk: str = "D1") -> Receipt:
    """Settle a card payment of these amounts on these invoice numbers; return its receipt."""
    async with database.transaction() as session:
        return await settle_in(session, database, amounts_minor, desk=desk)


async def settle_in(
    session: AsyncSession, database: Database, amounts_minor: Mapping[str, int], *, desk: str = "D1"
) -> Receipt:
    """Do the same inside a transaction of the caller's."""
    desk_id = (await session.execute(sa.select(Desk.id).where(Desk.code == desk))).scalar_one()
    staff_id = (await session.execute(sa.select(Staff.id).limit(1))).scalar_one()
    found = (await session.execute(sa.select(Invoice).where(Invoice.number.in_(amounts_minor)))).scalars().all()
    assert len(found) == len(amounts_minor)
    payment_id = uuid.uuid4()
    payment = Payment(
        id=payment_id,
        settlement_id=payment_id,
        patient_id=found[0].patient_id,
        desk_id=desk_id,
        staff_id=staff_id,
        tender=Tender.CHECKOUT,
        state=PaymentState.PREPARED,
        amount_minor=sum(amounts_minor.values()),
        unallocated_minor=0,
        currency="EUR",
        created_at=now(),
        return_base="http://127.0.0.1:1",
    )
    session.add(payment)
    await session.flush()
    session.add_all(
        PaymentItem(payment_id=payment.id, invoice_id=invoice.id, amount_minor=amounts_minor[invoice.number])
        for invoice in found
    )
    await session.flush()
    report = PaymentReport(
        standing=Standing.PAID,
        intent_id=f"pi_{payment.id.hex}",
        received=Money(payment.amount_minor, "EUR"),
        card=CardFacts(brand="visa", last_four="4242", expires_month=11, expires_year=2031),
    )
    actor = staff_at(staff_id=staff_id, desk_id=desk_id)
    assert await take_in_report(session, Receipts(database), payment, report, actor)
    return (await session.execute(sa.select(Receipt).where(Receipt.payment_id == payment.id))).scalar_one()
