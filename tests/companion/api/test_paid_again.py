"""Over the API, too, somebody has to say that the same is to be paid once more."""

from __future__ import annotations

import msgspec
import pytest

from cashier.asked_again.sums import AskedAgain
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT

pytestmark = pytest.mark.both_databases


@pytest.fixture
def settings(settings):
    """As they are where nobody says anything."""
    return msgspec.structs.replace(settings, asked_again=AskedAgain())


async def test_who_pays_the_same_twice_is_asked_and_nobody_is_named(portal, hospital):
    first = {"invoices": [{"invoice_id": DUE, "amount": 4_500}]}
    assert (await portal.begin(**first)).status_code == 201
    again = {"invoices": [{"invoice_id": DUE_OF_SAME_PATIENT, "amount": 4_500}]}

    asked = await portal.begin("once", **again)

    assert (asked.status_code, asked.json()["type"]) == (409, "/api/v1/problems/same-paid-just-now")
    assert "Patient portal" not in asked.text
    assert (await portal.begin("twice", **again, pay_again=True)).status_code == 201
    (decided,) = hospital.execute("SELECT facts FROM journal_entry WHERE action = 'done all the same'")
    assert '"same_again"' in decided["facts"]
