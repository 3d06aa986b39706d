"""Refunds that the hospital's bank sends: approved here, done at the bank, noted by the cashier."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.refunds import TransferGivenUp, TransferSent
from cashier.books.payment import Payment
from cashier.books.receipt import ReceiptKind
from cashier.books.refund import Refund, RefundState
from cashier.channels.reference import transfer_reference
from cashier.database import Database
from cashier.database.circles import again_after_circle
from cashier.errors import Refused
from cashier.language import m
from cashier.receipts.service import Receipts
from cashier.refunds.checks import tidy_words
from cashier.refunds.effects import facts_of, let_credit_go, record, take_from_invoices
from cashier.refunds.locking import lock_refund
from cashier.refunds.queries import view_of
from cashier.refunds.views import RefundView
from cashier.staff.rights import Action, require
from cashier.tenders.refund_way import RefundWay


class RefundTransfers:
    """What became of transfers that were approved. Every verb is safe to repeat."""

    def __init__(self, database: Database, receipts: Receipts) -> None:
        """Work on ``database``; a transfer that was made gets its receipt."""
        self._database = database
        self._receipts = receipts

    @again_after_circle
    async def note_sent(self, refund_id: uuid.UUID, reference: str, actor: journal.Actor) -> RefundView:
        """Note that the bank has sent the money under its ``reference``: the refund is settled, with a receipt.

        Raises ``Refused`` without a reference, and for what was not approved.
        """
        await require(self._database, actor, Action.REQUEST_REFUND, subject=Subject.REFUND, subject_id=refund_id)
        number = transfer_reference(reference)
        async with self._database.transaction() as session:
            refund, payment = await _lock(session, refund_id)
            if refund.state is RefundState.APPROVED:
                moved = await take_from_invoices(session, payment, refund)
                refund.settle_here(reference=number)
                await session.flush()
                await self._receipts.issue_for_refund(
                    session, payment, refund, actor, kind=ReceiptKind.REFUND, moved=moved
                )
                await record(session, TransferSent(**facts_of(refund), reference=number), actor)
            return await view_of(session, refund_id)

    @again_after_circle
    async def give_up(self, refund_id: uuid.UUID, why: str, actor: journal.Actor) -> RefundView:
        """Note that the bank cannot send it: no money moved, and it can be asked for again.

        Raises ``Refused`` without a word, and for what was not approved or has been sent.
        """
        await require(self._database, actor, Action.REQUEST_REFUND, subject=Subject.REFUND, subject_id=refund_id)
        words = tidy_words(why)
        async with self._database.transaction() as session:
            refund, _payment = await _lock(session, refund_id)
            if refund.state is RefundState.SUCCEEDED:
                raise Refused(m("This transfer was sent."), advice=m("Look at its receipt."))
            if refund.state is RefundState.APPROVED:
                refund.give_up(words)
                await session.flush()
                await record(session, TransferGivenUp(**facts_of(refund), why=words), actor)
                await let_credit_go(session, refund, actor)
            return await view_of(session, refund_id)


async def _lock(session: AsyncSession, refund_id: uuid.UUID) -> tuple[Refund, Payment]:
    refund, payment = await lock_refund(session, refund_id)
    if refund.way is not RefundWay.BANK_TRANSFER:
        raise Refused(m("This refund does not go by the hospital's bank."), advice=m("Look at how it goes."))
    if refund.state not in (RefundState.APPROVED, RefundState.SUCCEEDED, RefundState.FAILED):
        raise Refused(m("This refund is not approved."), advice=m("Ask a supervisor first."))
    return refund, payment
