"""What is known of how a card was charged, in words: nothing is said of what nobody found out.

https://docs.stripe.com/api/charges/object#charge_object-payment_method_details
"""

from __future__ import annotations

from collections.abc import Mapping

from cashier.language import Message, m, verbatim
from cashier.stripe_gateway.evidence import ChargeProof

_THREE_D_SECURE: Mapping[str, Message] = {
    "authenticated": m("the cardholder's bank confirmed who paid"),
    "attempt_acknowledged": m("asked for; the cardholder's bank took note of it"),
    "exempted": m("not asked for: the payment was exempt"),
    "failed": m("asked for, and not confirmed"),
    "not_supported": m("not offered by the card"),
    "processing_error": m("asked for; the bank could not answer"),
}
_CHECKS: Mapping[str, Message] = {
    "pass": m("right, says the bank"),
    "fail": m("wrong, says the bank"),
    "unavailable": m("the bank did not check it"),
    "unchecked": m("not checked"),
}
_READ: Mapping[str, Message] = {
    "contact_emv": m("the chip, inserted"),
    "contactless_emv": m("the chip, contactless"),
    "contactless_magstripe_mode": m("contactless, as a magnetic stripe"),
    "magnetic_stripe_fallback": m("the magnetic stripe, because the chip could not be read"),
    "magnetic_stripe_track2": m("the magnetic stripe"),
}


def proof_facts(proof: ChargeProof) -> tuple[tuple[Message, Message], ...]:
    """Return what is known, with what it is; what Stripe does not tell is left out."""
    told = (
        (m("3-D Secure"), proof.three_d_secure, _THREE_D_SECURE),
        (m("Security code"), proof.security_code, _CHECKS),
        (m("Postcode"), proof.postcode, _CHECKS),
        (m("Read by the card reader"), proof.read_method, _READ),
    )
    facts = [(name, words.get(value) or _as_it_is(value)) for name, value, words in told if value]
    if proof.wallet:
        facts.append((m("Wallet"), _as_it_is(proof.wallet)))
    return tuple(facts)


def _as_it_is(value: str) -> Message:
    return verbatim(value.replace("_", " "))
