"""Reading Stripe's objects: from a Checkout Session or PaymentIntent to a report in our words."""

from __future__ import annotations

from typing import Any

import stripe

from cashier.books.from_stripe.payment_report import CardFacts, PaymentReport, Standing
from cashier.errors import Contradiction
from cashier.language import m
from cashier.money import Money

_INTENT_STANDING = {
    "requires_payment_method": Standing.OPEN,
    "requires_confirmation": Standing.OPEN,
    "requires_action": Standing.OPEN,
    "requires_capture": Standing.PROCESSING,
    "processing": Standing.PROCESSING,
    "succeeded": Standing.PAID,
    "canceled": Standing.CANCELLED,
}


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
    standing = report.standing
    # An expired page ends what waits for the patient, but not a charge that the bank is working on.
    if session.status == "expired" and standing is Standing.OPEN:
        standing = Standing.CANCELLED
    return PaymentReport(
        standing=standing,
        session_id=session.id,
        intent_id=report.intent_id,
        charge_id=report.charge_id,
        received=report.received,
        decline_code=report.decline_code,
        card=report.card,
        page_url=session.url,
    )


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
        received=Money(intent.amount_received, intent.currency.upper()) if standing is Standing.PAID else None,
        decline_code=_decline_code(decline),
        card=_card_of_intent(intent, charge),
        page_url=redirect.url if redirect is not None else None,
        status=intent.status,
        client_secret=intent.client_secret,
    )


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


def id_of(found: stripe.StripeObject | str | None) -> str | None:
    """Return the id of something that Stripe gives as its id or, expanded, as the whole object."""
    return found if found is None or isinstance(found, str) else str(found["id"])


def _card_of_intent(intent: stripe.PaymentIntent, charge: stripe.Charge | None) -> CardFacts | None:
    if isinstance(intent.payment_method, stripe.PaymentMethod) and intent.payment_method.type == "card":
        return card_of(intent.payment_method)
    # A card that was held to a reader is described by its charge alone.
    details: Any = charge.payment_method_details if charge is not None else None
    if details is None or details.type not in ("card", "card_present"):
        return None
    card = details[details.type]
    return CardFacts(
        brand=card.brand or "", last_four=card.last4 or "", expires_month=card.exp_month, expires_year=card.exp_year
    )
