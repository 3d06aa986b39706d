"""Another amount was charged than was asked for: what came is in the books, the rest is credit or due."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cashier.books.invoice import Invoice
from cashier.books.payment import InvoiceHold, Payment, PaymentState
from cashier.money import Money
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.card_reader import place_reader, reader_order
from tests.surroundings.sample_hospital import DUE

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(
    ("charged_minor", "unallocated_minor", "balance_minor"), [(12_300, 300, 0), (10_000, 0, 2_000)]
)
async def test_what_came_is_settled_and_receipted_and_the_rest_is_credit_or_due(
    services, hospital, sandbox, charged_minor, unallocated_minor, balance_minor
):
    reader = await place_reader(services, hospital, sandbox)
    begun = await services.payments.begin(reader_order(hospital, reader), hospital.cashier)
    told = [each for each in sandbox.exchanges() if each["path"].endswith("/process_payment_intent")]
    sandbox.ask(f"/v1/payment_intents/{begun.stripe_intent_id}", amount=str(charged_minor))
    reader.present()

    paid = await services.payments.refresh(begun.id)
    async with services.database.reading() as session:
        invoice = await session.get_one(Invoice, hospital.invoice_ids[DUE])
        held = (await session.execute(sa.select(InvoiceHold))).scalars().all()

    assert all("skip_tipping" in each["request_body"] for each in told)
    assert (paid.state, paid.amount, paid.asked) == (
        PaymentState.PAID, Money(charged_minor, "EUR"), Money(12_000, "EUR"),
    )  # fmt: skip
    assert (paid.unallocated.amount_minor, invoice.balance_minor) == (unallocated_minor, balance_minor)
    assert paid.receipt_number is not None
    assert held == []
    assert await contradictions_in(services.database) == []
    with pytest.raises(Exception, match="kept as it is"):
        async with services.database.transaction() as session:
            await session.execute(sa.update(Payment).values(amount_minor=1, asked_minor=charged_minor))
