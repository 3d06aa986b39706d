"""What Stripe has on record: events, charges and disputes, for the sweep and the daily comparison."""

from __future__ import annotations

import email.utils
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import stripe
from stripe import StripeResponse

from cashier.money import Money
from cashier.stripe_gateway.client import translated_errors
from cashier.stripe_gateway.lists import read_or_set_aside
from cashier.stripe_gateway.reading import id_of, money_of
from cashier.stripe_gateway.webhooks import EventNotice, notice_of

SENDER = "cashier_evidence"
"""Where a dispute says who of us handed in evidence."""


@dataclass(frozen=True, kw_only=True)
class ChargeOnRecord:
    """A charge that succeeded at Stripe; ``payment_reference`` is our payment's id where it carries one.

    ``carries_reference``: anything on it names us, readable or not. ``customer_id`` is whom it was charged to.
    """

    charge_id: str
    intent_id: str | None
    payment_reference: str | None
    carries_reference: bool
    customer_id: str | None
    amount: Money
    refunded: Money
    disputed: bool
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class DisputeOnRecord:
    """A dispute at Stripe; ``respond_by`` is the bank's deadline (UTC).

    ``payment_reference``, ``carries_reference`` and ``customer_id`` are those of the disputed charge; of one that
    Stripe does not show, nobody can say that it does not carry our reference. ``evidence_sender`` is who of us handed
    in ``evidence_fields``.
    """

    dispute_id: str
    charge_id: str
    intent_id: str | None
    payment_reference: str | None
    carries_reference: bool
    customer_id: str | None
    amount: Money
    reason: str
    status: str
    respond_by: datetime | None
    created_at: datetime
    evidence_sender: str | None = None
    evidence_fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EventsOnRecord:
    """Events in a list of Stripe's, and when it was asked for by Stripe's clock (None: it did not say)."""

    notices: list[EventNotice]
    asked_at: datetime | None


class RecordsGateway:
    """Reads Stripe's records. Raises ``Unreachable``, ``Refused``, ``Misconfigured``."""

    def __init__(self, client: stripe.StripeClient) -> None:
        """Use the connection that payments use."""
        self._client = client

    async def events_since(self, moment: datetime) -> EventsOnRecord:
        """Return all readable events since ``moment``, oldest first; Stripe keeps them for 30 days.

        https://docs.stripe.com/api/events/list
        """
        with translated_errors():
            page = await self._client.v1.events.list_async(
                {"created": {"gte": int(moment.timestamp())}, "limit": 100}
            )
            read = [read_or_set_aside(event, _notice) async for event in page.auto_paging_iter()]
        notices = [notice for notice in reversed(read) if notice is not None]
        return EventsOnRecord(notices=notices, asked_at=_date_of(page.last_response))

    async def charges_between(self, since: datetime, until: datetime) -> AsyncIterator[ChargeOnRecord]:
        """List the charges that succeeded between two moments, newest first."""
        with translated_errors():
            page = await self._client.v1.charges.list_async(
                {"created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())}, "limit": 100}
            )
            async for charge in page.auto_paging_iter():
                if charge.status == "succeeded" and charge.captured:
                    found = read_or_set_aside(charge, _charge)
                    if found is not None:
                        yield found

    async def disputes_of_charge(self, charge_id: str) -> list[DisputeOnRecord]:
        """Return all disputes of one charge, newest first.

        https://docs.stripe.com/api/disputes/list
        """
        with translated_errors():
            page = await self._client.v1.disputes.list_async(
                {"charge": charge_id, "limit": 100, "expand": ["data.charge"]}
            )
            return [dispute_on_record(dispute) async for dispute in page.auto_paging_iter()]

    async def disputes_between(self, since: datetime, until: datetime) -> AsyncIterator[DisputeOnRecord]:
        """List the disputes that were opened between two moments, newest first."""
        with translated_errors():
            page = await self._client.v1.disputes.list_async(
                {
                    "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
                    "limit": 100,
                    "expand": ["data.charge"],
                }
            )
            async for dispute in page.auto_paging_iter():
                found = read_or_set_aside(dispute, dispute_on_record)
                if found is not None:
                    yield found


def _date_of(answer: StripeResponse | None) -> datetime | None:
    said = None if answer is None else answer.headers.get("date")
    try:
        return None if said is None else email.utils.parsedate_to_datetime(said)
    except ValueError:
        return None


def _notice(event: stripe.Event) -> EventNotice:
    return notice_of(event.to_dict())


def _charge(charge: stripe.Charge) -> ChargeOnRecord:
    return ChargeOnRecord(
        charge_id=charge.id,
        intent_id=id_of(charge.payment_intent),
        payment_reference=charge.metadata.to_dict().get("cashier_payment"),
        carries_reference=_carries_reference(charge),
        customer_id=id_of(charge.customer),
        amount=money_of(charge.amount_captured, charge.currency),
        refunded=money_of(charge.amount_refunded, charge.currency),
        disputed=charge.disputed,
        created_at=datetime.fromtimestamp(charge.created, UTC),
    )


def _carries_reference(charge: stripe.Charge) -> bool:
    return any(name.startswith("cashier_") for name in charge.metadata.to_dict())


def dispute_on_record(dispute: stripe.Dispute) -> DisputeOnRecord:
    """Read a dispute that was fetched with its charge expanded."""
    due_by = dispute.evidence_details.due_by
    charge = dispute.charge if isinstance(dispute.charge, stripe.Charge) else None
    return DisputeOnRecord(
        dispute_id=dispute.id,
        charge_id=id_of(dispute.charge) or "",
        intent_id=id_of(dispute.payment_intent),
        payment_reference=charge.metadata.to_dict().get("cashier_payment") if charge is not None else None,
        carries_reference=charge is None or _carries_reference(charge),
        customer_id=id_of(charge.customer) if charge is not None else None,
        amount=money_of(dispute.amount, dispute.currency),
        reason=dispute.reason,
        status=dispute.status,
        respond_by=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        created_at=datetime.fromtimestamp(dispute.created, UTC),
        evidence_sender=dispute.metadata.to_dict().get(SENDER),
        evidence_fields=tuple(sorted(name for name, value in dispute.evidence.to_dict().items() if value)),
    )
