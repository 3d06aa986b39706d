"""Disputes in words: why the cardholder contests the payment, and where it stands.

https://docs.stripe.com/disputes/categories
"""

from __future__ import annotations

from collections.abc import Mapping

from cashier.language import Message, m, verbatim

REASON_WORDS: Mapping[str, Message] = {
    "bank_cannot_process": m("The cardholder's bank cannot process the payment"),
    "check_returned": m("A cheque was returned"),
    "credit_not_processed": m("The cardholder waits for a refund that was promised"),
    "customer_initiated": m("The cardholder asked the bank to take the money back"),
    "debit_not_authorized": m("The cardholder did not authorise the debit"),
    "duplicate": m("The cardholder was charged more than once"),
    "fraudulent": m("The cardholder says that somebody else used the card"),
    "general": m("The bank gives no particular reason"),
    "incorrect_account_details": m("The account's details were wrong"),
    "insufficient_funds": m("There was not enough money in the account"),
    "noncompliant": m("The payment broke a rule of the card network"),
    "product_not_received": m("The cardholder did not get what was paid for"),
    "product_unacceptable": m("What was paid for was not as described"),
    "subscription_canceled": m("The cardholder had cancelled before"),
    "unrecognized": m("The cardholder does not recognise the payment"),
}
"""Stripe's reasons; one that is new to us is shown as it is."""

STATUS_WORDS: Mapping[str, Message] = {
    "warning_needs_response": m("Inquiry: an answer is wanted"),
    "warning_under_review": m("Inquiry: the bank looks at the answer"),
    "warning_closed": m("Inquiry closed"),
    "needs_response": m("Disputed: an answer is wanted"),
    "under_review": m("Disputed: the bank looks at the answer"),
    "won": m("Dispute won: the money came back"),
    "lost": m("Dispute lost: the money is gone"),
    "prevented": m("Dispute prevented"),
}
"""Stripe's statuses; one that is new to us is shown as it is."""


def reason_words(reason: str) -> Message:
    """Say why a payment is disputed."""
    return REASON_WORDS.get(reason) or verbatim(reason.replace("_", " ").capitalize())


def status_words(status: str) -> Message:
    """Say where a dispute stands."""
    return STATUS_WORDS.get(status) or verbatim(status.replace("_", " ").capitalize())
