"""What Stripe knows of a charge that proves something, and handing evidence about a dispute to the bank.

https://docs.stripe.com/disputes/api
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import stripe

from cashier.stripe_gateway.client import translated_errors
from cashier.stripe_gateway.records import SENDER, DisputeOnRecord, dispute_on_record


@dataclass(frozen=True, kw_only=True)
class ChargeProof:
    """What was found out about the card when it was charged, in Stripe's words; None where that is not known.

    https://docs.stripe.com/api/charges/object#charge_object-payment_method_details
    """

    three_d_secure: str | None = None
    security_code: str | None = None
    postcode: str | None = None
    read_method: str | None = None
    wallet: str | None = None


class EvidenceGateway:
    """Evidence at Stripe. Raises ``Unreachable``, ``Refused``, ``Misconfigured``."""

    def __init__(self, client: stripe.StripeClient) -> None:
        """Use the connection that payments use."""
        self._client = client

    async def proof_of_charge(self, charge_id: str) -> ChargeProof:
        """Ask what is known of how a charge was made."""
        with translated_errors():
            charge = await self._client.v1.charges.retrieve_async(charge_id)
            return _proof(charge)

    async def hand_in(self, dispute_id: str, evidence: Mapping[str, str], *, sender: str) -> DisputeOnRecord:
        """Hand ``evidence`` to the bank; after that it cannot be changed. Safe to repeat with the same evidence.

        ``sender`` stays with the dispute at Stripe, so that whoever hears of it knows who sent it. Raises ``Refused``
        where the bank does not wait for evidence (any more).
        """
        digest = hashlib.sha256(repr(sorted(evidence.items())).encode()).hexdigest()[:32]
        parameters: Any = {
            "evidence": dict(evidence),
            "submit": True,
            "metadata": {SENDER: sender},
            "expand": ["charge"],
        }
        with translated_errors():
            dispute = await self._client.v1.disputes.update_async(
                dispute_id, parameters, {"idempotency_key": f"evidence:{dispute_id}:{digest}"}
            )
            return dispute_on_record(dispute)


def _proof(charge: stripe.Charge) -> ChargeProof:
    details: dict[str, Any] = charge.payment_method_details.to_dict() if charge.payment_method_details else {}
    card = details.get("card") or {}
    checks = card.get("checks") or {}
    return ChargeProof(
        three_d_secure=(card.get("three_d_secure") or {}).get("result"),
        security_code=checks.get("cvc_check"),
        postcode=checks.get("address_postal_code_check"),
        read_method=(details.get("card_present") or {}).get("read_method"),
        wallet=(card.get("wallet") or {}).get("type"),
    )
