"""What the tests of refunds share: payments to refund, requests, a drawer, and what the journal says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa

from cashier.assembly import Services
from cashier.books.journal import JournalEntry
from cashier.books.refund import RefundReason
from cashier.money import Money
from cashier.payments.views import PaymentOrder, PaymentView
from cashier.refunds.views import RefundRequest
from cashier.shifts.views import Opening
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.orders import order_of, refund_of, share_of
from tests.surroundings.sample_hospital import SampleHospital

Pay = Callable[..., Awaitable[PaymentView]]


@pytest.fixture
def paid(services: Services, hospital: SampleHospital) -> Pay:
    """Pay invoices by card: ``await paid()`` returns the payment."""

    async def pay(*shares: tuple[str, int], number: str = "4242424242424242") -> PaymentView:
        begun = await services.payments.begin(_order(hospital, shares, Tender.CHECKOUT), hospital.cashier)
        assert begun.page_url is not None
        await pay_on_page(begun.page_url, number=number)
        return await services.payments.refresh(begun.id)

    return pay


@pytest.fixture
def taken(services: Services, hospital: SampleHospital) -> Pay:
    """Take money in hand: ``await taken(Tender.CASH)`` returns the payment."""

    async def take(tender: Tender, *shares: tuple[str, int], **facts: Any) -> PaymentView:
        facts.setdefault("reference", "REF-1" if tender.row.wants_reference else "")
        order = _order(hospital, shares, tender, **facts)
        return await services.payments.begin(order, hospital.cashier)

    return take


@pytest.fixture
async def drawer(services: Services, hospital: SampleHospital) -> int:
    """The open shift of desk D1: its key."""
    opened = await services.shifts.open(Opening(number=1, float=Money(15_000, "EUR")), hospital.cashier)
    return opened.id


def asking(
    payment: PaymentView, amount_minor: int = 12_000, *, reopens: bool = True, currency: str = "EUR", **facts: Any
) -> RefundRequest:
    """Write the request of a refund of ``payment``."""
    facts.setdefault("reason", RefundReason.REQUESTED_BY_CUSTOMER)
    facts.setdefault("note", "Appointment was cancelled.")
    return refund_of(payment.id, amount_minor, currency=currency, reopens=reopens, **facts)


async def actions_about(services: Services, subject_id: object) -> list[str]:
    """Return what the journal says about a refund or payment, in order."""
    statement = (
        sa.select(JournalEntry.action).where(JournalEntry.subject_id == str(subject_id)).order_by(JournalEntry.number)
    )
    async with services.database.reading() as session:
        return list((await session.execute(statement)).scalars())


def _order(
    hospital: SampleHospital, shares: tuple[tuple[str, int], ...], tender: Tender, **facts: Any
) -> PaymentOrder:
    wanted = shares or ((sample_hospital.DUE, 12_000),)
    if facts.get("deposit") is not None and not shares:
        wanted = ()
    return order_of(
        *(share_of(hospital, invoice, amount_minor) for invoice, amount_minor in wanted),
        tender=tender,
        **facts,
    )
