"""What a bank has still to decide about when a shift is closed: carried over, and told of again once decided."""

from __future__ import annotations

import msgspec
import pytest

from cashier.books.payment import PaymentState
from tests.payments.patient import debit_on_page
from tests.shifts.records import facts_of, text_of
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for

DAY = 86_400


@pytest.fixture
def settings(settings):
    """Settings of a hospital that takes debits."""
    stripe = msgspec.structs.replace(settings.stripe, payment_methods=("card", "sepa_debit"))
    return msgspec.structs.replace(settings, stripe=stripe)


@pytest.mark.both_databases
async def test_a_shift_is_closed_with_what_is_pending_and_the_next_report_tells_how_it_ended(
    services, hospital, sandbox, drawer
):
    first = await drawer.open()
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await debit_on_page(begun.page_url, "DE89370400440532013000")
    assert (await services.payments.refresh(begun.id)).state is PaymentState.PROCESSING

    await drawer.close(first, 10_000)
    second = await drawer.open(number=2)
    sandbox.order("clock", advance_seconds=4 * DAY)
    await services.payments.recover()
    await drawer.close(second, 10_000)
    paper = text_of((await services.shifts.report(first.id, hospital.cashier)).pdf)
    before, after = await facts_of(services, first.id), await facts_of(services, second.id)

    (pending,), (decided,) = before.pending, after.decided
    assert (pending.method, pending.last_four, pending.amount_minor, pending.receipt) == (
        "sepa_debit", "3000", 12_000, "",
    )  # fmt: skip
    assert (before.tenders, after.pending) == ((), ())
    assert decided.payment == pending.payment
    assert decided.receipt == (await services.payments.view(begun.id)).receipt_number
    assert "SEPA Direct Debit ending in 3000" in paper
    assert "decided by about" in paper
    assert await contradictions_in(services.database) == []
