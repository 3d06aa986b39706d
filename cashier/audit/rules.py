"""All rules of the audit, and applying one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.audit.confirmed import unconfirmed
from cashier.audit.deeds import wrong_deeds
from cashier.audit.events import wrong_events
from cashier.audit.ledger import wrong_ledger
from cashier.audit.money import wrong_balances, wrong_credits, wrong_holds, wrong_owners, wrong_payments
from cashier.audit.receipts import wrong_sums
from cashier.audit.records import broken_link, gaps, untidy_invoices, untidy_patients, wrong_merges
from cashier.audit.refunds import wrong_by_rule
from cashier.audit.shifts import shift_gaps, wrong_shifts
from cashier.books.invoice import Invoice, Patient
from cashier.books.journal import JournalEntry
from cashier.books.outgoing.event import OutgoingEvent
from cashier.books.payment import Payment
from cashier.books.receipt import Receipt
from cashier.books.refund import Refund
from cashier.books.shift import Shift
from cashier.database import Database
from cashier.language import Message, m

_EXAMPLES_MAX = 10


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Something that must hold for every row of ``subject``; ``find`` yields what contradicts it, in words."""

    name: Message
    holds: Message
    subject: type[Any]
    find: Callable[[AsyncSession], AsyncIterator[Message]]


RULES = (
    Rule(
        name=m("Journal"), holds=m("Every entry is as it was written, none is missing."),
        subject=JournalEntry, find=broken_link,
    ),
    Rule(
        name=m("Deeds"), holds=m("What the journal tells is so, and what is so it tells."),
        subject=JournalEntry, find=wrong_deeds,
    ),
    Rule(name=m("Receipt numbers"), holds=m("No series has a gap."), subject=Receipt, find=gaps),
    Rule(
        name=m("Receipts"), holds=m("What stands on each receipt adds up to the last cent."),
        subject=Receipt, find=wrong_sums,
    ),
    Rule(name=m("Payments"), holds=m("Every cent is accounted for."), subject=Payment, find=wrong_payments),
    Rule(
        name=m("Confirmed"), holds=m("Stripe confirmed every payment by it, and every refund to a card."),
        subject=Payment, find=unconfirmed,
    ),
    Rule(
        name=m("Balances"), holds=m("Every balance is what its allocations say."),
        subject=Invoice, find=wrong_balances,
    ),
    Rule(
        name=m("Owners"), holds=m("Money counts only towards invoices of its own patient and currency."),
        subject=Payment, find=wrong_owners,
    ),
    Rule(
        name=m("Invoice numbers"), holds=m("Every invoice is there once, under the number that arrives."),
        subject=Invoice, find=untidy_invoices,
    ),
    Rule(
        name=m("Record numbers"), holds=m("Every patient is there once, under the number that arrives."),
        subject=Patient, find=untidy_patients,
    ),
    Rule(
        name=m("Merged records"), holds=m("What was merged lies with one patient."),
        subject=Patient, find=wrong_merges,
    ),
    Rule(
        name=m("Refunds by rule"), holds=m("What clients of the API refund by themselves, a rule lets them."),
        subject=Refund, find=wrong_by_rule,
    ),
    Rule(
        name=m("Credit notes"), holds=m("What is used of credit came off credit notes, and nothing else did."),
        subject=Payment, find=wrong_credits,
    ),
    Rule(
        name=m("Open attempts"), holds=m("Only unfinished payments hold invoices."),
        subject=Payment, find=wrong_holds,
    ),
    Rule(name=m("Shift numbers"), holds=m("No desk has a gap."), subject=Shift, find=shift_gaps),
    Rule(
        name=m("Shifts"), holds=m("Every closing is what the drawer's sums say."),
        subject=Shift, find=wrong_shifts,
    ),
    Rule(
        name=m("Events"), holds=m("Other systems are told of whatever was paid, and of nothing else."),
        subject=OutgoingEvent, find=wrong_events,
    ),
    Rule(
        name=m("Ledger"), holds=m("Every entry balances, and the accounts hold what the books do."),
        subject=JournalEntry, find=wrong_ledger,
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How many rows were looked at, how many contradictions there are, and the first of them."""

    examined: int
    wrong: int
    examples: tuple[Message, ...]


async def apply(database: Database, rule: Rule) -> Verdict:
    """Look whether ``rule`` holds, at one moment, also while desks work. Takes a while on big tables, not memory."""
    async with database.reading() as session:
        if not database.is_sqlite:
            await session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        count = sa.select(sa.func.count()).select_from(rule.subject)
        examined = (await session.execute(count)).scalar_one()
        wrong = 0
        examples: list[Message] = []
        async for contradiction in rule.find(session):
            wrong += 1
            if len(examples) < _EXAMPLES_MAX:
                examples.append(contradiction)
    return Verdict(examined=examined, wrong=wrong, examples=tuple(examples))
