"""What a tour leaves in writing: its steps and the payments that it made, as the database knows them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cashier.assembly import Services
from cashier.books.deeds.deed import Subject
from cashier.books.from_stripe.event import StripeEvent
from cashier.books.journal import JournalEntry
from cashier.language import current_language
from cashier.payments.views import PaymentView


@dataclass(frozen=True, kw_only=True)
class StepOutcome:
    """How one step went: ``held``, or why not."""

    name: str
    outcome: str
    seconds: float


async def describe_payment(services: Services, view: PaymentView) -> dict[str, Any]:
    """Collect what became of a payment: amounts, states, Stripe's ids, and how we heard that it was paid."""
    ids = [each for each in (view.stripe_session_id, view.stripe_intent_id, view.stripe_charge_id) if each]
    async with services.database.reading() as session:
        entries = sa.select(JournalEntry.action).where(
            JournalEntry.subject == Subject.PAYMENT, JournalEntry.subject_id == str(view.id)
        )
        states = (await session.execute(entries.order_by(JournalEntry.number))).scalars().all()
        heard = sa.select(StripeEvent).where(
            sa.or_(StripeEvent.object_id.in_(ids), StripeEvent.payment_reference == str(view.id))
        )
        events = (await session.execute(heard.order_by(StripeEvent.received_at))).scalars().all()
    return {
        "payment": str(view.id),
        "invoices": [
            {"number": share.invoice_number, "amount_minor": share.amount.amount_minor} for share in view.shares
        ],
        "amount_minor": view.amount.amount_minor,
        "currency": view.amount.currency,
        "tender": view.tender.value,
        "card": {"brand": view.card_brand, "last_four": view.card_last_four},
        "states": [state.removeprefix("payment ") for state in states],
        "state": view.state.value,
        "stripe": {
            "session": view.stripe_session_id,
            "intent": view.stripe_intent_id,
            "charge": view.stripe_charge_id,
        },
        "receipt": view.receipt_number,
        "settled_by": settled_by(view, events),
        "webhooks": [{"event": event.id, "type": event.type} for event in events],
    }


def settled_by(view: PaymentView, events: Sequence[StripeEvent]) -> str | None:
    """Tell whether a webhook settled the payment, or our own asking; None where it was not paid."""
    if view.settled_at is None:
        return None
    for event in events:
        if event.received_at <= view.settled_at and (
            event.processed_at is None or view.settled_at <= event.processed_at
        ):
            return "webhook"
    return "asking"


def write_summary(
    folder: Path,
    steps: Sequence[StepOutcome],
    payments: Sequence[dict[str, Any]],
    cut: Sequence[dict[str, Any]],
) -> None:
    """Write ``summary.json``; ``cut`` are the words that had too little room on a picture."""
    summary = {
        "held": all(step.outcome == "held" for step in steps),
        "seconds": round(sum(step.seconds for step in steps), 2),
        "steps": [asdict(step) for step in steps],
        "payments": list(payments),
        "language": current_language(),
        "cut": list(cut),
    }
    (folder / "summary.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
