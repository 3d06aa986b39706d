"""What a refund does to payment, invoices and receipts, in the transaction that learns of it."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.contradiction import ContradictionCode, Disagreement
from cashier.books.deeds.deed import DeedKind
from cashier.books.deeds.refunds import OfRefund, RefundDeed, RefundMove, RefundMoved
from cashier.books.difference import DifferenceKind, Finding, note
from cashier.books.from_stripe.refund_report import RefundReport, RefundStanding
from cashier.books.invoice import Invoice
from cashier.books.payment import Allocation, Payment
from cashier.books.receipt import ReceiptKind
from cashier.books.refund import Refund, RefundItem, RefundState
from cashier.clock import now
from cashier.database import ROW_LOCK
from cashier.language import m
from cashier.money import Money
from cashier.news import News
from cashier.payments.credit_notes import put_credit_back
from cashier.payments.deposits import free_of
from cashier.receipts.service import Receipts

_MOVE_TO: Mapping[RefundState, RefundMove] = {
    RefundState.PENDING: DeedKind.REFUND_PENDING,
    RefundState.SUCCEEDED: DeedKind.REFUND_SUCCEEDED,
    RefundState.FAILED: DeedKind.REFUND_FAILED,
}
"""What it is called when Stripe's news brings a refund into a state."""
CAME_BACK = m("The refund did not arrive: its money is at the hospital's account again.")


async def take_in_report(
    session: AsyncSession, receipts: Receipts, refund: Refund, report: RefundReport, actor: journal.Actor
) -> bool:
    """Let ``refund`` learn ``report`` (its payment's row is locked) and move the money. True when it moved.

    A report that contradicts what we know changes nothing but is kept for a supervisor.
    """
    had_effect = refund.state.has_effect
    try:
        await _check_covered(session, refund, report)
        moved = refund.learn(report)
    except Disagreement as found:
        if refund.keep_contradiction(found):
            deed = RefundMoved(kind=DeedKind.REFUND_CONTRADICTED, **facts_of(refund))
            await record(session, deed, actor)
        return False
    if not moved:
        return False
    payment = await session.get_one(Payment, refund.payment_id)
    if refund.state.has_effect and not had_effect:
        shares = await take_from_invoices(session, payment, refund)
        await receipts.issue_for_refund(session, payment, refund, actor, kind=ReceiptKind.REFUND, moved=shares)
    elif had_effect and not refund.state.has_effect:
        shares = await _move(session, payment, refund, sign=1)
        await receipts.issue_for_refund(session, payment, refund, actor, kind=ReceiptKind.REFUND_FAILED, moved=shares)
    await record(session, RefundMoved(kind=_MOVE_TO[refund.state], **facts_of(refund)), actor)
    # What Stripe never made has not gone anywhere, so nobody has to decide who bears it.
    if refund.state is RefundState.FAILED and refund.stripe_refund_id is not None:
        await note(session, came_back(refund))
    return True


def came_back(refund: Refund) -> Finding:
    """Describe a refund that did not arrive, as a difference that somebody has to decide about."""
    return Finding(
        kind=DifferenceKind.REFUND_CAME_BACK,
        stripe_id=refund.stripe_refund_id or str(refund.id),
        payment_id=refund.payment_id,
        amount=refund.amount,
        happened_at=now(),
        detail=CAME_BACK.english,
    )


async def take_from_invoices(session: AsyncSession, payment: Payment, refund: Refund) -> dict[int, int]:
    """Take the refund's money off the invoices and the account; the invoices stay locked until the commit.

    Returns what counts towards each invoice by it, by the invoice's key: less than nothing.
    """
    await _fit(session, payment, refund)
    return await _move(session, payment, refund, sign=-1)


async def let_credit_go(session: AsyncSession, refund: Refund, actor: journal.Actor) -> None:
    """Nothing comes of ``refund`` (its payment is locked): credit that nobody else asks for is on its note again.

    Money stays on the patient's account, where it was.
    """
    payment = await session.get_one(Payment, refund.payment_id)
    free = await free_of(session, [payment])
    await put_credit_back(session, payment, actor, promised_minor=payment.unallocated_minor - free[payment.id])


async def spread(session: AsyncSession, payment: Payment, refund: Refund, *, invoice_id: int | None = None) -> None:
    """Decide where the refund's money comes from: first from what no invoice took, then from the newest invoice.

    So refunding a duplicate never un-pays the good invoice. Written down once, when the refund is made; what
    other refunds are going to take is left to them. With an ``invoice_id`` all of it comes from that invoice, which
    is known to hold so much.
    """
    if invoice_id is not None:
        session.add(RefundItem(refund_id=refund.id, invoice_id=invoice_id, amount_minor=refund.amount_minor))
        await session.flush()
        return
    waiting = await _waiting_besides(session, refund)
    promised = await _items_of(session, waiting)
    loose_promised = sum(each.amount_minor for each in waiting) - sum(promised.values())
    allocated = await _allocated(session, payment)
    left = refund.amount_minor - min(refund.amount_minor, max(0, payment.unallocated_minor - loose_promised))
    takes: dict[int, int] = {}
    # A refund from Stripe's dashboard may need what was promised to a request of ours: it has gone already.
    for spared in (promised, {}):
        for holder_id, allocated_minor in allocated:
            free = allocated_minor - spared.get(holder_id, 0) - takes.get(holder_id, 0)
            share = max(0, min(left, free))
            takes[holder_id] = takes.get(holder_id, 0) + share
            left -= share
    session.add_all(
        RefundItem(refund_id=refund.id, invoice_id=holder_id, amount_minor=amount_minor)
        for holder_id, amount_minor in takes.items()
        if amount_minor
    )
    await session.flush()


async def _check_covered(session: AsyncSession, refund: Refund, report: RefundReport) -> None:
    """Raise ``Disagreement`` when Stripe tells of money that has gone back another way already.

    That happens when somebody refunds in Stripe's dashboard what was given back in cash: Stripe knows nothing of it.
    """
    if refund.state.has_effect or report.standing is RefundStanding.FAILED:
        return
    gone = [state for state in RefundState if state.has_effect]
    others = sa.select(sa.func.coalesce(sa.func.sum(Refund.amount_minor), 0)).where(
        Refund.payment_id == refund.payment_id, Refund.id != refund.id, Refund.state.in_(gone)
    )
    payment = await session.get_one(Payment, refund.payment_id)
    left = Money(payment.amount_minor - int((await session.execute(others)).scalar_one()), payment.currency)
    if left < refund.amount:
        raise Disagreement(
            ContradictionCode.REFUNDED_TWICE,
            told=refund.amount,
            left=left,
            advice=m("A supervisor has to ask the patient for what went back twice."),
        )


async def _fit(session: AsyncSession, payment: Payment, refund: Refund) -> None:
    """Spread the refund anew when another one took its money from under it meanwhile."""
    items = await _items_of(session, [refund])
    allocated = dict(await _allocated(session, payment))
    loose = refund.amount_minor - sum(items.values())
    if loose <= payment.unallocated_minor and all(
        amount_minor <= allocated.get(invoice_id, 0) for invoice_id, amount_minor in items.items()
    ):
        return
    await session.execute(sa.delete(RefundItem).where(RefundItem.refund_id == refund.id))
    await spread(session, payment, refund)


async def _waiting_besides(session: AsyncSession, refund: Refund) -> list[Refund]:
    statement = sa.select(Refund).where(
        Refund.payment_id == refund.payment_id,
        Refund.id != refund.id,
        Refund.state.in_((RefundState.REQUESTED, RefundState.APPROVED)),
    )
    return list((await session.execute(statement)).scalars())


async def _items_of(session: AsyncSession, refunds: list[Refund]) -> dict[int, int]:
    """Return how much the ``refunds`` take from each invoice, in minor units."""
    statement = (
        sa.select(RefundItem.invoice_id, sa.func.sum(RefundItem.amount_minor))
        .where(RefundItem.refund_id.in_([refund.id for refund in refunds]))
        .group_by(RefundItem.invoice_id)
    )
    return {invoice_id: int(amount) for invoice_id, amount in await session.execute(statement)}


async def _allocated(session: AsyncSession, payment: Payment) -> list[tuple[int, int]]:
    """Return what each invoice holds of this payment, in minor units, newest invoice first."""
    statement = (
        sa.select(Allocation.invoice_id, sa.func.sum(Allocation.amount_minor))
        .where(Allocation.payment_id == payment.id)
        .group_by(Allocation.invoice_id)
        .order_by(Allocation.invoice_id.desc())
    )
    return [(invoice_id, int(amount)) for invoice_id, amount in await session.execute(statement)]


async def _move(session: AsyncSession, payment: Payment, refund: Refund, *, sign: int) -> dict[int, int]:
    """Move the refund's money off the invoices (``sign`` -1), or back onto them when it failed (+1).

    What an invoice cannot take back any more, because it was paid again, cancelled or lowered meanwhile, becomes
    unallocated. Returns what moved, by the invoice's key.
    """
    statement = sa.select(RefundItem).where(RefundItem.refund_id == refund.id).order_by(RefundItem.invoice_id)
    items = (await session.execute(statement)).scalars().all()
    moved: dict[int, int] = {}
    for item in items:
        invoice = await session.get_one(Invoice, item.invoice_id, with_for_update=ROW_LOCK, populate_existing=True)
        if sign < 0:
            moves = item.amount_minor
            if not refund.reopens:
                invoice.returned_minor += moves
        else:
            if not refund.reopens:
                # Less was kept as returned when the invoice was lowered to what was paid.
                invoice.returned_minor -= min(item.amount_minor, invoice.returned_minor)
                invoice.keep_balance()
            moves = min(item.amount_minor, invoice.room_minor) if payment.is_like(invoice) else 0
        if moves == 0:
            continue
        moved[invoice.id] = sign * moves
        session.add(payment.count_towards(invoice, sign * moves, at=now()))
    payment.unallocated_minor += sign * refund.amount_minor - sum(moved.values())
    await session.flush()
    return moved


async def record(session: AsyncSession, deed: RefundDeed, actor: journal.Actor) -> None:
    """Write a refund's step into the journal, and tell whoever looks at its payment."""
    await News.announce(session, f"payment:{deed.payment}")
    await journal.record(session, deed, actor)


def facts_of(refund: Refund) -> OfRefund:
    """Return what every deed about ``refund`` says of it."""
    return {
        "refund": refund.id,
        "payment": refund.payment_id,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "stripe_refund": refund.stripe_refund_id,
        "failure": refund.failure,
        "way": refund.way,
    }
