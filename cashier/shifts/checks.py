"""What has to be right before a shift is opened, counted or closed, and before money goes in or out."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.payment import Payment, PaymentState
from cashier.books.refund import Refund, RefundState
from cashier.books.shift import Shift
from cashier.books.staff import Staff
from cashier.clock import now
from cashier.denominations import denominations_of
from cashier.errors import Refused
from cashier.identifiers import refuse_card_number
from cashier.language import Message, m, mn
from cashier.language.number_style import Count
from cashier.money import Money
from cashier.shifts.views import DrawerCount
from cashier.tenders.refund_way import RefundWay

_REASON_LENGTH_MAX = 200
_PIECES_MAX = 100_000


def tidy_reason(text: str, *, asked: Message) -> str:
    """Return a reason as it is kept; ``asked`` is the refusal's advice when there is none.

    Raises ``Refused`` for none, for one that is too long, and for what looks like a card number.
    """
    reason = " ".join(text.split())
    if not reason:
        raise Refused(m("Say why."), advice=asked)
    if len(reason) > _REASON_LENGTH_MAX:
        raise Refused(
            m("This reason is too long."),
            advice=m("Use at most {count} characters.", count=_REASON_LENGTH_MAX),
        )
    refuse_card_number(reason)
    return reason


def check_amount(amount: Money, currency: str, *, least_minor: int) -> None:
    """Raise ``Refused`` unless ``amount`` is cash of this drawer."""
    if amount.currency != currency:
        raise Refused(m("This drawer has {currency}.", currency=currency), advice=m("Keep other currencies apart."))
    if amount.amount_minor < least_minor:
        raise Refused(
            (m("The amount must be above zero.") if least_minor else m("The float cannot be below zero.")),
            advice=m("Type how much it is."),
        )


def tidy_pieces(count: DrawerCount, currency: str) -> dict[int, int]:
    """Return what was counted, without what is not there. Raises ``Refused`` for what cannot be counted."""
    known = denominations_of(currency, 1)
    for value, pieces in count.pieces.items():
        if value not in known:
            raise Refused(
                m("There is no note or coin of {amount}.", amount=Money(value, currency)),
                advice=m("Count what the table shows."),
            )
        if not 0 <= pieces <= _PIECES_MAX:
            raise Refused(
                m("{count} pieces cannot be.", count=pieces),
                advice=m("Count from 0 to {most}.", most=Count(_PIECES_MAX)),
            )
    return {value: pieces for value, pieces in count.pieces.items() if pieces}


async def refuse_open_ends(session: AsyncSession, shift: Shift) -> None:
    """Raise ``Refused`` while a payment at the desk is not finished, or nobody has decided about a refund.

    What a bank has still to decide holds no shift up: it is carried over.
    """
    settled = [PaymentState.PROCESSING, *(state for state in PaymentState if state.is_final)]
    unfinished = sa.select(Payment).where(Payment.desk_id == shift.desk_id, Payment.state.not_in(settled))
    payments = (await session.execute(unfinished.order_by(Payment.created_at))).scalars().all()
    if payments:
        raise Refused(
            mn(
                "A payment of {amount} is not finished at this desk.",
                "{count} payments are not finished at this desk.",
                count=len(payments),
                amount=payments[0].amount,
            ),
            advice=m("Finish or cancel it first: at the till, its invoice tells how it stands."),
        )
    undecided = sa.select(Refund).where(
        Refund.desk_id == shift.desk_id,
        sa.or_(
            sa.and_(
                Refund.state == RefundState.REQUESTED,
                sa.or_(Refund.expires_at.is_(None), Refund.expires_at > now()),
            ),
            sa.and_(Refund.state == RefundState.APPROVED, Refund.way == RefundWay.CARD),
        ),
    )
    refunds = (await session.execute(undecided.order_by(Refund.requested_at))).scalars().all()
    if refunds:
        waits = refunds[0].state is RefundState.REQUESTED
        raise Refused(
            mn(
                "A refund of {amount} is not decided or sent yet.",
                "{count} refunds are not decided or sent yet.",
                count=len(refunds),
                amount=refunds[0].amount,
            ),
            advice=(
                await _ways_out(session, refunds[0]) if waits else m("Stripe has not answered yet; try again soon.")
            ),
        )


async def _ways_out(session: AsyncSession, refund: Refund) -> Message:
    """Say who can end a request that waits, and how."""
    requester = None if refund.requested_by is None else await session.get(Staff, refund.requested_by)
    if requester is None:
        return m("Have it approved or rejected first.")
    return m(
        "Have it approved or rejected first, or {person}, who asked for it, takes it back. It stands on the page of "
        "refunds, under “To decide”.",
        person=requester.display_name,
    )
