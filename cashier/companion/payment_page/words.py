"""Every sentence that the page's script shows by itself; it has no words of its own."""

from __future__ import annotations

from collections.abc import Mapping

from cashier.language import Message, m, mc
from cashier.money import Money
from cashier.payment_page.views import PageState
from cashier.payment_page.wording import STATE_WORDS

PAID = mc("payment page", "Paid")

WORDS: Mapping[str, Message] = {
    "wait": m("One moment, please: the payment is being made."),
    "try_again": mc("payment page", "Try again"),
    "other_card": m("Try again, or use another card."),
    "pay_again": m("Pay this as well"),
    "no_form": m("The form for the card could not be loaded. Check your connection and load this page again."),
    "no_answer": m(
        "The hospital does not answer just now. Do not pay a second time; this page asks again by itself."
    ),
    "changed": STATE_WORDS[PageState.CHANGED],
    "paid": PAID,
    "offline": m("This device is not connected just now. What you typed is still here."),
    "bank_waits": m(
        "Your bank still waits for your answer. Nothing was charged so far: go on at the bank, or use another card."
    ),
    "go_on": m("Go on at the bank"),
}
"""By the names that the script knows."""

PLAIN_TITLE = mc("payment page", "Payment")
INVOICE = mc("payment page", "Invoice")
DEPARTMENT = mc("payment page", "Department")
TO_PAY = mc("payment page", "To pay")
SAVE_CARD = m("Keep this card for later payments at this hospital")
STOP = mc("payment page", "Stop and pay later")
RECEIPT = mc("payment page", "Receipt")
NO_SCRIPT = m("This page needs JavaScript. Without it, please pay at the hospital's desk.")
TRAINING = m("Training: no money moves here.")
UNAVAILABLE = m("The hospital's payment page does not answer just now. Try again in a few minutes.")


def title(hospital: str) -> Message:
    """Return what the page is called."""
    return m("Payment to {hospital}", hospital=hospital)


def questions(phone: str) -> Message:
    """Return whom to ask."""
    return m("Questions? Call {phone}.", phone=phone)


def pay_words(amount: Money) -> Message:
    """Return what stands on the button."""
    return m("Pay {amount}", amount=amount)
