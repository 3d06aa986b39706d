"""Differences in words: what Stripe says, and what we have."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from cashier.books.contradiction import words_of
from cashier.books.difference import Difference, DifferenceKind, Finding
from cashier.books.dispute import WANTS_ANSWER
from cashier.books.payment import PaymentState
from cashier.disputes.money_gone import gone_words
from cashier.disputes.words import reason_words, status_words
from cashier.language import Message, m, mc, verbatim
from cashier.language.dates import day_in_full
from cashier.money import Money
from cashier.refunds.effects import CAME_BACK

Facts = Mapping[str, Any]
"""What the words of a difference name: JSON values."""

_STATES: Mapping[PaymentState, Message] = {
    PaymentState.PREPARED: mc("of a payment, in our books", "prepared"),
    PaymentState.OPEN: mc("of a payment, in our books", "open"),
    PaymentState.PROCESSING: mc("of a payment, in our books", "processing"),
    PaymentState.PAID: mc("of a payment, in our books", "paid"),
    PaymentState.CANCELLED: mc("of a payment, in our books", "cancelled"),
}
_PLAIN: Mapping[DifferenceKind, Message] = {
    DifferenceKind.UNKNOWN_CHARGE: m("Stripe charged a card, and no desk asked for it."),
    DifferenceKind.MISSING_CHARGE: m("It is paid here, and Stripe has no charge for it."),
    DifferenceKind.REFUNDED_ELSEWHERE: m("Somebody refunded it in Stripe's dashboard."),
    DifferenceKind.REFUND_CAME_BACK: CAME_BACK,
    DifferenceKind.UNCONFIRMED: m("It is paid here, and for more than an hour Stripe could not be asked about it."),
    DifferenceKind.REFUND_UNCONFIRMED: m(
        "It went back to the card here, and for more than an hour Stripe could not be asked about it."
    ),
    DifferenceKind.REFUND_UNKNOWN: m("It went back to the card here, and Stripe has no such refund."),
}
"""Kinds whose words name no facts."""


def detail_of(difference: Difference, *, status: str | None = None) -> Message:
    """Say what is different; the sentence as it was kept where its facts are not known here.

    ``status`` is where its dispute stands by now: an ended one asks for no answer.
    """
    now_known = {} if status is None else {"status": status}
    try:
        return words_for(difference.kind, json.loads(difference.facts or "{}") | now_known)
    except (KeyError, ValueError):
        return verbatim(difference.detail)


def words_for(kind: DifferenceKind, facts: Facts) -> Message:
    """Say what is different. Raises ``KeyError`` or ``ValueError`` for facts that are not those of its kind."""
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind is DifferenceKind.AMOUNT_DIFFERS:
        charged, amount = _thawed(facts["charged"]), _thawed(facts["asked"])
        state = _STATES[PaymentState(facts["state"])]
        return m("Stripe charged {charged}; here {amount} is {state}.", charged=charged, amount=amount, state=state)
    if kind is DifferenceKind.OVERPAID:
        return m("{surplus} of it found no invoice that was due.", surplus=_thawed(facts["surplus"]))
    if kind is DifferenceKind.DISPUTED:
        return _disputed(facts)
    if kind is DifferenceKind.MONEY_GONE:
        return gone_words(facts["reason"])
    return words_of(facts["code"], facts["values"])


def finding_of(
    *,
    kind: DifferenceKind,
    stripe_id: str,
    payment_id: uuid.UUID | None,
    amount: Money,
    happened_at: datetime,
    facts: Facts = MappingProxyType({}),
    detail: str = "",
) -> Finding:
    """Describe what was found, in the words of its facts; ``detail`` is its sentence where they do not tell it."""
    with contextlib.suppress(KeyError, ValueError):
        detail = words_for(kind, facts).english
    return Finding(
        kind=kind,
        stripe_id=stripe_id,
        payment_id=payment_id,
        amount=amount,
        happened_at=happened_at,
        detail=detail,
        facts=facts,
    )


def frozen(amount: Money) -> dict[str, Any]:
    """Write an amount as a fact."""
    return {"amount_minor": amount.amount_minor, "currency": amount.currency}


def _thawed(amount: Mapping[str, Any]) -> Money:
    return Money(amount["amount_minor"], amount["currency"])


def _disputed(facts: Facts) -> Message:
    reason = reason_words(facts["reason"])
    status = facts.get("status")
    if status is not None and status not in WANTS_ANSWER:
        return m("{status} ({reason}).", status=status_words(status), reason=reason)
    if facts["respond_by"] is None:
        return m("It is disputed ({reason}).", reason=reason)
    return m(
        "It is disputed ({reason}, answer by {deadline}).",
        reason=reason,
        deadline=day_in_full(date.fromisoformat(facts["respond_by"])),
    )
