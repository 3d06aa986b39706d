"""Disputes in words: why the cardholder contests the payment, and where it stands.

https://docs.stripe.com/disputes/categories
"""

from __future__ import annotations

from collections.abc import Mapping

REASON_WORDS: Mapping[str, str] = {
    "bank_cannot_process": "The cardholder's bank cannot process the payment",
    "check_returned": "A cheque was returned",
    "credit_not_processed": "The cardholder waits for a refund that was promised",
    "customer_initiated": "The cardholder asked the bank to take the money back",
    "debit_not_authorized": "The cardholder did not authorise the debit",
    "duplicate": "The cardholder was charged more than once",
    "fraudulent": "The cardholder says that somebody else used the card",
    "general": "The bank gives no particular reason",
    "incorrect_account_details": "The account's details were wrong",
    "insufficient_funds": "There was not enough money in the account",
    "noncompliant": "The payment broke a rule of the card network",
    "product_not_received": "The cardholder did not get what was paid for",
    "product_unacceptable": "What was paid for was not as described",
    "subscription_canceled": "The cardholder had cancelled before",
    "unrecognized": "The cardholder does not recognise the payment",
}
"""Stripe's reasons; one that is new to us is shown as it is."""

STATUS_WORDS: Mapping[str, str] = {
    "warning_needs_response": "Inquiry: an answer is wanted",
    "warning_under_review": "Inquiry: the bank looks at the answer",
    "warning_closed": "Inquiry closed",
    "needs_response": "Disputed: an answer is wanted",
    "under_review": "Disputed: the bank looks at the answer",
    "won": "Dispute won: the money came back",
    "lost": "Dispute lost: the money is gone",
    "prevented": "Dispute prevented",
}
"""Stripe's statuses; one that is new to us is shown as it is."""


def reason_words(reason: str) -> str:
    """Say why a payment is disputed."""
    return REASON_WORDS.get(reason, reason.replace("_", " ").capitalize())


def status_words(status: str) -> str:
    """Say where a dispute stands."""
    return STATUS_WORDS.get(status, status.replace("_", " ").capitalize())
