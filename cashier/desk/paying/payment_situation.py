"""Which situation a payment is in, and what is special about it: found from what is known, for every tender."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.books.from_stripe.payment_report import Standing
from cashier.books.payment import PaymentState
from cashier.desk.kit import words
from cashier.desk.paying.payment_faces import Face
from cashier.errors import CashierError, Misconfigured, Party, Refused
from cashier.language import NOTHING, Message, joined, m, sentences, verbatim
from cashier.payments.views import PaymentView, Trouble
from cashier.tenders.tender import Channel, Tender


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the dialog knows beside the payment itself."""

    has_page: bool = False
    """There is a page for the patient to go on with."""
    is_challenge: bool = False
    """The page is the bank's."""
    has_returned: bool = False
    """Stripe led away from its page since it was opened."""
    is_closing: bool = False
    """The cashier cancelled, and the answer is not there yet."""


def face_of(view: PaymentView, around: Surroundings) -> Face:
    """Find the situation of a payment that was begun."""
    if view.contradiction is not None:
        return Face.CONTRADICTION
    if view.state is PaymentState.PAID:
        return Face.PAID
    if view.state is PaymentState.CANCELLED:
        return Face.CANCELLED if view.taken_over_by is None else Face.TAKEN_OVER
    if view.trouble is not None and view.trouble.at_stripe is Standing.PAID:
        return Face.PAID_UNWRITTEN
    if view.pending is not None and view.trouble is None:
        return Face.PENDING
    if around.is_closing:
        return Face.CLOSING if view.trouble is None else not_closed(view.trouble)
    if view.state is PaymentState.OPEN:
        return _face_of_open(view, around)
    if view.trouble is not None:
        return not_known(view.trouble)
    return opening_of(view.tender) if view.state is PaymentState.PREPARED else Face.CONFIRMING


def opening_of(tender: Tender) -> Face:
    """Find the situation of a payment that is just begun: opening one by a saved card charges it."""
    if tender.row.is_taken_here:
        return Face.SAVING
    return Face.CHARGING if tender.row.channel is Channel.SAVED_CARD else Face.OPENING


def not_known(trouble: Trouble) -> Face:
    """Find the situation of a payment that is being made, and of which no more is known than its ``trouble``."""
    if trouble.at_stripe is Standing.PAID:
        return Face.PAID_UNWRITTEN
    return Face.UNWRITTEN if trouble.by is Party.DATABASE else Face.UNKNOWN


def not_closed(trouble: Trouble) -> Face:
    """Find the situation of a payment that was to be taken back, and that is held up by ``trouble``."""
    if trouble.at_stripe is Standing.PAID:
        return Face.PAID_UNWRITTEN
    return Face.NOT_CLOSED if trouble.by is Party.DATABASE else Face.STILL_OPEN


def is_refusal(error: CashierError) -> bool:
    """Tell whether ``error`` says for certain that what was ordered was not done; all others leave that open."""
    return isinstance(error, Refused) and not isinstance(error, Misconfigured)


def _face_of_open(view: PaymentView, around: Surroundings) -> Face:
    match view.tender.row.channel:
        case Channel.READER:
            return _face_at_reader(view)
        case Channel.SAVED_CARD if view.decline is not None:
            return Face.DECLINED
        case _ if view.tender.row.is_on_phone and around.has_page:
            if view.trouble is not None:
                return Face.PHONE_UNSEEN
            return Face.DECLINED_ON_PHONE if view.decline is not None else Face.PHONE
        case _:
            return _face_on_page(view, around)


def _face_at_reader(view: PaymentView) -> Face:
    if view.trouble is not None:
        return not_known(view.trouble)
    if view.decline is not None:
        return Face.DECLINED_AT_READER
    return Face.KEYING if view.tender.row.is_typed else Face.READER


def _face_on_page(view: PaymentView, around: Surroundings) -> Face:
    """Find it where a page is open here: Stripe's, or the bank's that wants to know more about a saved card."""
    if view.trouble is not None:
        is_seen_through = around.has_returned or not around.has_page
        return not_known(view.trouble) if is_seen_through else Face.PAGE_UNSEEN
    if around.has_returned:
        return Face.CONFIRMING
    if not around.has_page:
        return Face.ASKING
    if around.is_challenge:
        return Face.CHALLENGE
    return Face.DECLINED_ON_PAGE if view.decline is not None else Face.PAGE


def detail_of(view: PaymentView, face: Face) -> Message:
    """What is special about this payment, in words that can be read aloud."""
    match face:
        case Face.CONTRADICTION:
            return view.contradiction or NOTHING
        case Face.PAID | Face.PART_PAID:
            parts = [joined(" · ", [means_of(view), m("Receipt {number}", number=view.receipt_number)])]
            if view.asked != view.amount:
                paid, asked = view.amount, view.asked
                parts.append(m("{paid} were paid where {asked} were asked for.", paid=paid, asked=asked))
            if view.deposit:
                parts.append(m("{amount} of it are on the patient's account.", amount=view.deposit))
            if view.surplus:
                parts.append(
                    m(
                        "{amount} of it are more than the invoice takes. They are on the patient's account.",
                        amount=view.surplus,
                    )
                )
            return joined("\n", parts)
        case Face.PENDING:
            return NOTHING if view.pending is None else view.pending.words
        case Face.TAKEN_OVER:
            return m("{person} took this payment over.", person=view.taken_over_by)
        case Face.DECLINED | Face.DECLINED_AT_READER | Face.DECLINED_ON_PAGE | Face.DECLINED_ON_PHONE if (
            view.decline is not None
        ):
            return sentences(view.decline.say, view.decline.next_step)
        case Face.READER | Face.KEYING:
            return verbatim(view.reader_label or "")
        case _:
            return NOTHING if view.trouble is None else view.trouble.words


def means_of(view: PaymentView) -> Message:
    """Say what it was paid with: the card, or the tender and its reference."""
    means = words.card(view.card_brand, view.card_last_four) or view.tender.row.words
    return joined(" ", [means, verbatim(view.reference or "")])
