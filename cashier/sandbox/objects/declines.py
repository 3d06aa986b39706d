"""Why a card was not charged, in Stripe's words. https://docs.stripe.com/declines/codes"""

from __future__ import annotations

from dataclasses import dataclass

from cashier.sandbox.engine.failures import Json, StripeFailure
from cashier.sandbox.engine.skeletons import skeleton

_NO_DETAILS = "The bank did not return any further details with this decline."


@dataclass(frozen=True, kw_only=True)
class Decline:
    """One reason: Stripe's codes, what the customer is told, and what the seller sees."""

    code: str
    decline_code: str | None
    message: str
    advice_code: str | None = None
    network_decline_code: str | None = None
    seller_message: str = _NO_DETAILS
    blocked: bool = False

    def error_facts(self, charge_id: str | None) -> Json:
        """Return the fields that an error answer and ``last_payment_error`` share."""
        facts: Json = {
            "advice_code": self.advice_code,
            "charge": charge_id,
            "code": self.code,
            "decline_code": self.decline_code,
            "doc_url": f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}",
            "message": self.message,
            "network_decline_code": self.network_decline_code,
            "param": "cvc" if self.code == "incorrect_cvc" else None,
            "type": "card_error",
        }
        return {name: value for name, value in facts.items() if value is not None}

    def outcome(self, risk_level: str) -> Json:
        """Return the ``outcome`` of the failed charge."""
        return skeleton(
            "charge.Charge.Outcome",
            advice_code=self.advice_code,
            network_decline_code=self.network_decline_code,
            network_status="not_sent_to_network" if self.blocked else "declined_by_network",
            reason="highest_risk_level" if self.blocked else self.decline_code or self.code,
            risk_level=risk_level,
            risk_score={"normal": 22, "elevated": 68, "highest": 92}[risk_level],
            seller_message=self.seller_message,
            type="blocked" if self.blocked else "issuer_declined",
        )


DECLINES = {
    "generic_decline": Decline(
        code="card_declined",
        decline_code="generic_decline",
        message="Your card was declined.",
        advice_code="try_again_later",
        network_decline_code="01",
    ),
    "insufficient_funds": Decline(
        code="card_declined",
        decline_code="insufficient_funds",
        message="Your card has insufficient funds.",
        advice_code="try_again_later",
        network_decline_code="51",
        seller_message="The bank returned the decline code `insufficient_funds`.",
    ),
    "lost_card": Decline(
        code="card_declined",
        decline_code="lost_card",
        message="Your card was declined.",
        advice_code="do_not_try_again",
        network_decline_code="41",
        seller_message="The bank returned the decline code `lost_card`.",
    ),
    "stolen_card": Decline(
        code="card_declined",
        decline_code="stolen_card",
        message="Your card was declined.",
        advice_code="do_not_try_again",
        network_decline_code="43",
        seller_message="The bank returned the decline code `stolen_card`.",
    ),
    "expired_card": Decline(
        code="expired_card",
        decline_code=None,
        message="Your card has expired.",
        advice_code="do_not_try_again",
        network_decline_code="54",
        seller_message="The bank returned the decline code `expired_card`.",
    ),
    "incorrect_cvc": Decline(
        code="incorrect_cvc",
        decline_code=None,
        message="Your card's security code is incorrect.",
        advice_code="confirm_card_data",
        seller_message="The bank returned the decline code `incorrect_cvc`.",
    ),
    "processing_error": Decline(
        code="processing_error",
        decline_code=None,
        message="An error occurred while processing your card. Try again in a little bit.",
        advice_code="try_again_later",
        seller_message="The bank returned the decline code `processing_error`.",
    ),
    "card_velocity_exceeded": Decline(
        code="card_declined",
        decline_code="card_velocity_exceeded",
        message="Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
        advice_code="try_again_later",
        network_decline_code="65",
    ),
    "highest_risk": Decline(
        code="card_declined",
        decline_code="fraudulent",
        message="Your card was declined.",
        seller_message="Stripe blocked this charge as too risky.",
        blocked=True,
    ),
    "authentication_required": Decline(
        code="authentication_required",
        decline_code="authentication_required",
        message="Your card was declined. This transaction requires authentication.",
        network_decline_code="1A",
        seller_message="The bank returned the decline code `authentication_required`.",
    ),
    "live_card": Decline(
        code="card_declined",
        decline_code="live_mode_test_card",
        message="Your card was declined. Your request was in test mode, but used a non test card. For a list of "
        "valid test cards, visit: https://stripe.com/docs/testing.",
    ),
}


def card_failure(code: str, message: str, *, param: str | None = None) -> StripeFailure:
    """Refuse what was typed about a card, such as a number with a wrong check digit: 402."""
    return StripeFailure(402, message, kind="card_error", code=code, param=param)


def declined(
    decline: Decline, *, charge_id: str | None = None, keeps_changes: bool = False, **more: object
) -> StripeFailure:
    """Make the 402 answer to a declined card; ``more`` are objects that the error carries."""
    facts = {**decline.error_facts(charge_id), **more}
    message, code, kind, param = facts.pop("message"), facts.pop("code"), facts.pop("type"), facts.pop("param", None)
    return StripeFailure(402, message, kind=kind, code=code, param=param, keeps_changes=keeps_changes, **facts)
