"""A card reader at desk D1 and the two ways to pay on it; calls to Stripe that get lost, and what came of them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cashier.books.invoice import Invoice
from cashier.books.payment import InvoiceHold, Payment
from cashier.clock import now
from cashier.errors import Unreachable
from cashier.tenders.tender import Tender
from tests.payments.patient import pay_on_page
from tests.surroundings import sample_hospital
from tests.surroundings.card_reader import DeskReader, place_reader
from tests.surroundings.orders import order_for

INTENTS = "/v1/payment_intents"
SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
async def reader(services, hospital, sandbox) -> DeskReader:
    """A reader at desk D1."""
    return await place_reader(services, hospital, sandbox)


@pytest.fixture(params=[Tender.READER, Tender.KEYED])
def tender(request) -> Tender:
    """A card that is held to the reader, and one that is typed into it."""
    tender: Tender = request.param
    return tender


@pytest.fixture
async def by_saved_card(services, hospital):
    """An order to pay 45.00 by a card that the patient has saved."""
    begun = await services.payments.begin(order_for(hospital, sample_hospital.DUE, 12_000), hospital.cashier)
    await pay_on_page(begun.page_url, save=True)
    await services.payments.refresh(begun.id)
    async with services.database.reading() as session:
        invoice = await session.get_one(Invoice, hospital.invoice_ids[sample_hospital.DUE])
    (card,) = await services.cards.of_patient(invoice.patient_id)
    return order_for(
        hospital, sample_hospital.DUE_OF_SAME_PATIENT, 4_500, tender=Tender.SAVED_CARD, saved_card_id=card.id
    )


def charged(sandbox):
    """Return what Stripe charged, the last first."""
    return [each["amount"] for each in sandbox.ask("/v1/charges")["data"] if each["status"] == "succeeded"]


async def holds(services):
    """Return the invoices that are held."""
    async with services.database.reading() as session:
        return list((await session.execute(sa.select(InvoiceHold))).scalars())


async def grow_old(services, payment_id, age):
    """Let a payment have been begun so long ago."""
    async with services.database.transaction() as session:
        await session.execute(sa.update(Payment).where(Payment.id == payment_id).values(created_at=now() - age))


async def lose(services, hospital, sandbox, order, path, **trouble):
    """Begin a payment whose request or answer gets lost, also when it is repeated at once."""
    sandbox.order("troubles", path=path, method="POST", times=2, **trouble)
    with pytest.raises(Unreachable):
        await services.payments.begin(order, hospital.cashier)
