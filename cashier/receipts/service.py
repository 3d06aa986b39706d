"""Issuing receipts in the settling transaction, and handing out their documents."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind, Subject, digest_of
from cashier.books.deeds.records import ReceiptHandedOut, ReceiptIssued
from cashier.books.dispute import Reversal
from cashier.books.hospital import Desk, Hospital
from cashier.books.payment import Payment
from cashier.books.receipt import (
    Receipt,
    ReceiptDocument,
    ReceiptKind,
    ReceiptPrint,
    ReceiptSeries,
    ReceiptTranslation,
)
from cashier.books.refund import Refund
from cashier.books.training import series_of
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.database.circles import again_after_circle
from cashier.errors import Refused
from cashier.language import Message, m, speaking
from cashier.paper.stamp import stamp_copy
from cashier.receipts.collecting import (
    Occasion,
    collect,
    heading_of,
    occasion_of_payment,
    occasion_of_refund,
    occasion_of_reversal,
)
from cashier.receipts.facts import ReceiptFacts, freeze, thaw
from cashier.receipts.pdf import render
from cashier.receipts.roll import render_on_roll
from cashier.settings import ReceiptPaper
from cashier.staff.rights import Action, require


@dataclass(frozen=True, kw_only=True)
class ReceiptPdf:
    """A receipt as a document; ``copy`` is 0 for the original, and else the number stamped on it.

    A translation is in another ``language`` than the receipt's first one; copies are counted across all of them.
    """

    number: str
    pdf: bytes
    language: str
    is_translation: bool = False
    copy: int = 0

    @property
    def title(self) -> Message:
        """Name it as the beginning of a sentence."""
        if self.copy:
            return m("Receipt {number}, copy {copy},", number=self.number, copy=self.copy)
        return m("Receipt {number}", number=self.number)

    @property
    def file_name(self) -> str:
        """Suggest a name for saving it: ``receipt-D1-000042.pdf``, ``receipt-D1-000042-es-copy-1.pdf``."""
        language = f"-{self.language}" if self.is_translation else ""
        return f"receipt-{self.number}{language}{f'-copy-{self.copy}' if self.copy else ''}.pdf"


class Receipts:
    """Issues receipts and hands them out."""

    def __init__(
        self, database: Database, *, is_training: bool = False, paper: ReceiptPaper = ReceiptPaper.SHEET
    ) -> None:
        """Work on ``database``, and make receipts for ``paper``.

        In training (no money moves) they are marked, and have series of their own.
        """
        self._database = database
        self._paper = paper
        self.is_training = is_training

    async def issue(self, session: AsyncSession, payment: Payment, actor: journal.Actor) -> Receipt:
        """Give ``payment`` its receipt, in the transaction that settles it.

        Call it when the allocations and the invoices' balances are flushed, after all other locks: many wait for the
        number series. A payment has one receipt; a second one breaks a constraint. Raises ``Misconfigured`` when the
        hospital is not set up.
        """
        return await self._issue(session, payment, await occasion_of_payment(session, payment), actor)

    async def issue_for_refund(
        self,
        session: AsyncSession,
        payment: Payment,
        refund: Refund,
        actor: journal.Actor,
        *,
        kind: ReceiptKind,
        moved: Mapping[int, int],
    ) -> Receipt:
        """Give a ``refund`` of ``payment``, or its money that came back, a receipt: as ``issue``, for what ``moved``.

        That is how much counts towards each invoice by it, by the invoice's key: less than nothing when money goes
        back. Raises ``Misconfigured`` when the hospital is not set up.
        """
        occasion = await occasion_of_refund(session, payment, refund, kind=kind, moved=moved)
        return await self._issue(session, payment, occasion, actor, refund_id=refund.id)

    async def issue_for_reversal(
        self,
        session: AsyncSession,
        payment: Payment,
        reversal: Reversal,
        actor: journal.Actor,
        *,
        moved: Mapping[int, int],
    ) -> Receipt:
        """Give a ``reversal`` of ``payment`` by which money is owed again a receipt: as ``issue_for_refund``."""
        occasion = await occasion_of_reversal(session, payment, reversal, moved=moved)
        return await self._issue(session, payment, occasion, actor, reversal_id=reversal.id)

    async def facts_of(self, receipt_id: int) -> ReceiptFacts:
        """Return what stands on a receipt, for other systems. Raises ``Refused`` when there is none."""
        async with self._database.reading() as session:
            receipt = await session.get(Receipt, receipt_id)
        if receipt is None:
            raise Refused(m("This receipt does not exist."), advice=m("Open the invoice again and choose it there."))
        return thaw(receipt.facts)

    async def refuse_other_world(self, session: AsyncSession, payment: Payment) -> None:
        """Raise ``Refused`` for a paid payment of training where money moves, and for a real one in training."""
        if not payment.tender.row.brings_money:
            return  # credit has no receipt that says where it was used
        was_training = await _was_training(session, payment)
        if was_training and not self.is_training:
            raise Refused(
                m("This payment was made in training: no money came, so none goes back."),
                advice=m("Leave it as it is; its receipt is marked."),
            )
        if self.is_training and not was_training:
            raise Refused(
                m("This payment is real, and this desk is in training."), advice=m("Refund it at a desk at work.")
            )

    @again_after_circle
    async def document(self, receipt_id: int, language: str = "") -> ReceiptPdf:
        """Return the receipt for looking at it on the screen; this does not count as handing it out.

        Without a ``language`` it is in its first one: that of the hospital's papers when it was first used. Made and
        stored at the first use in each language; always the same bytes. Raises ``Refused`` when there is none.
        """
        async with self._database.reading() as session:
            receipt = await session.get(Receipt, receipt_id)
            if receipt is None:
                raise Refused(
                    m("This receipt does not exist."), advice=m("Open the invoice again and choose it there.")
                )
            stored = await _stored(session, receipt, language)
            hospital = await session.get_one(Hospital, 1)
        if stored is not None:
            return stored
        wanted = language or hospital.language_on_paper
        with speaking(wanted):
            pdf = self._drawn(thaw(receipt.facts))
        async with self._database.transaction() as session:
            await _lock(session, receipt)
            # Somebody may have been faster, and the language that is stored first is the receipt's own.
            stored = await _stored(session, receipt, language)
            if stored is not None:
                return stored
            is_translation = await session.get(ReceiptDocument, receipt_id) is not None
            kind = ReceiptTranslation if is_translation else ReceiptDocument
            session.add(kind(receipt_id=receipt_id, language=wanted, pdf=pdf, stored_at=now()))
        return ReceiptPdf(number=receipt.full_number, pdf=pdf, language=wanted, is_translation=is_translation)

    @again_after_circle
    async def hand_out(self, receipt_id: int, actor: journal.Actor, language: str = "") -> ReceiptPdf:
        """Return the receipt for printing or saving, and count it: first the original, then ``COPY 1``, ``COPY 2``…

        What is returned may be sent to the printer again when the paper jams; calling this again makes
        the next copy, whatever its ``language`` (see ``document``). Raises ``Refused`` when there is no such receipt.
        """
        await require(self._database, actor, Action.HAND_OUT_RECEIPT, subject=Subject.RECEIPT, subject_id=receipt_id)
        original = await self.document(receipt_id, language)
        async with self._database.transaction() as session:
            await _lock(session, await session.get_one(Receipt, receipt_id))
            last = sa.select(sa.func.max(ReceiptPrint.copy)).where(ReceiptPrint.receipt_id == receipt_id)
            last_copy = (await session.execute(last)).scalar()
            copy = 0 if last_copy is None else last_copy + 1
            session.add(
                ReceiptPrint(
                    receipt_id=receipt_id,
                    copy=copy,
                    printed_at=now(),
                    staff_id=actor.staff_id,
                    desk_id=actor.desk_id,
                )
            )
            await session.flush()
            deed = ReceiptHandedOut(
                kind=DeedKind.RECEIPT_REPRINTED if copy else DeedKind.RECEIPT_PRINTED,
                receipt=original.number,
                copy=copy,
                pdf_sha256=digest_of(original.pdf),
            )
            await journal.record(session, deed, actor)
        if not copy:
            return original
        with speaking(original.language):
            return replace(original, pdf=stamp_copy(original.pdf, copy), copy=copy)

    def _drawn(self, facts: ReceiptFacts) -> bytes:
        return render(facts) if self._paper is ReceiptPaper.SHEET else render_on_roll(facts, self._paper)

    async def _issue(
        self,
        session: AsyncSession,
        payment: Payment,
        occasion: Occasion,
        actor: journal.Actor,
        *,
        refund_id: uuid.UUID | None = None,
        reversal_id: int | None = None,
    ) -> Receipt:
        issued_at = now()
        heading = await heading_of(session, payment, occasion)
        # What goes back of a payment is told where the payment is.
        original = occasion.original
        is_training = self.is_training if original is None else await _was_training(session, payment)
        series = series_of(heading.desk.code, is_training=is_training)
        facts = await collect(session, payment, occasion, heading, issued_at=issued_at, is_training=is_training)
        # Everybody at this desk waits for the series from here on: it is the last that is asked for.
        receipt = Receipt(
            series=series,
            number=await _next_number(session, self._database, series),
            kind=occasion.kind,
            payment_id=payment.id,
            refund_id=refund_id,
            reversal_id=reversal_id,
            amount_minor=occasion.amount_minor,
            currency=payment.currency,
            issued_at=issued_at,
            facts="",
        )
        receipt.facts = freeze(msgspec.structs.replace(facts, number=receipt.full_number))
        session.add(receipt)
        await session.flush()
        deed = ReceiptIssued(
            receipt=receipt.full_number,
            payment=payment.id,
            receipt_kind=occasion.kind,
            amount_minor=receipt.amount_minor,
            currency=payment.currency,
            facts_sha256=digest_of(receipt.facts),
        )
        await journal.record(session, deed, actor)
        return receipt


async def _was_training(session: AsyncSession, payment: Payment) -> bool:
    """Tell whether a paid ``payment`` was made in training, as the series of its receipt says."""
    desk = await session.get_one(Desk, payment.desk_id)
    statement = sa.select(Receipt.series).where(Receipt.payment_id == payment.id, Receipt.kind == ReceiptKind.PAYMENT)
    return (await session.execute(statement)).scalar_one() == series_of(desk.code, is_training=True)


async def _next_number(session: AsyncSession, database: Database, code: str) -> int:
    """Take the next number of the series ``code``; its row stays locked until the commit, so none is lost."""
    taking = (
        sa.update(ReceiptSeries)
        .where(ReceiptSeries.code == code)
        .values(last_number=ReceiptSeries.last_number + 1)
        .returning(ReceiptSeries.last_number)
        .execution_options(synchronize_session=False)
    )
    number = (await session.execute(taking)).scalar_one_or_none()
    if number is None:
        insert = sqlite.insert if database.is_sqlite else postgresql.insert
        await session.execute(insert(ReceiptSeries).values(code=code, last_number=0).on_conflict_do_nothing())
        number = (await session.execute(taking)).scalar_one()
    return number


async def _stored(session: AsyncSession, receipt: Receipt, language: str) -> ReceiptPdf | None:
    """Find the receipt as it was made in ``language``, or at first; None when nobody has wanted it so yet."""
    first = await session.get(ReceiptDocument, receipt.id)
    if first is None:
        return None
    if language in ("", first.language):
        return ReceiptPdf(number=receipt.full_number, pdf=first.pdf, language=first.language)
    other = await session.get(ReceiptTranslation, (receipt.id, language))
    if other is None:
        return None
    return ReceiptPdf(number=receipt.full_number, pdf=other.pdf, language=language, is_translation=True)


async def _lock(session: AsyncSession, receipt: Receipt) -> None:
    """Keep others from handing out this receipt meanwhile. Receipts cannot be changed, so their series is locked."""
    await session.execute(
        sa.select(ReceiptSeries).where(ReceiptSeries.code == receipt.series).with_for_update(**ROW_LOCK)
    )
