"""Where the story of a payment stands: the journal, Stripe's events, and what was used of the patient's account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books.deeds.deed import DeedKind, Subject
from cashier.books.deeds.words import DEED_WORDS
from cashier.books.from_stripe.event import StripeEvent
from cashier.books.hospital import Desk
from cashier.books.invoice import Invoice
from cashier.books.journal import JournalEntry
from cashier.books.payment import Allocation, DepositUse, Payment
from cashier.books.receipt import Receipt
from cashier.books.refund import Refund
from cashier.books.staff import Staff
from cashier.channels.declines import advice_for
from cashier.disputes.words import reason_words, status_words
from cashier.history.timeline import (
    PROGRAM,
    STEP_OF_DEED,
    STEP_OF_EVENT,
    STRIPE,
    Fact,
    Step,
    TimelineEntry,
    Untold,
    tell,
)
from cashier.language import NOTHING, Message, joined, m, verbatim
from cashier.money import Money
from cashier.refunds.queries import TAKEN_BACK

_JOURNAL = frozenset({"journal"})
_OF_STRIPE = frozenset({Step.PROCESSING, Step.PAID, Step.REFUND_ADOPTED})
"""Steps that are Stripe's doing, whoever's question brought the answer."""
_OF_DISPUTE = frozenset({Step.DISPUTED, Step.DISPUTE_CLOSED})
_OF_STRIPE_REFUND = frozenset({Step.REFUND_PENDING, Step.REFUNDED, Step.REFUND_FAILED})


async def read_timeline(session: AsyncSession, payment: Payment) -> tuple[TimelineEntry, ...]:
    """Read everything that is known to have happened to ``payment`` and to its refunds and receipts."""
    refunds = (await session.execute(sa.select(Refund).where(Refund.payment_id == payment.id))).scalars().all()
    at_stripe = {refund.stripe_refund_id for refund in refunds if refund.stripe_refund_id is not None}
    told = await _from_events(session, payment, at_stripe)
    noted = await _from_journal(session, payment, [str(refund.id) for refund in refunds])
    used = await _from_deposits(session, payment)
    return tell([*_new_declines(noted, told), *told, *used], begun_at=payment.created_at, known_refunds=at_stripe)


def _new_declines(noted: list[Fact], told: list[Fact]) -> Iterator[Fact]:
    """Leave out declines that Stripe's own events tell, or that the journal repeats with every later state."""
    known = {fact.detail for fact in told if fact.step is Step.DECLINED}
    for fact in noted:
        if fact.step is Step.DECLINED:
            if fact.detail in known:
                continue
            known.add(fact.detail)
        yield fact


async def _from_journal(session: AsyncSession, payment: Payment, refund_ids: list[str]) -> list[Fact]:
    receipts = (await session.execute(sa.select(Receipt).where(Receipt.payment_id == payment.id))).scalars().all()
    receipt_of = {receipt.refund_id: receipt.full_number for receipt in receipts}
    statement = (
        sa.select(JournalEntry, Staff.display_name, Desk.code)
        .outerjoin(Staff, Staff.id == JournalEntry.staff_id)
        .outerjoin(Desk, Desk.id == JournalEntry.desk_id)
        .where(
            sa.or_(
                sa.and_(JournalEntry.subject == Subject.PAYMENT, JournalEntry.subject_id == str(payment.id)),
                sa.and_(JournalEntry.subject == Subject.REFUND, JournalEntry.subject_id.in_(refund_ids)),
                sa.and_(
                    JournalEntry.subject == Subject.RECEIPT,
                    JournalEntry.subject_id.in_([receipt.full_number for receipt in receipts]),
                ),
            )
        )
        .order_by(JournalEntry.number)
    )
    rows = (await session.execute(statement)).all()
    return [
        fact
        for entry, name, desk in rows
        for fact in _told_by(entry, _person(name, desk), payment, receipt_of.get(None, ""))
    ]


def _told_by(entry: JournalEntry, who: Message, payment: Payment, receipt_number: str) -> Iterator[Fact]:
    deed = DeedKind.of(entry.action)
    step = Step.NOTED if deed is None else STEP_OF_DEED[deed]
    if isinstance(step, Untold):
        return
    facts: dict[str, Any] = json.loads(entry.facts)
    about, detail = "", NOTHING
    if entry.subject == Subject.RECEIPT:
        about = f"{entry.subject_id} {facts.get('copy', 0)}"
        detail = verbatim(entry.subject_id)
        if facts.get("copy"):
            detail = m("{receipt}, copy {copy}", receipt=detail, copy=facts["copy"])
    elif entry.subject == Subject.REFUND:
        about = facts.get("stripe_refund") or entry.subject_id
        said = facts.get("why") or facts.get("refusal") or facts.get("failure") or ""
        # Nobody's words, but the program's, which the journal has in English.
        is_taken_back = step is Step.REFUND_REJECTED and said == TAKEN_BACK.english
        detail = joined(", ", [_amount_in(facts), TAKEN_BACK if is_taken_back else verbatim(said)])
    elif step is Step.REFUND_REFUSED:
        detail = joined(", ", [_amount_in(facts), verbatim(facts.get("why") or "")])
    elif step in _OF_DISPUTE:
        detail = status_words(facts["status"]) if step is Step.DISPUTE_CLOSED else reason_words(facts["reason"])
    elif step is Step.PAID and receipt_number:
        detail = m("Receipt {number}", number=receipt_number)
    is_of_stripe = (
        step in _OF_DISPUTE
        or (step in _OF_STRIPE and not payment.tender.row.is_taken_here)
        or (step in _OF_STRIPE_REFUND and bool(facts.get("stripe_refund")))
    )
    if entry.subject == Subject.PAYMENT and facts.get("decline"):
        yield Fact(
            at=entry.at,
            step=Step.DECLINED,
            who=STRIPE,
            sources=_JOURNAL,
            detail=advice_for(facts["decline"]).say,
        )
    yield Fact(
        at=entry.at,
        step=step,
        who=STRIPE if is_of_stripe else who,
        sources=_JOURNAL,
        about=about,
        detail=detail,
        words=_words_of(entry, deed) if step is Step.NOTED else NOTHING,
    )


def _words_of(entry: JournalEntry, deed: DeedKind | None) -> Message:
    """Say what was done; what a newer program calls something is shown as it stands."""
    return verbatim(entry.action.capitalize()) if deed is None else DEED_WORDS[deed]


async def _from_events(session: AsyncSession, payment: Payment, refunds: set[str]) -> list[Fact]:
    named = {payment.stripe_session_id, payment.stripe_intent_id, payment.stripe_charge_id, *refunds} - {None}
    statement = sa.select(StripeEvent).where(
        sa.or_(StripeEvent.payment_reference == str(payment.id), StripeEvent.object_id.in_(named))
    )
    return [
        Fact(
            at=event.created_at,
            step=step,
            who=STRIPE,
            sources=frozenset({event.type}),
            about=event.object_id if event.type.startswith("refund.") else "",
            detail=advice_for(event.decline_code).say if event.decline_code else NOTHING,
        )
        for event in (await session.execute(statement)).scalars()
        if (step := STEP_OF_EVENT.get(event.type)) is not None
    ]


async def _from_deposits(session: AsyncSession, payment: Payment) -> list[Fact]:
    statement = (
        sa.select(DepositUse, Allocation.amount_minor, Invoice.number, Staff.display_name, Desk.code)
        .join(Allocation, Allocation.deposit_use_id == DepositUse.id)
        .join(Invoice, Invoice.id == DepositUse.invoice_id)
        .join(Staff, Staff.id == DepositUse.staff_id)
        .join(Desk, Desk.id == DepositUse.desk_id)
        .where(Allocation.payment_id == payment.id)
    )
    return [
        Fact(
            at=use.used_at,
            step=Step.DEPOSIT_USED,
            who=_person(name, desk),
            sources=_JOURNAL,
            about=str(use.id),
            detail=m("{amount} for {invoice}", amount=Money(amount_minor, use.currency), invoice=number),
        )
        for use, amount_minor, number, name, desk in await session.execute(statement)
    ]


def _person(name: str | None, desk: str | None) -> Message:
    if name is None:
        return PROGRAM
    return m("{name}, desk {desk}", name=name, desk=desk) if desk else verbatim(name)


def _amount_in(facts: dict[str, Any]) -> Message:
    return verbatim(Money(facts["amount_minor"], facts["currency"])) if "amount_minor" in facts else NOTHING
