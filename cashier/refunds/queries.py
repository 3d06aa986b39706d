"""Reading and watching refunds for windows: a few questions to the database, however many refunds there are."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from cashier.books.hospital import Desk
from cashier.books.invoice import Invoice, Patient
from cashier.books.payment import Payment
from cashier.books.receipt import Receipt, ReceiptKind
from cashier.books.refund import Refund, RefundItem, RefundOrigin, RefundState
from cashier.books.staff import Staff
from cashier.database import Database
from cashier.errors import CashierError, Refused
from cashier.language import NOTHING, Message, m, verbatim
from cashier.money import Money
from cashier.refunds.reasons import reason_of
from cashier.refunds.views import RefundShare, RefundView
from cashier.tenders.refund_way import RefundWay

MADE_IN_THE_DASHBOARD = m("Made in Stripe's dashboard.")
"""The note of a refund that nobody here has asked for."""
TAKEN_BACK = m("Taken back.")
"""What is said of a request that was taken back without a word."""

IS_WAITING = Refund.state == RefundState.REQUESTED
IS_UNDER_WAY = Refund.state.in_((RefundState.APPROVED, RefundState.PENDING))
IS_AT_STRIPE = sa.and_(IS_UNDER_WAY, Refund.way == RefundWay.CARD)


async def view_of(session: AsyncSession, refund_id: uuid.UUID) -> RefundView:
    """Read one refund as windows see it. Raises ``Refused`` when there is none."""
    views = await views_of(session, [refund_id])
    if not views:
        raise Refused(m("There is no such refund."), advice=m("Look at the payment's refunds."))
    return views[0]


async def views_of(session: AsyncSession, refund_ids: Sequence[uuid.UUID]) -> tuple[RefundView, ...]:
    """Read refunds as windows see them, in the order of ``refund_ids``; those that do not exist are left out."""
    requester, decider = aliased(Staff), aliased(Staff)
    statement = (
        sa.select(
            Refund, Payment, Patient.name, Patient.record_number, Patient.born,
            requester.display_name, decider.display_name, Desk.code, Receipt,
        )
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Patient, Patient.id == Payment.patient_id)
        .outerjoin(requester, requester.id == Refund.requested_by)
        .outerjoin(decider, decider.id == Refund.decided_by)
        .outerjoin(Desk, Desk.id == Refund.desk_id)
        .outerjoin(Receipt, sa.and_(Receipt.refund_id == Refund.id, Receipt.kind == ReceiptKind.REFUND))
        .where(Refund.id.in_(refund_ids))
    )  # fmt: skip
    rows = (await session.execute(statement)).all()
    shares = await _shares_of(session, refund_ids)
    found = {row[0].id: _view(row, tuple(shares[row[0].id])) for row in rows}
    return tuple(found[refund_id] for refund_id in refund_ids if refund_id in found)


async def ids_of(
    session: AsyncSession, *conditions: sa.ColumnElement[bool], limit: int | None = None
) -> list[uuid.UUID]:
    """Find refunds, the newest first."""
    statement = sa.select(Refund.id).where(*conditions).order_by(Refund.requested_at.desc(), Refund.id).limit(limit)
    return list((await session.execute(statement)).scalars())


async def _shares_of(
    session: AsyncSession, refund_ids: Sequence[uuid.UUID]
) -> defaultdict[uuid.UUID, list[RefundShare]]:
    statement = (
        sa.select(RefundItem.refund_id, Invoice.id, Invoice.number, RefundItem.amount_minor, Invoice.currency)
        .join(Invoice, Invoice.id == RefundItem.invoice_id)
        .where(RefundItem.refund_id.in_(refund_ids))
        .order_by(Invoice.id)
    )
    found: defaultdict[uuid.UUID, list[RefundShare]] = defaultdict(list)
    for refund_id, invoice_id, number, amount_minor, currency in await session.execute(statement):
        share = RefundShare(invoice_id=invoice_id, invoice_number=number, amount=Money(amount_minor, currency))
        found[refund_id].append(share)
    return found


def _view(row: Any, shares: tuple[RefundShare, ...]) -> RefundView:
    refund, payment, patient_name, record_number, born, requester, decider, desk, receipt = row
    return RefundView(
        id=refund.id,
        payment_id=refund.payment_id,
        amount=refund.amount,
        rounding=Money(refund.rounding_minor, refund.currency),
        state=refund.state,
        reason=refund.reason,
        hospital_reason=reason_of(refund),
        note=_note_of(refund),
        way=refund.way,
        reopens=refund.reopens,
        origin=refund.origin,
        desk=desk or "",
        desk_id=refund.desk_id,
        requested_by=refund.requested_by,
        requester=requester or "",
        requested_at=refund.requested_at,
        expires_at=refund.expires_at,
        decided_by=refund.decided_by,
        decider=decider or "",
        decided_at=refund.decided_at,
        by_rule=refund.rule_client_id is not None,
        turned_down=_words_of_rejection(refund),
        stripe_refund_id=refund.stripe_refund_id,
        reference=refund.reference,
        instead_of=refund.instead_of,
        failure=refund.failure,
        contradiction=refund.contradiction_words,
        shares=shares,
        patient_name=patient_name,
        record_number=record_number,
        born=born,
        paid=payment.amount,
        paid_at=payment.settled_at,
        tender=payment.tender,
        card_brand=payment.card_brand,
        card_last_four=payment.card_last_four,
        receipt_id=None if receipt is None else receipt.id,
        receipt_number=None if receipt is None else receipt.full_number,
    )


class FollowedRefunds:
    """Some refunds, for ``News.follow``."""

    subject = None
    silence_seconds = 5.0

    def __init__(
        self,
        database: Database,
        refund_ids: Sequence[uuid.UUID],
        *,
        refresh: Callable[[uuid.UUID], Awaitable[RefundView]],
    ) -> None:
        """Read the refunds from ``database``; ``refresh`` asks Stripe about one of them."""
        self._database = database
        self._refund_ids = tuple(refund_ids)
        self._refresh = refresh

    async def look(self) -> tuple[RefundView, ...]:
        """Read all of them at one moment."""
        async with self._database.reading() as session:
            return await views_of(session, self._refund_ids)

    async def ask(self, seen: tuple[RefundView, ...]) -> None:
        """Ask Stripe about each that is not settled; raises the first trouble when all were asked."""
        troubles: list[CashierError] = []
        for view in seen:
            if not view.is_settled:
                try:
                    await self._refresh(view.id)
                except CashierError as error:
                    troubles.append(error)
        if troubles:
            raise troubles[0]

    def with_trouble(self, seen: tuple[RefundView, ...], error: CashierError | None) -> tuple[RefundView, ...]:
        """Say why they may be older than they look."""
        trouble = None if error is None else error.message
        return tuple(replace(view, trouble=trouble) for view in seen)

    def is_over(self, seen: tuple[RefundView, ...]) -> bool:
        """Tell whether all are settled."""
        return all(view.is_settled for view in seen)


def _note_of(refund: Refund) -> Message:
    return MADE_IN_THE_DASHBOARD if refund.origin is RefundOrigin.STRIPE else verbatim(refund.note)


def _words_of_rejection(refund: Refund) -> Message:
    if refund.state is not RefundState.REJECTED:
        return NOTHING
    return TAKEN_BACK if refund.turned_down == "" else verbatim(refund.turned_down or "")
