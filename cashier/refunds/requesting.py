"""Saving the request of a refund, in one transaction with what it was checked against."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.refunds import RefundRequested, RefundRequestRefused
from cashier.books.invoice import Invoice
from cashier.books.payment import Payment
from cashier.books.refund import Refund, RefundOrigin, RefundState
from cashier.clock import now
from cashier.errors import Refused
from cashier.language import m
from cashier.payments.credit_notes import take_credit
from cashier.refunds.checks import check_request
from cashier.refunds.deciding import expire_if_late
from cashier.refunds.effects import facts_of, record, spread
from cashier.refunds.locking import lock_note, lock_payment
from cashier.refunds.reasons import find_reason
from cashier.refunds.views import RefundRequest

DECIDED_WITHIN = timedelta(hours=24)
"""How long a request waits for somebody to decide."""


async def save_request(
    session: AsyncSession, request: RefundRequest, actor: journal.Actor
) -> tuple[Refund, Payment] | None:
    """Save ``request`` and return it, its payment locked; None where that was done before.

    Raises ``Refused`` for what cannot go back.
    """
    note_id = request.credit_note_id
    locked = await lock_payment(session, request.payment_id) if note_id is None else await lock_note(session, note_id)
    # Looked for under the lock: the same request may come twice at once.
    if await session.get(Refund, request.refund_id) is not None:
        return None
    payment = await _credit_for(session, request, locked, actor) if isinstance(locked, Invoice) else locked
    moment = now()
    waiting = sa.select(Refund).where(Refund.payment_id == payment.id, Refund.state == RefundState.REQUESTED)
    for other in (await session.execute(waiting)).scalars().all():
        await expire_if_late(session, other, moment)
    course = await check_request(session, payment, request, moment)
    reason = find_reason(request.reason_code)
    refund = Refund(
        id=request.refund_id,
        payment_id=payment.id,
        amount_minor=request.amount.amount_minor,
        currency=request.amount.currency,
        reason=request.reason,
        hospital_reason="" if reason is None else reason.words.english,
        reason_code=request.reason_code,
        note=request.note.strip(),
        way=course.way,
        rounding_minor=course.rounding_minor,
        instead_of=request.instead_of,
        reopens=request.reopens,
        origin=RefundOrigin.DESK,
        state=RefundState.REQUESTED,
        requested_by=actor.staff_id,
        desk_id=actor.desk_id,
        requested_at=moment,
        expires_at=moment + DECIDED_WITHIN,
    )
    session.add(refund)
    await session.flush()
    await spread(session, payment, refund, invoice_id=request.invoice_id)
    deed = RefundRequested(**facts_of(refund), reason=refund.hospital_reason or request.reason)
    await record(session, deed, actor)
    return refund, payment


async def note_refused_request(
    session: AsyncSession, requests: Sequence[RefundRequest], refusal: Refused, actor: journal.Actor
) -> None:
    """Write down that ``requests`` were refused: about each payment, because no refund was made."""
    for request in requests:
        deed = RefundRequestRefused(
            payment=request.payment_id,
            amount_minor=request.amount.amount_minor,
            currency=request.amount.currency,
            why=refusal.message.english,
        )
        await journal.record(session, deed, actor)


async def _credit_for(session: AsyncSession, request: RefundRequest, note: Invoice, actor: journal.Actor) -> Payment:
    """Take what ``request`` asks for off the locked ``note``. Raises ``Refused`` for more than is left of it."""
    if request.amount.currency != note.currency:
        raise Refused(
            m("Credit note {number} is in {currency}.", number=note.number, currency=note.currency),
            advice=m("Refund it in that currency."),
        )
    return await take_credit(session, note, request.amount.amount_minor, actor, payment_id=request.payment_id)
