"""How refunds are put into words, the same at the till, in the history and on the page of refunds."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.books.refund import RefundOrigin, RefundState
from cashier.desk.kit.controls import Tone
from cashier.desk.kit.words import card, day_and_time
from cashier.refunds.views import RefundView
from cashier.tenders.refund_way import RefundWay
from cashier.tenders.tender import Tender

STATE_WORDS: Mapping[RefundState, tuple[str, Tone]] = {
    RefundState.REQUESTED: ("Waits for approval", Tone.CAUTION),
    RefundState.REJECTED: ("Rejected", Tone.NEUTRAL),
    RefundState.EXPIRED: ("Lapsed", Tone.NEUTRAL),
    RefundState.APPROVED: ("Approved", Tone.CAUTION),
    RefundState.PENDING: ("On its way", Tone.CAUTION),
    RefundState.SUCCEEDED: ("Refunded", Tone.GOOD),
    RefundState.FAILED: ("Failed", Tone.BAD),
}
"""How a refund stands; a test holds the table against ``RefundState``."""

IN_THE_DASHBOARD = "in Stripe's dashboard"


def state_words(state: RefundState, way: RefundWay) -> tuple[str, Tone]:
    """Say how a refund stands; what is approved waits for different things by different ways."""
    if state is RefundState.APPROVED:
        return ("To be transferred" if way is RefundWay.BANK_TRANSFER else "Being sent"), Tone.CAUTION
    return STATE_WORDS[state]


def means(view: RefundView) -> str:
    """Say what the payment was made with."""
    return payment_means(view.tender, view.card_brand, view.card_last_four)


def payment_means(tender: Tender, brand: str | None, last_four: str | None) -> str:
    """Say what a payment was made with: the card where it is known."""
    return str(card(brand, last_four) or tender.row.words)


def asked_by(view: RefundView) -> str:
    """Say who asked for it and where."""
    if view.origin is RefundOrigin.STRIPE:
        return f"Made {IN_THE_DASHBOARD}"
    return f"{view.requester}, desk {view.desk}" if view.desk else view.requester


def reason(view: RefundView) -> str:
    """Say why it goes back, in the hospital's words where they were chosen."""
    return str(view.hospital_reason) or view.reason.value.replace("_", " ").capitalize()


def afterwards(*, reopens: bool) -> str:
    """Say what becomes of the invoice."""
    return "Owed again: a mistake is corrected" if reopens else "Not owed any more: returned for good"


def story(view: RefundView, time_zone: str) -> str:
    """Say in a sentence what has to happen next, or what came of it."""
    match view.state:
        case RefundState.REQUESTED:
            until = f" until {day_and_time(view.expires_at, time_zone)}" if view.expires_at else ""
            return f"Somebody else has to approve it{until}."
        case RefundState.REJECTED if view.decided_by is None:
            return "It was taken back; nothing has moved."
        case RefundState.REJECTED:
            return f"{view.decider} rejected it: {view.turned_down}"
        case RefundState.EXPIRED:
            return "Nobody decided in time; nothing has moved. It can be asked for again."
        case RefundState.APPROVED if view.way is RefundWay.BANK_TRANSFER:
            return "Have the bank send it, then write down its reference here."
        case RefundState.APPROVED:
            return "It is approved and goes to Stripe as soon as Stripe answers."
        case RefundState.PENDING:
            return "Stripe has it. It may take some days until the bank is done."
        case RefundState.SUCCEEDED:
            return _gone(view)
        case RefundState.FAILED:
            return _failed(view)


def what_to_do(view: RefundView, time_zone: str) -> str:
    """Say it to the cashier who has just asked and stands before the patient."""
    if view.state is RefundState.SUCCEEDED and view.way is RefundWay.CASH:
        return f"Give the patient {view.given_in_cash} from the drawer."
    return story(view, time_zone)


def _gone(view: RefundView) -> str:
    if view.origin is RefundOrigin.STRIPE:
        return f"It was made {IN_THE_DASHBOARD} and is on its way to the card."
    match view.way:
        case RefundWay.CASH:
            return f"{view.given_in_cash} left the drawer of desk {view.desk}."
        case RefundWay.BANK_TRANSFER:
            return f"The bank has sent it: {view.reference}"
        case RefundWay.CARD:
            return "It is on its way to the card; the patient sees it there within ten days."


def _failed(view: RefundView) -> str:
    why = f" ({view.failure.replace('_', ' ')})" if view.failure else ""
    if view.way is RefundWay.CARD:
        return f"No money has gone back to the card{why}. It can be given in cash instead, with another approval."
    return f"No money has gone back{why}. It can be asked for again."
