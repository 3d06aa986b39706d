"""How refunds are put into words, the same at the till, in the history and on the page of refunds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cashier.books.refund import RefundOrigin, RefundReason, RefundState
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import card, day_and_time
from cashier.language import Message, m, mc, mn, verbatim
from cashier.language.number_style import Count
from cashier.refunds.views import RefundView
from cashier.tenders.methods import other_method
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender

STATE_WORDS: Mapping[RefundState, tuple[Message, Tone]] = {
    RefundState.REQUESTED: (m("Waits for approval"), Tone.CAUTION),
    RefundState.REJECTED: (mc("of a refund", "Rejected"), Tone.NEUTRAL),
    RefundState.EXPIRED: (mc("of a refund", "Lapsed"), Tone.NEUTRAL),
    RefundState.APPROVED: (mc("of a refund", "Approved"), Tone.CAUTION),
    RefundState.PENDING: (mc("of a refund", "On its way"), Tone.CAUTION),
    RefundState.SUCCEEDED: (mc("of a refund", "Refunded"), Tone.GOOD),
    RefundState.FAILED: (mc("of a refund", "Failed"), Tone.BAD),
}
"""How a refund stands; a test holds the table against ``RefundState``."""

_MINUTES_COUNTED = 60
"""So long (minutes) the time that is left is told in minutes."""

IN_THE_DASHBOARD = m("in Stripe's dashboard")

WAY_IN_A_SENTENCE: Mapping[RefundWay, Message] = {
    RefundWay.CARD: mc("way back", "to the card"),
    RefundWay.CASH: mc("way back", "in cash"),
    RefundWay.BANK_TRANSFER: mc("way back", "by bank transfer"),
}
"""How the money goes back, inside a sentence; a test holds the table against ``RefundWay``."""

STRIPE_REASON_WORDS: Mapping[RefundReason, Message] = {
    RefundReason.DUPLICATE: m("Duplicate"),
    RefundReason.FRAUDULENT: m("Fraudulent"),
    RefundReason.REQUESTED_BY_CUSTOMER: m("Requested by customer"),
}
"""Stripe's reasons, where the hospital has none; a test holds the table against ``RefundReason``."""

_FAILURE_WORDS: Mapping[str, Message] = {
    "charge_for_pending_refund_disputed": m("charge for pending refund disputed"),
    "declined": mc("why a refund failed", "declined"),
    "expired_or_canceled_card": m("expired or canceled card"),
    "insufficient_funds": m("insufficient funds"),
    "lost_or_stolen_card": m("lost or stolen card"),
    "merchant_request": m("merchant request"),
    "unknown": mc("why a refund failed", "unknown"),
}
"""Why Stripe could not refund; what is new to us is shown as it is.

https://docs.stripe.com/refunds#failed-refunds
"""


def state_words(state: RefundState, way: RefundWay) -> tuple[Message, Tone]:
    """Say how a refund stands; what is approved waits for different things by different ways."""
    if state is RefundState.APPROVED:
        is_for_bank = way is RefundWay.BANK_TRANSFER
        return (m("To be transferred") if is_for_bank else mc("of a refund", "Being sent")), Tone.CAUTION
    return STATE_WORDS[state]


def way_in_a_sentence(way: RefundWay, brand: str | None) -> Message:
    """Say inside a sentence how money goes back that came by a card of this ``brand``, or by what is no card."""
    if way is RefundWay.CARD and other_method(brand) is not None:
        return mc("way back", "the way it came")
    return WAY_IN_A_SENTENCE[way]


def way_words(origin: RefundOrigin, way: RefundWay, brand: str | None) -> Message:
    """Say inside a sentence how a refund goes back, or that somebody made it without this program."""
    return IN_THE_DASHBOARD if origin is RefundOrigin.STRIPE else way_in_a_sentence(way, brand)


def way_in_full(view: RefundView) -> Message:
    """Say how a refund goes back."""
    if view.way is RefundWay.CARD and other_method(view.card_brand) is not None:
        return mc("way back", "The way it came")
    return view.way.row.words


def means(view: RefundView) -> Message:
    """Say what the payment was made with."""
    return payment_means(view.tender, view.card_brand, view.card_last_four)


def payment_means(tender: Tender, brand: str | None, last_four: str | None) -> Message:
    """Say what a payment was made with: the card where it is known."""
    return card(brand, last_four) or tender.row.words


def asked_by(view: RefundView) -> Message:
    """Say who asked for it and where."""
    if view.origin is RefundOrigin.STRIPE:
        return m("Made in Stripe's dashboard")
    if view.desk:
        return m("{name}, desk {desk}", name=view.requester, desk=view.desk)
    return verbatim(view.requester)


def reason(view: RefundView) -> Message:
    """Say why it goes back, in the hospital's words where they were chosen."""
    return view.hospital_reason or STRIPE_REASON_WORDS[view.reason]


def afterwards(*, reopens: bool) -> Message:
    """Say what becomes of the invoice."""
    if reopens:
        return m("The invoice is to be paid again")
    return m("The invoice stays paid")


def story(view: RefundView, time_zone: str) -> Message:
    """Say in a sentence what has to happen next, or what came of it."""
    match view.state:
        case RefundState.REQUESTED if view.expires_at:
            return m(
                "Somebody else has to approve it until {moment}.", moment=day_and_time(view.expires_at, time_zone)
            )
        case RefundState.REQUESTED:
            return m("Somebody else has to approve it.")
        case RefundState.REJECTED if view.decided_by is None:
            return m("It was taken back; nothing has moved.")
        case RefundState.REJECTED:
            return m("{name} rejected it: {why}", name=view.decider, why=view.turned_down)
        case RefundState.EXPIRED:
            return m("Nobody decided in time; nothing has moved. It can be asked for again.")
        case RefundState.APPROVED if view.way is RefundWay.BANK_TRANSFER:
            return m("Have the bank send it, then write down its reference here.")
        case RefundState.APPROVED:
            return m("It is approved and goes to Stripe as soon as Stripe answers.")
        case RefundState.PENDING:
            return _on_its_way(view)
        case RefundState.SUCCEEDED:
            return _gone(view)
        case RefundState.FAILED:
            return _failed(view)


def lapses(view: RefundView, at: datetime, time_zone: str) -> Message:
    """Say to who decides how long there is time for it at the moment ``at``."""
    if view.expires_at is None:
        return m("To decide")
    moment = day_and_time(view.expires_at, time_zone)
    minutes = max(0, int((view.expires_at - at).total_seconds()) // 60)
    if minutes <= _MINUTES_COUNTED:
        return mn(
            "To decide within {count} minute, until {moment}.",
            "To decide within {count} minutes, until {moment}.",
            count=Count(minutes),
            moment=moment,
        )
    return m("To decide until {moment}.", moment=moment)


def what_to_do(view: RefundView, time_zone: str) -> Message:
    """Say it to the cashier who has just asked and stands before the patient."""
    if view.state is RefundState.SUCCEEDED and view.way is RefundWay.CASH:
        return m("Give the patient {amount} from the drawer.", amount=view.given_in_cash)
    return story(view, time_zone)


def _gone(view: RefundView) -> Message:
    if view.way is RefundWay.CARD and other_method(view.card_brand) is not None:
        return m("It is on its way back to the patient's account; the bank may take some days.")
    if view.origin is RefundOrigin.STRIPE:
        return m("It was made in Stripe's dashboard and is on its way to the card.")
    match view.way:
        case RefundWay.CASH:
            return m("{amount} left the drawer of desk {desk}.", amount=view.given_in_cash, desk=view.desk)
        case RefundWay.BANK_TRANSFER:
            return m("The bank has sent it: {reference}", reference=view.reference)
        case RefundWay.CARD:
            return m("It is on its way to the card; the patient sees it there within ten days.")


def _failed(view: RefundView) -> Message:
    why = _why_failed(view.failure) if view.failure else None
    if view.way is RefundWay.CARD and other_method(view.card_brand) is not None:
        if why:
            return m(
                "No money has gone back ({why}). It can be given in cash instead, with another approval.", why=why
            )
        return m("No money has gone back. It can be given in cash instead, with another approval.")
    if view.way is RefundWay.CARD and why:
        return m(
            "No money has gone back to the card ({why}). It can be given in cash instead, with another approval.",
            why=why,
        )
    if view.way is RefundWay.CARD:
        return m("No money has gone back to the card. It can be given in cash instead, with another approval.")
    if why:
        return m("No money has gone back ({why}). It can be asked for again.", why=why)
    return m("No money has gone back. It can be asked for again.")


def _on_its_way(view: RefundView) -> Message:
    method = other_method(view.card_brand)
    if method is not None and method.is_voucher:
        return m(
            "Stripe asks the patient by e-mail to which account the money goes; it goes there once that is answered."
        )
    return m("Stripe has it. It may take some days until the bank is done.")


def _why_failed(failure: str) -> Message:
    return _FAILURE_WORDS.get(failure) or verbatim(failure.replace("_", " "))
