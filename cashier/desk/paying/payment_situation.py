"""Which situation a payment is in, and what is special about it: found from what is known, for every tender."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.books.payment import PaymentState
from cashier.desk.kit import words
from cashier.desk.paying.payment_faces import Face
from cashier.language import NOTHING, Message, joined, m, sentences, verbatim
from cashier.payments.views import PaymentView
from cashier.tenders.tender import Channel


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
    if around.is_closing:
        return Face.STILL_OPEN if view.trouble is not None else Face.CLOSING
    if view.state is PaymentState.OPEN:
        return _face_of_open(view, around)
    if view.trouble is not None:
        return Face.UNKNOWN
    return Face.OPENING if view.state is PaymentState.PREPARED else Face.CONFIRMING


def _face_of_open(view: PaymentView, around: Surroundings) -> Face:
    match view.tender.row.channel:
        case Channel.READER:
            return _face_at_reader(view)
        case Channel.SAVED_CARD if view.decline is not None:
            return Face.DECLINED
        case _ if view.tender.row.is_on_phone and around.has_page:
            return Face.DECLINED_ON_PHONE if view.decline is not None else Face.PHONE
        case _:
            return _face_on_page(view, around)


def _face_at_reader(view: PaymentView) -> Face:
    if view.trouble is not None:
        return Face.UNKNOWN
    if view.decline is not None:
        return Face.DECLINED_AT_READER
    return Face.KEYING if view.tender.row.is_typed else Face.READER


def _face_on_page(view: PaymentView, around: Surroundings) -> Face:
    """Find it where a page is open here: Stripe's, or the bank's that wants to know more about a saved card."""
    if around.has_returned:
        return Face.UNKNOWN if view.trouble is not None else Face.CONFIRMING
    if not around.has_page:
        return Face.UNKNOWN if view.trouble is not None else Face.OPENING
    if around.is_challenge:
        return Face.CHALLENGE
    return Face.DECLINED_ON_PAGE if view.decline is not None else Face.PAGE


def detail_of(view: PaymentView, face: Face) -> Message:
    """What is special about this payment, in words that can be read aloud."""
    match face:
        case Face.CONTRADICTION:
            return view.contradiction or NOTHING
        case Face.PAID | Face.PART_PAID:
            parts = [means_of(view), m("Receipt {number}", number=view.receipt_number)]
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
        case Face.TAKEN_OVER:
            return m("{person} took this payment over.", person=view.taken_over_by)
        case Face.DECLINED | Face.DECLINED_AT_READER | Face.DECLINED_ON_PAGE | Face.DECLINED_ON_PHONE if (
            view.decline is not None
        ):
            return sentences(view.decline.say, view.decline.next_step)
        case Face.READER | Face.KEYING:
            return verbatim(view.reader_label or "")
        case _:
            return view.trouble or NOTHING


def means_of(view: PaymentView) -> Message:
    """Say what it was paid with: the card, or the tender and its reference."""
    means = words.card(view.card_brand, view.card_last_four) or view.tender.row.words
    return joined(" ", [means, verbatim(view.reference or "")])
