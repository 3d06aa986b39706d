"""The number on a patient's receipt leads to the invoice, at any desk."""

from __future__ import annotations

import pytest

from cashier.invoices.views import InvoiceQuery
from cashier.tenders.tender import Tender
from tests.surroundings.sample_hospital import DUE


@pytest.mark.parametrize("typed", ["T-D1-000001", "t-d1-1", "TD1 000001", "td1000001"])
async def test_a_receipt_number_finds_the_invoice_and_means_it(services, taken, typed):
    assert (await taken(Tender.CASH)).receipt_number == "T-D1-000001"

    page = await services.invoices.page(InvoiceQuery(text=typed))
    meant = await services.invoices.find_by_number(typed)

    assert page.rows[0].first.number == DUE
    assert meant is not None
    assert meant.number == DUE


async def test_a_receipt_that_nobody_has_leads_nowhere(services, taken):
    await taken(Tender.CASH)

    assert await services.invoices.find_by_number("T-D1-000002") is None
