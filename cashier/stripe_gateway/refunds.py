"""Refunds at Stripe: making one, asking about one, finding one again.

https://docs.stripe.com/api/refunds
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe

from cashier.books.from_stripe.refund_report import RefundReport, RefundStanding
from cashier.books.refund import RefundReason
from cashier.money import Money
from cashier.stripe_gateway.client import translated_errors
from cashier.stripe_gateway.lists import read_or_set_aside
from cashier.stripe_gateway.naming import named_refund
from cashier.stripe_gateway.reading import id_of, money_of

_STANDINGS = {
    "pending": RefundStanding.PENDING,
    "requires_action": RefundStanding.PENDING,
    "succeeded": RefundStanding.SUCCEEDED,
    "failed": RefundStanding.FAILED,
    "canceled": RefundStanding.FAILED,
}


@dataclass(frozen=True, kw_only=True)
class RefundOrder:
    """A refund to make; the same order is sent again when the call is repeated."""

    refund_id: uuid.UUID
    intent_id: str
    amount: Money
    reason: RefundReason
    entry: str = ""


class RefundGateway:
    """Refunds, as our own refunds see them. Raises ``Unreachable``, ``Refused``, ``Misconfigured``."""

    def __init__(self, client: stripe.StripeClient) -> None:
        """Use the connection that payments use."""
        self._client = client

    async def make_refund(self, order: RefundOrder) -> RefundReport:
        """Send money back to the card. Safe to repeat for a day.

        Raises ``Refused`` for more than what is left of the charge.
        """
        with translated_errors():
            refund = await self._client.v1.refunds.create_async(
                {
                    "payment_intent": order.intent_id,
                    "amount": order.amount.amount_minor,
                    "reason": order.reason.value,
                    "metadata": named_refund(order.refund_id, order.entry),
                    "expand": ["payment_intent"],
                },
                {"idempotency_key": f"refund:{order.refund_id}"},
            )
        return report_of_refund(refund)

    async def fetch_refund(self, stripe_id: str) -> RefundReport:
        """Ask Stripe where a refund stands."""
        with translated_errors():
            return report_of_refund(
                await self._client.v1.refunds.retrieve_async(stripe_id, {"expand": ["payment_intent"]})
            )

    async def find_refund(self, refund_id: uuid.UUID, *, intent_id: str) -> RefundReport | None:
        """Look for a refund of ours among all of a payment's refunds; None when there is none."""
        async for report in self.list_refunds(intent_id=intent_id):
            if report.reference == str(refund_id):
                return report
        return None

    async def list_refunds(
        self, *, intent_id: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[RefundReport]:
        """List refunds, newest first: of one payment, or made between two moments.

        Of those between two moments, which may be other programs', unreadable ones are left out.
        """
        parameters: stripe.params.RefundListParams = {"limit": 100, "expand": ["data.payment_intent"]}
        if intent_id is not None:
            parameters["payment_intent"] = intent_id
        if since is not None and until is not None:
            parameters["created"] = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        with translated_errors():
            page = await self._client.v1.refunds.list_async(parameters)
            async for refund in page.auto_paging_iter():
                found = _report(refund) if intent_id else read_or_set_aside(refund, _report)
                if found is not None:
                    yield found


@translated_errors()
def report_of_refund(refund: stripe.Refund) -> RefundReport:
    """Read a refund that was fetched with its intent expanded. A status that is not known yet counts as pending."""
    return _report(refund)


def _report(refund: stripe.Refund) -> RefundReport:
    intent = refund.payment_intent if isinstance(refund.payment_intent, stripe.PaymentIntent) else None
    return RefundReport(
        stripe_id=refund.id,
        intent_id=id_of(refund.payment_intent),
        charge_id=id_of(refund.charge),
        standing=_STANDINGS.get(refund.status or "pending", RefundStanding.PENDING),
        amount=money_of(refund.amount, refund.currency),
        # Stripe leaves the key out where nothing failed.
        failure=getattr(refund, "failure_reason", None),
        reference=(refund.metadata.to_dict() if refund.metadata else {}).get("cashier_refund"),
        payment_reference=intent.metadata.to_dict().get("cashier_payment") if intent is not None else None,
        created_at=datetime.fromtimestamp(refund.created, UTC),
    )
