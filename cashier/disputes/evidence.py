"""Collecting what proves a disputed payment, from our own books. Nothing in it tells who the patient is, or of what.

A bank may show evidence to the cardholder, who need not be the patient.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.dispute import Dispute
from cashier.books.hospital import Desk, Hospital
from cashier.books.payment import Payment
from cashier.books.receipt import Receipt, ReceiptPrint
from cashier.books.refund import Refund, RefundOrigin, RefundState
from cashier.books.training import series_of
from cashier.disputes.charge_facts import proof_facts
from cashier.disputes.evidence_pdf import Evidence, EvidenceReceipt, EvidenceRefund
from cashier.disputes.words import reason_words, status_words
from cashier.language import Message, m, mc
from cashier.money import Money
from cashier.stripe_gateway.evidence import ChargeProof

_REFUND_WORDS: Mapping[RefundState, Message] = {
    RefundState.PENDING: mc("of a refund", "Under way"),
    RefundState.SUCCEEDED: mc("of a refund", "Refunded"),
    RefundState.FAILED: mc("of a refund", "Failed"),
}


async def collect_evidence(
    session: AsyncSession, dispute: Dispute, moment: datetime, proof: ChargeProof | None
) -> Evidence:
    """Collect everything that stands on the sheet of evidence; ``proof`` is what Stripe knows of the charge."""
    payment = await session.get_one(Payment, dispute.payment_id)
    hospital = await session.get_one(Hospital, 1)
    desk = await session.get_one(Desk, payment.desk_id)
    receipts = await _receipts_of(session, payment)
    return Evidence(
        hospital=hospital.name,
        legal_name=hospital.legal_name,
        tax_id=hospital.tax_id,
        address=hospital.address,
        time_zone=hospital.time_zone,
        made_at=moment,
        dispute_id=dispute.stripe_id,
        dispute_amount=Money(dispute.amount_minor, dispute.currency),
        reason=reason_words(dispute.reason),
        status=status_words(dispute.status),
        opened_at=dispute.opened_at,
        respond_by=dispute.respond_by,
        amount=payment.amount,
        # Its name may be that of a department.
        desk=m("Desk {desk}", desk=desk.code),
        begun_at=payment.created_at,
        paid_at=payment.settled_at or payment.created_at,
        presence=payment.tender.row.as_evidence,
        card_brand=payment.card_brand or "",
        card_last_four=payment.card_last_four or "",
        session_id=payment.stripe_session_id or "",
        intent_id=payment.stripe_intent_id or "",
        charge_id=payment.stripe_charge_id or "",
        receipts=receipts,
        refunds=await _refunds_of(session, payment),
        proof=() if proof is None else proof_facts(proof),
        is_training=any(each.number.startswith(f"{series_of(desk.code, is_training=True)}-") for each in receipts),
    )


async def _receipts_of(session: AsyncSession, payment: Payment) -> tuple[EvidenceReceipt, ...]:
    first = sa.select(ReceiptPrint.receipt_id, sa.func.min(ReceiptPrint.printed_at).label("at"))
    prints = first.group_by(ReceiptPrint.receipt_id).subquery()
    statement = (
        sa.select(Receipt, prints.c.at)
        .outerjoin(prints, prints.c.receipt_id == Receipt.id)
        .where(Receipt.payment_id == payment.id)
        .order_by(Receipt.issued_at, Receipt.id)
    )
    return tuple(
        EvidenceReceipt(
            number=receipt.full_number,
            amount=Money(receipt.amount_minor, receipt.currency),
            issued_at=receipt.issued_at,
            handed_out_at=handed_out_at,
        )
        for receipt, handed_out_at in await session.execute(statement)
    )


async def _refunds_of(session: AsyncSession, payment: Payment) -> tuple[EvidenceRefund, ...]:
    statement = (
        sa.select(Refund)
        .where(Refund.payment_id == payment.id, Refund.state.in_(_REFUND_WORDS))
        .order_by(Refund.requested_at, Refund.id)
    )
    return tuple(
        EvidenceRefund(
            amount=refund.amount,
            at=refund.decided_at or refund.requested_at,
            outcome=_REFUND_WORDS[refund.state],
            is_from_dashboard=refund.origin is RefundOrigin.STRIPE,
            stripe_id=refund.stripe_refund_id or "",
        )
        for refund in (await session.execute(statement)).scalars()
    )
