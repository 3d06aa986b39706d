"""Sending a card refund to Stripe and asking about it; nothing is saved here."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import DeedKind
from cashier.books.from_stripe.refund_report import RefundReport
from cashier.books.journal import JournalEntry
from cashier.books.payment import Payment
from cashier.books.refund import Refund
from cashier.clock import now
from cashier.database import Database
from cashier.errors import Misconfigured, Refused, Unreachable
from cashier.failpoints import FailPoint, reach
from cashier.language import m
from cashier.staff.rights import ALLOWED, Action
from cashier.staff.told import role_told, tells_of_people
from cashier.stripe_gateway.client import has_answered
from cashier.stripe_gateway.refunds import RefundGateway, RefundOrder

REPEATABLE = timedelta(hours=23)
"""How long a call may be repeated with its key; Stripe keeps keys for at least 24 hours.

So long an approval holds, too: what Stripe has not heard of by then is not sent any more.
"""


class RefundRefused(Refused):
    """Stripe refuses to make this refund, so no money goes back by it."""

    default = m("Stripe refuses to make this refund, so no money goes back by it.")


async def ask_stripe(gateway: RefundGateway, refund: Refund, payment: Payment, database: Database) -> RefundReport:
    """Ask where a refund stands; one that Stripe never heard of is sent.

    Raises ``RefundRefused`` when no money goes back by it, ``Unreachable`` when that is not known.
    """
    if refund.stripe_refund_id is not None:
        return await gateway.fetch_refund(refund.stripe_refund_id)
    if payment.stripe_intent_id is None:
        raise RefundRefused(m("This payment has no charge at Stripe."), advice=m("It cannot be refunded to a card."))
    decided_at = refund.decided_at or refund.requested_at
    if decided_at < now() - REPEATABLE:
        found = await gateway.find_refund(refund.id, intent_id=payment.stripe_intent_id)
        if found is None:
            raise RefundRefused(m("Stripe never heard of this refund."), advice=m("Ask for it again."))
        return found
    entry = await _approval_of(database, refund)
    reach(FailPoint.REFUND_SENDING)
    report = await _send(gateway, refund, payment.stripe_intent_id, entry)
    reach(FailPoint.REFUND_SENT)
    return report


async def _approval_of(database: Database, refund: Refund) -> str:
    """Return the anchor of the entry that approved ``refund``, empty for one of an older program.

    Raises ``RefundRefused`` unless the journal has an approval of this very refund, by whom it says, who was somebody
    with that right at that moment, by the journal as well: what was written past the program sends no money.
    """
    kinds = (DeedKind.REFUND_APPROVED, DeedKind.REFUND_APPROVED_BY_RULE)
    async with database.reading() as session:
        approved = await journal.entry_about(session, refund.id, *kinds)
        is_allowed = approved is not None and await _was_allowed(session, approved)
    facts = {} if approved is None else json.loads(approved.facts)
    as_it_is = (str(refund.payment_id), refund.amount_minor, refund.currency, refund.way)
    told = tuple(facts.get(name) for name in ("payment", "amount_minor", "currency", "way"))
    by_whom = approved is not None and (approved.staff_id == refund.decided_by or refund.rule_client_id is not None)
    if approved is None or told != as_it_is or not by_whom or not is_allowed:
        raise RefundRefused(
            m("The journal does not tell that anybody approved this refund as it is, so no money was sent."),
            advice=m("Tell an administrator: docs/AUDITING.md. If it is owed, ask for it again."),
        )
    return journal.anchor_of(approved) if facts.get("is_anchored") else ""


async def _was_allowed(session: AsyncSession, approved: JournalEntry) -> bool:
    """Tell whether who approved had that right then; by rule it is an administrator's, set before."""
    if approved.action == DeedKind.REFUND_APPROVED_BY_RULE or not await tells_of_people(session):
        return True
    role = await role_told(session, approved.staff_id, before=approved.number)
    return role in ALLOWED[Action.APPROVE_REFUND]


async def _send(gateway: RefundGateway, refund: Refund, intent_id: str, entry: str) -> RefundReport:
    order = RefundOrder(
        refund_id=refund.id, intent_id=intent_id, amount=refund.amount, reason=refund.reason, entry=entry
    )
    try:
        return await gateway.make_refund(order)
    except Misconfigured:
        raise
    except Refused as refusal:
        raise RefundRefused(refusal.message, advice=refusal.advice) from refusal
    except Unreachable as error:
        # An answer of Stripe's own, such as a 500, is repeated for a day: only its records tell more.
        found = await gateway.find_refund(refund.id, intent_id=intent_id) if has_answered(error) else None
        if found is None:
            raise
        return found
