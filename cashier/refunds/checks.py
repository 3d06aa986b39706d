"""What can go back, and how: asked before a refund is requested, and again before it is approved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.dispute import HOLDS_THE_MONEY, LEAVES_THE_MONEY, LOST, Dispute
from cashier.books.invoice import Invoice
from cashier.books.payment import Allocation, Payment, PaymentState
from cashier.books.refund import Refund, RefundItem, RefundState
from cashier.errors import Refused
from cashier.identifiers import refuse_card_number
from cashier.language import m
from cashier.money import Money, smallest_step_of
from cashier.refunds.reasons import find_reason
from cashier.refunds.views import RefundRequest
from cashier.shifts.coins import below_in_coins, in_coins
from cashier.tenders.refund_way import RefundWay

_NOTE_LENGTH_MAX = 400


@dataclass(frozen=True, kw_only=True)
class Course:
    """How a refund goes: by which way, and of cash how much more or less than its amount, for want of small coins."""

    way: RefundWay
    rounding_minor: int = 0


async def check_request(session: AsyncSession, payment: Payment, request: RefundRequest, moment: datetime) -> Course:
    """Return how the refund of ``request`` would go. Raises ``Refused`` when it cannot; the payment is locked."""
    await check_payment(session, payment)
    amount = request.amount
    if amount.currency != payment.currency:
        raise Refused(
            m("This payment is in {currency}.", currency=payment.currency), advice=m("Refund it in that currency.")
        )
    if amount.amount_minor <= 0:
        raise Refused(m("The amount must be above zero."), advice=m("Type how much goes back."))
    left = await left_of(session, payment, moment)
    if not left:
        raise Refused(m("This payment is refunded already."), advice=m("Look at the refunds it has."))
    if left < amount:
        raise Refused(
            m("{amount} is more than the {left} that are left of this payment.", amount=amount, left=left),
            advice=m("Look at the refunds it has already."),
        )
    if request.invoice_id is not None:
        await _check_invoice_share(session, payment, request.invoice_id, amount, moment)
    _check_words(request)
    if request.instead_of is not None:
        await _check_replacement(session, payment, request.instead_of, amount)
        return await _in_cash(session, payment, amount, moment)
    way = payment.way_back
    if way is RefundWay.CASH:
        return await _in_cash(session, payment, amount, moment)
    step = smallest_step_of(amount.currency)
    if way is RefundWay.CARD and amount.amount_minor % step:
        raise Refused(
            m("{amount} has too many decimals for a card.", amount=amount),
            advice=m(
                "In {currency} amounts go in steps of {step}.",
                currency=amount.currency,
                step=Money(step, amount.currency),
            ),
        )
    return Course(way=way)


async def check_payment(session: AsyncSession, payment: Payment) -> None:
    """Raise ``Refused`` unless money of this payment is ours to give back."""
    if payment.state is not PaymentState.PAID:
        raise Refused(m("This payment is not paid."), advice=m("Only what was paid can go back."))
    disputed = sa.select(Dispute.status).where(Dispute.payment_id == payment.id, Dispute.status.in_(HOLDS_THE_MONEY))
    held = set((await session.execute(disputed)).scalars())
    if held & LOST:
        raise Refused(
            m("The bank has taken this payment's money back for good."),
            advice=m("A supervisor decides under Differences whether it is owed again."),
        )
    if held:
        raise Refused(
            m("The cardholder disputes this payment, and the bank has its money."),
            advice=m("Answer the dispute instead: refunded as well, it would go back twice."),
        )


async def check_approval(
    session: AsyncSession, payment: Payment, refund: Refund, approver: journal.Actor, moment: datetime
) -> None:
    """Raise ``Refused`` unless ``approver``, whose right is known, may decide about this request now."""
    if approver.staff_id is None or approver.staff_id == refund.requested_by:
        raise Refused(m("Nobody approves a refund of their own."), advice=m("Ask another supervisor."))
    if refund.has_lapsed(moment):
        raise lapsed()
    await check_payment(session, payment)
    if refund.instead_of is not None:
        await _check_still_stands_in(session, payment, refund, moment)


def lapsed() -> Refused:
    """Say that a request was not decided in time."""
    return Refused(m("This request has expired: nobody decided in time."), advice=m("Ask for the refund again."))


async def left_of(session: AsyncSession, payment: Payment, moment: datetime) -> Money:
    """Return what of a payment has neither gone back nor is asked for; of credit, nor was put back on its note."""
    refunds = (await session.execute(sa.select(Refund).where(Refund.payment_id == payment.id))).scalars()
    taken = sum(each.amount_minor for each in refunds if each.state.takes_money and not each.has_lapsed(moment))
    if not payment.tender.row.brings_money:
        taken += await _put_back(session, payment)
    return Money(max(0, payment.amount_minor - taken), payment.currency)


async def _put_back(session: AsyncSession, payment: Payment) -> int:
    """Return how much of a payment by credit is on its note again."""
    off_note = (
        sa.select(sa.func.coalesce(sa.func.sum(Allocation.amount_minor), 0))
        .join(Invoice, Invoice.id == Allocation.invoice_id)
        .where(Allocation.payment_id == payment.id, Invoice.total_minor < 0)
    )
    return payment.amount_minor + int((await session.execute(off_note)).scalar_one())


async def left_on_invoice(session: AsyncSession, payment: Payment, invoice_id: int, moment: datetime) -> Money:
    """Return what an invoice holds of this payment, less what is asked for and has not gone yet."""
    allocated = sa.select(sa.func.coalesce(sa.func.sum(Allocation.amount_minor), 0)).where(
        Allocation.payment_id == payment.id, Allocation.invoice_id == invoice_id
    )
    promised = (
        sa.select(Refund, RefundItem.amount_minor)
        .join(RefundItem, RefundItem.refund_id == Refund.id)
        .where(
            Refund.payment_id == payment.id,
            RefundItem.invoice_id == invoice_id,
            Refund.state.in_((RefundState.REQUESTED, RefundState.APPROVED)),
        )
    )
    left = int((await session.execute(allocated)).scalar_one())
    left -= sum(minor for refund, minor in await session.execute(promised) if not refund.has_lapsed(moment))
    return Money(max(0, left), payment.currency)


def tidy_words(text: str) -> str:
    """Return the words of why something was not done. Raises ``Refused`` without any."""
    words = " ".join(text.split())
    if not words:
        raise Refused(m("Say why."), advice=m("One sentence is enough."))
    if len(words) > _NOTE_LENGTH_MAX:
        raise Refused(
            m("That is too long."),
            advice=m("Use at most {most} characters.", most=_NOTE_LENGTH_MAX),
        )
    refuse_card_number(words)
    return words


def _check_words(request: RefundRequest) -> None:
    note = request.note.strip()
    if len(note) > _NOTE_LENGTH_MAX:
        raise Refused(
            m("This note is too long."),
            advice=m("Use at most {most} characters.", most=_NOTE_LENGTH_MAX),
        )
    refuse_card_number(note)
    if request.reason_code is None:
        return
    reason = find_reason(request.reason_code)
    if reason is None or reason.at_stripe is not request.reason:
        raise Refused(m("This is not one of the hospital's reasons."), advice=m("Choose one of the list."))
    if reason.needs_note and not note:
        raise Refused(m("Say in the note why the money goes back."), advice=m("One sentence is enough."))


async def _check_invoice_share(
    session: AsyncSession, payment: Payment, invoice_id: int, amount: Money, moment: datetime
) -> None:
    there = await left_on_invoice(session, payment, invoice_id, moment)
    if there < amount:
        raise Refused(
            m(
                "{amount} is more than the {held} that this invoice holds of the payment.",
                amount=amount,
                held=there,
            ),
            advice=m("Look at its payments again."),
        )


async def _check_replacement(session: AsyncSession, payment: Payment, failed_id: object, amount: Money) -> None:
    """Cash goes out for a card payment only where the way back to the card is known to have failed."""
    failed = await session.get(Refund, failed_id)
    if failed is None or failed.payment_id != payment.id or failed.way is not RefundWay.CARD:
        raise Refused(
            m("Cash stands in only for a card refund of the same payment."), advice=m("Refund it to the card.")
        )
    if failed.state is not RefundState.FAILED:
        raise Refused(m("This card refund has not failed."), advice=m("Wait for its outcome; it may still arrive."))
    if failed.amount != amount:
        raise Refused(
            m("The card refund that failed was of {amount}.", amount=failed.amount),
            advice=m("Give exactly that in cash."),
        )
    standing_in = sa.select(Refund).where(Refund.instead_of == failed.id)
    if any(each.state.takes_money for each in (await session.execute(standing_in)).scalars()):
        raise Refused(
            m("Cash was asked for instead of this refund already."), advice=m("Look at the payment's refunds.")
        )


async def _check_still_stands_in(session: AsyncSession, payment: Payment, refund: Refund, moment: datetime) -> None:
    """Raise ``Refused`` where the money that cash stands in for has gone another way since it was asked for."""
    failed = await session.get_one(Refund, refund.instead_of)
    if failed.state is not RefundState.FAILED:
        raise Refused(
            m("The card refund was made after all."), advice=m("Give no cash: the money goes back to the card.")
        )
    asked = sa.select(sa.func.count()).where(
        Dispute.payment_id == payment.id, Dispute.status.not_in(LEAVES_THE_MONEY)
    )
    if (await session.execute(asked)).scalar_one():
        raise Refused(
            m("The cardholder's bank is asking about this payment, and may take its money back."),
            advice=m("Give no cash before that is over: it could go back twice."),
        )
    others = (
        await session.execute(sa.select(Refund).where(Refund.payment_id == payment.id, Refund.id != refund.id))
    ).scalars()
    gone = sum(each.amount_minor for each in others if each.state.takes_money and not each.has_lapsed(moment))
    if gone + refund.amount_minor > payment.amount_minor:
        raise Refused(
            m(
                "{amount} of this payment have gone back another way already, or are on their way.",
                amount=Money(gone, payment.currency),
            ),
            advice=m("Give no cash; look at the payment's refunds."),
        )


async def _in_cash(session: AsyncSession, payment: Payment, amount: Money, moment: datetime) -> Course:
    """Round what has gone back in cash together, so that parts come to what the whole would.

    Whatever is rounded, no more goes back than came. Raises ``Refused`` where nothing is left that coins can pay.
    """
    statement = sa.select(Refund).where(Refund.payment_id == payment.id)
    others = [
        each
        for each in (await session.execute(statement)).scalars()
        if each.state.takes_money and not each.has_lapsed(moment)
    ]
    in_cash = [each for each in others if each.way is RefundWay.CASH]
    together = Money(sum(each.amount_minor for each in in_cash), amount.currency) + amount
    given_minor = sum(each.given_in_cash.amount_minor for each in in_cash)
    to_give_minor = (await in_coins(session, together)).amount_minor - given_minor
    came_minor = payment.amount_minor + payment.rounding_minor
    gone_minor = sum(each.given_in_cash.amount_minor for each in others)
    if to_give_minor > came_minor - gone_minor:
        to_give_minor = await below_in_coins(session, Money(came_minor - gone_minor, amount.currency))
    if to_give_minor <= 0:
        raise Refused(
            m("{amount} cannot be given in coins.", amount=amount),
            advice=m("Refund it together with another amount."),
        )
    return Course(way=RefundWay.CASH, rounding_minor=to_give_minor - amount.amount_minor)
