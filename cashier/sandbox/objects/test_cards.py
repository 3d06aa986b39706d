"""Stripe's published test cards and what each of them does. https://docs.stripe.com/testing

``TEST_CARDS`` is the one table: a card's name, its number, and how it behaves. The names are those of Stripe's test
payment methods and tokens: ``pm_card_NAME`` and ``tok_NAME``. Only names are ever stored, never numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class Authentication(StrEnum):
    """When the card's bank wants the customer to pass 3-D Secure."""

    NOT_SUPPORTED = "not_supported"
    OPTIONAL = "optional"
    REQUIRED = "required"
    REQUIRED_UNLESS_SET_UP = "required_unless_set_up"
    ALREADY_SET_UP = "already_set_up"


class RefundFate(StrEnum):
    """How a refund goes; one that asks for the customer's account waits a day for it."""

    SUCCEEDS = "succeeds"
    FAILS_AT_ONCE = "fails_at_once"
    FAILS_LATER = "fails_later"
    PENDING_FIRST = "pending_first"
    REQUIRES_ACTION = "requires_action"
    ASKS_FOR_ACCOUNT = "asks_for_account"


@dataclass(frozen=True, kw_only=True)
class TestCard:
    """One test card. ``decline`` names an entry of ``declines.DECLINES``, ``dispute`` the reason of its dispute."""

    __test__ = False

    name: str
    number: str
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: str | None = None
    attachable: bool = True
    authentication: Authentication = Authentication.OPTIONAL
    cvc_check: str = "pass"
    address_check: str = "pass"
    postal_check: str = "pass"
    risk_level: str = "normal"
    refund: RefundFate = RefundFate.SUCCEEDS
    dispute: str | None = None
    inquiry: bool = False
    fraud_warning: bool = False
    settles_at_once: bool = False

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]


def _declined(name: str, number: str, decline: str, *, authentication: Authentication | None = None) -> TestCard:
    return TestCard(
        name=name,
        number=number,
        decline=decline,
        attachable=authentication is not None,
        authentication=authentication or Authentication.OPTIONAL,
    )


def _authenticated(name: str, number: str, authentication: Authentication) -> TestCard:
    return TestCard(name=name, number=number, authentication=authentication)


_BRANDS = (
    TestCard(name="visa", number="4242424242424242"),
    TestCard(name="visa_debit", number="4000056655665556", funding="debit"),
    TestCard(name="mastercard", number="5555555555554444", brand="mastercard"),
    TestCard(name="mastercard_2_series", number="2223003122003222", brand="mastercard"),
    TestCard(name="mastercard_debit", number="5200828282828210", brand="mastercard", funding="debit"),
    TestCard(name="mastercard_prepaid", number="5105105105105100", brand="mastercard", funding="prepaid"),
    TestCard(name="amex", number="378282246310005", brand="amex", authentication=Authentication.NOT_SUPPORTED),
    TestCard(name="amex_corporate", number="371449635398431", brand="amex"),
    TestCard(name="discover", number="6011111111111117", brand="discover"),
    TestCard(name="discover_2", number="6011000990139424", brand="discover"),
    TestCard(name="discover_debit", number="6011981111111113", brand="discover", funding="debit"),
    TestCard(name="diners", number="3056930009020004", brand="diners"),
    TestCard(name="diners_14digits", number="36227206271667", brand="diners"),
    TestCard(name="jcb", number="3566002020360505", brand="jcb", country="JP"),
    TestCard(name="unionpay", number="6200000000000005", brand="unionpay", country="CN"),
    TestCard(name="unionpay_debit", number="6200000000000047", brand="unionpay", funding="debit", country="CN"),
    TestCard(name="unionpay_19digits", number="6205500000000000004", brand="unionpay", country="CN"),
)

_COUNTRIES = tuple(
    TestCard(name=country.lower(), number=number, country=country)
    for country, number in {
        "AR": "4000000320000021", "BR": "4000000760000002", "CA": "4000001240000000", "CL": "4000001520000001",
        "CO": "4000001700000003", "MX": "4000004840008001", "AT": "4000000400000008", "BE": "4000000560000004",
        "DK": "4000002080000001", "FI": "4000002460000001", "FR": "4000002500000003", "DE": "4000002760000016",
        "GR": "4000003000000030", "IE": "4000003720000005", "IT": "4000003800000008", "NL": "4000005280000002",
        "NO": "4000005780000007", "PL": "4000006160000005", "PT": "4000006200000007", "ES": "4000007240000007",
        "SE": "4000007520000008", "CH": "4000007560000009", "GB": "4000008260000000", "AU": "4000000360000006",
        "CN": "4000001560000002", "HK": "4000003440000004", "IN": "4000003560000008", "JP": "4000003920000003",
        "SG": "4000007020000003",
    }.items()
)  # fmt: skip

_DECLINED = (
    _declined("visa_chargeDeclined", "4000000000000002", "generic_decline"),
    _declined("visa_chargeDeclinedInsufficientFunds", "4000000000009995", "insufficient_funds"),
    _declined("visa_chargeDeclinedLostCard", "4000000000009987", "lost_card"),
    _declined("visa_chargeDeclinedStolenCard", "4000000000009979", "stolen_card"),
    _declined("chargeDeclinedExpiredCard", "4000000000000069", "expired_card"),
    _declined("chargeDeclinedIncorrectCvc", "4000000000000127", "incorrect_cvc"),
    _declined("chargeDeclinedProcessingError", "4000000000000119", "processing_error"),
    _declined("visa_chargeDeclinedVelocityLimitExceeded", "4000000000006975", "card_velocity_exceeded"),
    TestCard(name="chargeCustomerFail", number="4000000000000341", decline="generic_decline"),
    TestCard(name="radarBlock", number="4100000000000019", decline="highest_risk", risk_level="highest"),
    TestCard(name="riskLevelElevated", number="4000000000009235", risk_level="elevated"),
    TestCard(name="cvcCheckFail", number="4000000000000101", cvc_check="fail"),
    TestCard(name="avsFail", number="4000000000000010", address_check="fail", postal_check="fail"),
    TestCard(name="avsLine1Fail", number="4000000000000028", address_check="fail"),
    TestCard(name="avsZipFail", number="4000000000000036", postal_check="fail"),
    TestCard(name="avsUnchecked", number="4000000000000044", address_check="unavailable", postal_check="unavailable"),
)

_AUTHENTICATED = (
    _authenticated("authenticationRequired", "4000002760003184", Authentication.REQUIRED),
    _authenticated("authenticationRequiredOnSetup", "4000002500003155", Authentication.REQUIRED_UNLESS_SET_UP),
    _authenticated("authenticationRequiredSetupForOffSession", "4000003800000446", Authentication.ALREADY_SET_UP),
    _declined(
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "4000008260003178",
        "insufficient_funds",
        authentication=Authentication.REQUIRED,
    ),
    _authenticated("threeDSecure2Required", "4000000000003220", Authentication.REQUIRED),
    _authenticated("threeDSecureRequired", "4000000000003063", Authentication.REQUIRED),
    _declined(
        "threeDSecureRequiredChargeDeclined",
        "4000008400001629",
        "generic_decline",
        authentication=Authentication.REQUIRED,
    ),
    _declined(
        "threeDSecureRequiredProcessingError",
        "4000008400001280",
        "processing_error",
        authentication=Authentication.REQUIRED,
    ),
    _authenticated("threeDSecureOptional", "4000000000003055", Authentication.OPTIONAL),
)

_AFTERWARDS = (
    TestCard(name="refundFail", number="4000000000005126", refund=RefundFate.FAILS_LATER),
    TestCard(name="pendingRefund", number="4000000000007726", refund=RefundFate.PENDING_FIRST),
    TestCard(name="createDispute", number="4000000000000259", dispute="fraudulent"),
    TestCard(name="createDisputeProductNotReceived", number="4000000000002685", dispute="product_not_received"),
    TestCard(name="createDisputeInquiry", number="4000000000001976", dispute="fraudulent", inquiry=True),
    TestCard(name="createIssuerFraudRecord", number="4000000000005423", fraud_warning=True),
    TestCard(name="bypassPending", number="4000000000000077", settles_at_once=True),
)

TEST_CARDS = {card.name: card for card in (*_BRANDS, *_COUNTRIES, *_DECLINED, *_AUTHENTICATED, *_AFTERWARDS)}

# Older names of the same cards, still accepted by Stripe.
_ALIASES = {
    "us": "visa",
    "chargeDeclined": "visa_chargeDeclined",
    "chargeDeclinedInsufficientFunds": "visa_chargeDeclinedInsufficientFunds",
    "chargeDeclinedLostCard": "visa_chargeDeclinedLostCard",
    "chargeDeclinedStolenCard": "visa_chargeDeclinedStolenCard",
    "chargeDeclinedFraudulent": "radarBlock",
    "visa_chargeDeclinedFraudulent": "radarBlock",
    "chargeDeclinedVelocityLimitExceeded": "visa_chargeDeclinedVelocityLimitExceeded",
    "amex_threeDSecureNotSupported": "amex",
}


def card_named(name: str) -> TestCard | None:
    """Return the card behind ``pm_card_NAME`` or ``tok_NAME``."""
    return TEST_CARDS.get(_ALIASES.get(name, name))


def card_numbered(number: str) -> TestCard | None:
    """Return the card with this number, if it is one of Stripe's test cards."""
    return _by_number().get(number)


@cache
def _by_number() -> dict[str, TestCard]:
    return {card.number: card for card in TEST_CARDS.values()}


def is_luhn_valid(number: str) -> bool:
    """Tell whether the last digit is the right check digit."""
    digits = [int(digit) for digit in reversed(number)]
    return sum(sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits)) % 10 == 0
