"""Do Stripe and our books say the same, to the cent? Asked of both, past everything in between."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cashier.books.deeds.deed import DeedKind
from cashier.books.invoice import Invoice
from cashier.books.journal import JournalEntry
from cashier.books.payment import InvoiceHold, Payment, PaymentItem, PaymentState
from cashier.books.refund import Refund, RefundOrigin
from cashier.database import Database
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.running_sandbox import RunningSandbox

_OPEN_INTENT = ("requires_payment_method", "requires_confirmation", "requires_action", "processing")


@dataclass(frozen=True, kw_only=True)
class AtStripe:
    """Everything that Stripe has of ours."""

    charges: list[dict[str, Any]]
    refunds: list[dict[str, Any]]
    intents: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    readers: list[dict[str, Any]]

    def charged_minor(self, payment_id: uuid.UUID) -> list[int]:
        """Return what was charged for a payment of ours, charge by charge."""
        return [each["amount"] for each in self.charges if _reference(each) == str(payment_id)]


def everything_at(sandbox: RunningSandbox) -> AtStripe:
    """Read all charges that succeeded, and all refunds, intents, sessions and card readers."""
    return AtStripe(
        charges=[each for each in _all(sandbox, "charges") if each["status"] == "succeeded"],
        refunds=_all(sandbox, "refunds"),
        intents=_all(sandbox, "payment_intents"),
        sessions=_all(sandbox, "checkout/sessions"),
        readers=_all(sandbox, "terminal/readers"),
    )


async def disagreements(database: Database, sandbox: RunningSandbox) -> list[str]:
    """Return everything that is not as it must be, at a moment when nothing is under way."""
    stripe = everything_at(sandbox)
    async with database.reading() as session:

        async def rows(model: type[Any]) -> list[Any]:
            return list((await session.execute(sa.select(model))).scalars())

        payments: list[Payment] = await rows(Payment)
        refunds: list[Refund] = await rows(Refund)
        holds: list[InvoiceHold] = await rows(InvoiceHold)
        items: list[PaymentItem] = await rows(PaymentItem)
        invoices: list[Invoice] = await rows(Invoice)
        entries: list[JournalEntry] = await rows(JournalEntry)
    return [
        *await contradictions_in(database),
        *_money(stripe, payments, refunds),
        *_invoices(stripe, invoices, payments, items, refunds),
        *_attempts(stripe, payments, holds),
        *_journal(payments, refunds, entries),
    ]


def _money(stripe: AtStripe, payments: list[Payment], refunds: list[Refund]) -> Iterator[str]:
    known = {str(payment.id) for payment in payments}
    for charge in stripe.charges:
        if _reference(charge) not in known:
            yield f"{charge['id']}: charged {charge['amount']} for no payment of ours"
    for payment in payments:
        is_charged = payment.state is PaymentState.PAID and not payment.tender.row.is_taken_here
        expected = [payment.amount_minor] if is_charged else []
        if stripe.charged_minor(payment.id) != expected:
            yield f"{payment.id} is {payment.state}: charged {stripe.charged_minor(payment.id)}, not {expected}"
        given_back = sum(
            each["amount"]
            for each in stripe.refunds
            if each["payment_intent"] == payment.stripe_intent_id
            and each["status"] in ("succeeded", "pending", "requires_action")
        )
        ours = sum(each.amount_minor for each in refunds if each.payment_id == payment.id and each.state.has_effect)
        if given_back != ours:
            yield f"{payment.id}: Stripe gave back {given_back}, we know of {ours}"


def _invoices(
    stripe: AtStripe,
    invoices: list[Invoice],
    payments: list[Payment],
    items: list[PaymentItem],
    refunds: list[Refund],
) -> Iterator[str]:
    """Look for invoices that were charged more than once over, judged by Stripe alone."""
    for invoice in invoices:
        charged = 0
        for item in items:
            if item.invoice_id == invoice.id and stripe.charged_minor(item.payment_id):
                charged += item.amount_minor
        gone = sum(
            refund.amount_minor
            for refund in refunds
            if refund.state.has_effect
            and any(item.payment_id == refund.payment_id and item.invoice_id == invoice.id for item in items)
        )
        late = sum(each.unallocated_minor for each in payments if each.state is PaymentState.PAID)
        if charged - gone - late > invoice.total_minor - invoice.insurer_share_minor:
            yield f"{invoice.number}: charged {charged} - {gone}, its total is {invoice.total_minor}"


def _attempts(stripe: AtStripe, payments: list[Payment], holds: list[InvoiceHold]) -> Iterator[str]:
    unfinished = {str(payment.id) for payment in payments if not payment.state.is_final}
    held = {str(hold.payment_id) for hold in holds}
    if unfinished != held:
        yield f"unfinished {unfinished}, holding invoices {held}"
    pages = Counter(each["client_reference_id"] for each in stripe.sessions if each["status"] == "open")
    yield from (f"{count} pages are open for {reference}" for reference, count in pages.items() if count > 1)
    for session in stripe.sessions:
        if session["status"] == "open" and session["client_reference_id"] not in unfinished:
            yield f"{session['id']} is open at Stripe for no unfinished payment"
    # A debit that its bank refused leaves an intent on which nobody can pay: its page is done with.
    done_with = {each["payment_intent"] for each in stripe.sessions if each["status"] == "complete"}
    for intent in stripe.intents:
        if intent["id"] in done_with and intent["status"] == "requires_payment_method":
            continue
        if intent["status"] in _OPEN_INTENT and _reference(intent) not in unfinished:
            yield f"{intent['id']} is {intent['status']} at Stripe for no unfinished payment"
    wanted = {payment.stripe_intent_id for payment in payments if not payment.state.is_final}
    for reader in stripe.readers:
        action = reader["action"] or {"status": "none"}
        if action["status"] == "in_progress" and action[action["type"]]["payment_intent"] not in wanted:
            yield f"{reader['label']} asks for a card, and nobody wants it"


def _journal(payments: list[Payment], refunds: list[Refund], entries: list[JournalEntry]) -> Iterator[str]:
    deeds: dict[str, list[str]] = {}
    for entry in sorted(entries, key=lambda entry: entry.number):
        deeds.setdefault(entry.subject_id, []).append(entry.action)
    for payment in payments:
        done = deeds.get(str(payment.id), [])
        if done[:1] != [DeedKind.PAYMENT_PREPARED] or done.count(f"payment {payment.state}") > 1:
            yield f"the journal says of {payment.id}: {done}"
        if payment.state.is_final and f"payment {payment.state}" not in done:
            yield f"the journal does not say that {payment.id} is {payment.state}"
    for refund in refunds:
        done = deeds.get(str(refund.id), [])
        first = DeedKind.REFUND_ADOPTED if refund.origin is RefundOrigin.STRIPE else DeedKind.REFUND_REQUESTED
        if done[:1] != [first] or f"refund {refund.state}" not in done:
            yield f"the journal says of {refund.id}, which is {refund.state}: {done}"


def _reference(found: dict[str, Any]) -> str | None:
    reference: str | None = found["metadata"].get("cashier_payment")
    return reference


def _all(sandbox: RunningSandbox, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = sandbox.ask(f"/v1/{what}?limit=100{after}")
        found += page["data"]
        if not page["has_more"]:
            return found
        after = f"&starting_after={found[-1]['id']}"
