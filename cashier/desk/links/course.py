"""How far the patient has come with a payment link, in words for the cashier who gave it."""

from __future__ import annotations

from cashier.books.payment import PaymentState
from cashier.desk.kit.controls import Tone
from cashier.language import Message, m, mn, sentences
from cashier.language.number_style import Count
from cashier.payment_page.following import Leads, LinkCourse
from cashier.payments.views import PaymentView


def say_course(course: LinkCourse) -> tuple[Message, Tone]:
    """Say the one thing that matters now: what is known of the money first, then what of the page."""
    payment = course.payment
    if payment is not None and payment.contradiction is not None:
        return sentences(payment.contradiction, m("A supervisor has to look.")), Tone.BAD
    if payment is not None and (course.is_paid or course.is_being_paid):
        return _say_payment(payment)
    match course.leads:
        case Leads.NOWHERE:
            return m("Somebody has ended this link: it leads nowhere any more."), Tone.CAUTION
        case Leads.NOWHERE_BY_TIME:
            return m("This link has run out: it leads nowhere any more."), Tone.CAUTION
        case Leads.TO_NOTHING_DUE:
            return m("Nothing is due for this invoice any more: nothing can be paid by the link."), Tone.CAUTION
    opened = _say_opened(course.opened_times)
    if payment is not None:
        return sentences(m("A payment was begun and given up; nothing was charged."), opened), Tone.NEUTRAL
    return opened, Tone.NEUTRAL


def _say_payment(payment: PaymentView) -> tuple[Message, Tone]:
    amount = payment.amount
    if payment.state is PaymentState.PAID:
        paid = m("Paid by this link: {amount}.", amount=amount)
        if payment.receipt_number is None:
            return paid, Tone.GOOD
        return sentences(paid, m("Receipt {number}.", number=payment.receipt_number)), Tone.GOOD
    if payment.trouble is not None:
        unknown = m("It is not known yet how the payment of {amount} stands.", amount=amount)
        return sentences(unknown, payment.trouble.words), Tone.CAUTION
    if payment.state is PaymentState.PROCESSING:
        return m("The bank is still confirming {amount}. The invoice is held meanwhile.", amount=amount), Tone.CAUTION
    paying = m("Somebody is paying {amount} on the page. The invoice is held meanwhile.", amount=amount)
    if payment.decline is not None:
        return sentences(paying, payment.decline.say), Tone.CAUTION
    return paying, Tone.CAUTION


def _say_opened(times: int) -> Message:
    if not times:
        return m("The page was not opened so far.")
    return mn("The page was opened once.", "The page was opened {count} times.", count=Count(times))
