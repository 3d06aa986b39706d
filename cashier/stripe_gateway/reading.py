"""Reading Stripe's objects: from a Checkout Session or PaymentIntent to a report in our words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import stripe

from cashier.books.from_stripe.payment_report import (
    CardFacts,
    PaymentReport,
    Standing,
    VoucherFacts,
    VoucherNumber,
)
from cashier.clock import now
from cashier.errors import Contradiction
from cashier.language import m
from cashier.money import Money
from cashier.stripe_gateway.client import translated_errors
from cashier.stripe_gateway.naming import PAYMENT
from cashier.tenders.methods import CARD, other_method

_INTENT_STANDING = {
    "requires_payment_method": Standing.OPEN,
    "requires_confirmation": Standing.OPEN,
    "requires_action": Standing.OPEN,
    "requires_capture": Standing.PROCESSING,
    "processing": Standing.PROCESSING,
    "succeeded": Standing.PAID,
    "canceled": Standing.CANCELLED,
}


@translated_errors()
def report_of_session(session: stripe.checkout.Session) -> PaymentReport:
    """Read a Checkout Session that was fetched with its intent, charge and payment method expanded.

    The session decides until the patient submits, the intent after that.
    https://docs.stripe.com/api/checkout/sessions/object
    """
    intent = session.payment_intent
    if not isinstance(intent, stripe.PaymentIntent):
        standing = Standing.CANCELLED if session.status == "expired" else Standing.OPEN
        return PaymentReport(
            standing=standing,
            session_id=session.id,
            intent_id=intent if isinstance(intent, str) else None,
            page_url=session.url,
        )
    report = report_of_intent(intent)
    return replace(
        report, standing=_standing_of_session(session, report.standing, intent), session_id=session.id,
        page_url=session.url, status=None, client_secret=None,
    )  # fmt: skip


def _standing_of_session(
    session: stripe.checkout.Session, standing: Standing, intent: stripe.PaymentIntent
) -> Standing:
    """Tell how a page stands whose patient has begun to pay.

    An expired page ends what waits for the patient, but not a charge that the bank is working on. A complete one is
    never open: either its bank, or whoever takes a voucher's money, has still to decide, or that came to nothing.
    """
    if standing is not Standing.OPEN or session.status == "open":
        return standing
    if session.status == "complete" and intent.status != "requires_payment_method":
        return Standing.PROCESSING
    return Standing.CANCELLED


@translated_errors()
def report_of_intent(intent: stripe.PaymentIntent) -> PaymentReport:
    """Read a PaymentIntent that was fetched with its charge and payment method expanded.

    Raises ``Contradiction`` for a state that Cashier does not know.
    https://docs.stripe.com/payments/paymentintents/lifecycle
    """
    standing = _INTENT_STANDING.get(intent.status)
    if standing is None:
        raise Contradiction(m("Stripe reports a state that Cashier does not know: {status}.", status=intent.status))
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    decline = intent.last_payment_error
    action = intent.next_action
    redirect = action.redirect_to_url if action is not None and action.type == "redirect_to_url" else None
    return PaymentReport(
        standing=standing,
        intent_id=intent.id,
        charge_id=charge.id if charge is not None else None,
        received=money_of(intent.amount_received, intent.currency) if standing is Standing.PAID else None,
        decline_code=_decline_code(decline),
        card=_card_of_intent(intent, charge),
        pending_until=_pending_until(intent),
        page_url=redirect.url if redirect is not None else None,
        status=intent.status,
        client_secret=intent.client_secret,
        voucher=_voucher(intent),
        reference=_named(intent),
    )


def _named(intent: stripe.PaymentIntent) -> str | None:
    """Return which of our payments it says that it is. One that says nothing of itself is readable all the same."""
    told = getattr(intent, "metadata", None)
    return None if told is None else told.to_dict().get(PAYMENT)


@translated_errors()
def card_of(method: stripe.PaymentMethod) -> CardFacts | None:
    """Read what may be kept of a card; None when the method is no card."""
    card = method.card
    if card is None:
        return None
    return CardFacts(
        brand=card.brand,
        last_four=card.last4 or "",
        expires_month=card.exp_month,
        expires_year=card.exp_year,
        stripe_id=method.id if method.customer else None,
    )


def _decline_code(error: stripe.StripeObject | None) -> str | None:
    """Read why a payment failed; Stripe leaves out what does not apply, and a failed challenge is no decline.

    https://docs.stripe.com/api/payment_intents/object#payment_intent_object-last_payment_error
    """
    if error is None:
        return None
    facts = error.to_dict()
    return facts.get("decline_code") or facts.get("code")


def money_of(amount_minor: int, currency: str) -> Money:
    """Read an amount. Raises ``ValueError`` for what is no currency, ``TypeError`` for what is no whole number."""
    if re.fullmatch(r"[a-z]{3}", currency) is None:
        raise ValueError("Stripe names no currency")
    return Money(amount_minor, currency.upper())


def id_of(found: stripe.StripeObject | str | None) -> str | None:
    """Return the id of something that Stripe gives as its id or, expanded, as the whole object."""
    return found if found is None or isinstance(found, str) else str(found["id"])


def _card_of_intent(intent: stripe.PaymentIntent, charge: stripe.Charge | None) -> CardFacts | None:
    method = intent.payment_method if isinstance(intent.payment_method, stripe.PaymentMethod) else None
    if method is not None and method.type == CARD:
        return card_of(method)
    # What was held to a reader, and what failed after days, is described by its charge alone.
    details: Any = charge.payment_method_details if charge is not None else None
    if details is not None and details.type in (CARD, "card_present"):
        card = details[details.type]
        return CardFacts(
            brand=card.brand or "",
            last_four=card.last4 or "",
            expires_month=card.exp_month,
            expires_year=card.exp_year,
        )
    found: Any = method if method is not None else details
    if found is None:
        return _refused(intent)
    return CardFacts(brand=found.type, last_four=_last_four(found))


def _refused(intent: stripe.PaymentIntent) -> CardFacts | None:
    """Read what the last attempt was made with, where that came to nothing: its error alone tells.

    What is no card is told, so that its refusal is; of a card, that it was one.
    """
    error = intent.last_payment_error
    facts: Any = (error.to_dict() if error is not None else {}).get("payment_method")
    if not isinstance(facts, dict) or not isinstance(facts.get("type"), str):
        return None
    kind = facts["type"]
    part = facts.get(kind) or {}
    brand = part.get("brand") if kind == CARD else kind
    return CardFacts(brand=str(brand or ""), last_four=str(part.get("last4") or ""))


def _last_four(found: stripe.StripeObject) -> str:
    """Read how the number of an account ends; of what has none, such as a voucher, nothing."""
    facts = found.to_dict()
    return str((facts.get(facts["type"]) or {}).get("last4") or "")


def _voucher(intent: stripe.PaymentIntent) -> VoucherFacts | None:
    """Read by what the voucher is paid that the payer was given; None where there is none to pay."""
    facts = {} if intent.next_action is None else intent.next_action.to_dict()
    shown = facts.get(facts.get("type", ""))
    if not isinstance(shown, dict) or not shown.get("hosted_voucher_url"):
        return None
    numbers = tuple((name, str(shown[name])) for name in VoucherNumber if shown.get(name))
    return VoucherFacts(numbers=numbers, address=str(shown["hosted_voucher_url"]))


def _pending_until(intent: stripe.PaymentIntent) -> datetime | None:
    """Read until when a voucher may be paid, or guess from its method until when a bank has decided."""
    if intent.next_action is not None:
        facts = intent.next_action.to_dict()
        shown = facts.get(facts["type"]) or {}
        ends = shown.get("expires_at") or shown.get("expires_after")
        if isinstance(ends, int):
            return datetime.fromtimestamp(ends, UTC)
    kind = intent.payment_method.type if isinstance(intent.payment_method, stripe.PaymentMethod) else None
    row = other_method(kind)
    return None if row is None or row.decided_within is None else now() + row.decided_within
