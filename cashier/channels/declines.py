"""Declines: what a cashier can say aloud, and what to try next.

The codes are Stripe's: https://docs.stripe.com/declines/codes and https://docs.stripe.com/error-codes
Codes about fraud get the same neutral words as a plain refusal: Stripe asks not to tell the customer more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cashier.language import Message, m
from cashier.tenders.methods import other_method


@dataclass(frozen=True, kw_only=True)
class DeclineAdvice:
    """``say`` can be read aloud to the patient; ``next_step`` is for the cashier."""

    code: str
    say: Message
    next_step: Message


_OTHER_CARD = m("Ask for another card, or another way to pay.")
_CALL_BANK = m("Ask for another card; the patient's bank can tell more.")
_AGAIN = m("Try once more; if it happens again, ask for another card.")
_RETYPE = m("Enter the card again with care.")

_PLAIN = (m("The bank did not approve this card."), _CALL_BANK)
_FUNDS = (m("The bank says that the card's limit or balance does not cover this amount."), _OTHER_CARD)
_PASSING = (m("The bank could not answer just now."), _AGAIN)
_NOT_FOR_THIS = (m("This card cannot be used for this kind of payment."), _OTHER_CARD)
_PIN = (m("The PIN was not accepted."), m("Try once more with the right PIN, or ask for another card."))
_BANK_CHECK = (
    m("The bank wants to confirm this payment with the cardholder."),
    m("Try again and follow the bank's page."),
)
_ASK_READER = m("Ask the reader again, or take the payment another way.")
_NOT_CONFIRMED = (m("The bank could not confirm the cardholder."), m("Try again, or ask for another card."))
_AMOUNT = (m("The bank does not accept this amount."), m("Check the amount, or split the payment."))
_EXPIRED = (m("The card has expired."), m("Ask for a card that is still valid."))
_CODE = (m("The security code is wrong."), m("Enter the three or four digits from the card again."))
_POSTCODE = (m("The postal code does not match."), _RETYPE)
_TOO_MANY = (m("This card was tried too often just now."), m("Ask for another card, or try again tomorrow."))
_TOO_LATE = (m("The payment was not confirmed in time."), m("Try again and follow the bank's page at once."))
_GIVEN_UP = (
    m("The payment was not approved in the patient's app or on their page."),
    m("Try again, or ask for another card."),
)
_SETUP = (
    m("This payment could not be made."),
    m("Nothing is wrong with the card. Tell IT, and take the payment another way."),
)

_WORDS: Mapping[str, tuple[Message, Message]] = {
    "amount_too_large": _AMOUNT,
    "amount_too_small": (m("This amount is too small for a card."), m("Take it another way, for example in cash.")),
    "approve_with_id": _PASSING,
    "authentication_not_handled": _BANK_CHECK,
    "authentication_required": _BANK_CHECK,
    "authentication_failure": _NOT_CONFIRMED,
    "call_issuer": _PLAIN,
    "card_decline_rate_limit_exceeded": _TOO_MANY,
    "card_declined": _PLAIN,
    "card_not_supported": _NOT_FOR_THIS,
    "card_velocity_exceeded": _FUNDS,
    "charge_exceeds_source_limit": _FUNDS,
    "charge_exceeds_transaction_limit": _FUNDS,
    "currency_not_supported": (m("This card does not support the currency."), _OTHER_CARD),
    "do_not_honor": _PLAIN,
    "do_not_try_again": _PLAIN,
    "duplicate_transaction": (
        m("The bank saw the same amount on this card a moment ago."),
        m("Look at the invoice's payments first: it may be paid already."),
    ),
    "expired_card": _EXPIRED,
    "expired_payment_method": _EXPIRED,
    "fraudulent": _PLAIN,
    "generic_decline": _PLAIN,
    "highest_risk_level": _PLAIN,
    "incorrect_address": (m("The billing address does not match."), _RETYPE),
    "incorrect_cvc": _CODE,
    "incorrect_number": (m("The card number is wrong."), _RETYPE),
    "incorrect_pin": _PIN,
    "incorrect_postal_code": _POSTCODE,
    "incorrect_zip": _POSTCODE,
    "insufficient_funds": _FUNDS,
    "invalid_account": _PLAIN,
    "invalid_amount": _AMOUNT,
    "invalid_card_type": _NOT_FOR_THIS,
    "invalid_cvc": _CODE,
    "invalid_expiry_month": (m("The expiry date is wrong."), _RETYPE),
    "invalid_expiry_year": (m("The expiry date is wrong."), _RETYPE),
    "invalid_number": (m("The card number is wrong."), _RETYPE),
    "invalid_pin": _PIN,
    "issuer_not_available": _PASSING,
    "live_mode_test_card": (m("This is a test card."), m("Ask for a real card.")),
    "lost_card": _PLAIN,
    "merchant_blacklist": _PLAIN,
    "mobile_device_authentication_required": (
        m("The phone wants to confirm the payment."),
        m("Ask the patient to unlock the phone and try again."),
    ),
    "new_account_information_available": _PLAIN,
    "no_action_taken": _PLAIN,
    "not_permitted": _PLAIN,
    "offline_pin_required": (m("The bank wants the PIN."), m("Use the card reader, or ask for another card.")),
    "online_or_offline_pin_required": (
        m("The bank wants the PIN."),
        m("Use the card reader, or ask for another card."),
    ),
    "payment_intent_authentication_failure": _NOT_CONFIRMED,
    "payment_intent_payment_attempt_expired": _TOO_LATE,
    "payment_intent_payment_attempt_failed": _PLAIN,
    "payment_method_currency_mismatch": (m("This card does not support the currency."), _OTHER_CARD),
    "payment_method_customer_decline": _GIVEN_UP,
    "payment_method_not_available": _SETUP,
    "payment_method_provider_decline": _PLAIN,
    "payment_method_provider_timeout": _PASSING,
    "payment_method_restricted": _NOT_FOR_THIS,
    "payment_method_unactivated": _SETUP,
    "pickup_card": _PLAIN,
    "pin_try_exceeded": (m("The PIN was entered wrongly too often."), _OTHER_CARD),
    "processing_error": _PASSING,
    "reenter_transaction": _PASSING,
    "refer_to_customer": _PLAIN,
    "restricted_card": _PLAIN,
    "revocation_of_all_authorizations": _PLAIN,
    "revocation_of_authorization": _PLAIN,
    "security_violation": _PLAIN,
    "service_not_allowed": _NOT_FOR_THIS,
    "setup_intent_authentication_failure": _NOT_CONFIRMED,
    "stolen_card": _PLAIN,
    "stop_payment_order": _PLAIN,
    "test_mode_live_card": (m("A real card was used in training."), m("Use one of Stripe's test cards.")),
    "testmode_decline": (m("A real card was used in training."), m("Use one of Stripe's test cards.")),
    "three_d_secure_authentication_not_supported": _NOT_CONFIRMED,
    "three_d_secure_authentication_upstream_error": _PASSING,
    "transaction_not_allowed": _NOT_FOR_THIS,
    "try_again_later": _PASSING,
    "withdrawal_count_limit_exceeded": _FUNDS,
    # What a card reader reports, or what becomes of asking it; the last two are our own.
    # https://docs.stripe.com/terminal/payments/collect-card-payment#handle-errors
    "connection_error": (m("The card reader lost its connection."), _ASK_READER),
    "customer_canceled": (m("The payment was cancelled on the card reader."), _ASK_READER),
    "terminal_reader_busy": (
        m("The card reader is busy with something else."),
        m("Wait until it is free and ask it again, or take the payment another way."),
    ),
    "terminal_reader_offline": (
        m("The card reader is not connected."),
        m("Check its power and its network and ask it again, or take the payment another way."),
    ),
    "terminal_reader_timeout": (
        m("The card reader did not answer in time."),
        m("Look at its display: if it asks for the card, go on there; otherwise ask it again."),
    ),
    "reader_not_asked": (m("The card reader does not ask for this payment."), _ASK_READER),
    "reader_failed": (m("The card reader could not finish the payment."), _ASK_READER),
}


_OTHER_WAY = m("The invoice is to be paid as before: ask for another way to pay.")
_OF_ACCOUNTS: Mapping[str, tuple[Message, Message]] = {
    "account_closed": (m("The account was closed."), _OTHER_WAY),
    "debit_not_authorized": (m("The account's owner told the bank that the debit was not allowed."), _OTHER_WAY),
    "insufficient_funds": (m("The account did not cover the amount."), _OTHER_WAY),
    "no_account": (m("The bank knows no such account."), _OTHER_WAY),
}
_NOT_PAID = (m("The bank did not pay."), _OTHER_WAY)
_RUN_OUT = (m("The voucher was not paid in time."), _OTHER_WAY)
"""Why what takes days was not paid in the end. https://docs.stripe.com/error-codes"""

_AT_ITS_BANK: Mapping[str, tuple[Message, Message]] = {
    "payment_intent_payment_attempt_expired": (
        m("The payment was not confirmed in time."),
        m("Try again and follow the bank's page at once."),
    ),
    "payment_method_provider_timeout": (
        m("The bank could not answer just now."),
        m("Try again, or pay another way."),
    ),
}
_NOT_APPROVED = (m("The payment was not approved on the bank's page."), m("Try again, or pay another way."))
"""Why a bank to whose page the payer was sent did not pay."""


def advice_for(code: str, *, method: str | None = None) -> DeclineAdvice:
    """Return the words for a decline ``code``; one that nobody knows yet gets those of a plain refusal.

    ``method`` is what it was to be paid with, by Stripe's code: of what is no card, nothing is said of cards.
    """
    row = other_method(method)
    if row is None:
        say, next_step = _WORDS.get(code, _PLAIN)
    elif row.decided_within is None:
        say, next_step = _AT_ITS_BANK.get(code, _NOT_APPROVED)
    else:
        say, next_step = _OF_ACCOUNTS.get(code, _NOT_PAID if row.is_debit else _RUN_OUT)
    return DeclineAdvice(code=code, say=say, next_step=next_step)


KNOWN_CODES = frozenset(_WORDS)
"""The codes with words of their own."""
