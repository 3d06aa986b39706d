"""``GET /api/v1/changes``: whoever reads on misses nothing, not even what is saved late, and gets nothing twice."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from cashier.books.api_client import Scope
from cashier.books.invoice import Invoice
from cashier.database import Database
from cashier.tenders.tender import Tender
from tests.companion.api.conftest import Caller
from tests.surroundings.orders import order_for
from tests.surroundings.sample_hospital import DUE, DUE_OF_OTHER_PATIENT

pytestmark = pytest.mark.both_databases
CHANGES = "/api/v1/changes"


@pytest.fixture
async def reader(companion, make_key) -> Caller:
    """A system that may read results, and nothing else."""
    return Caller(http=companion, key=await make_key(Scope.RESULTS_READ, name="Results", code="RES"))


async def test_what_was_paid_is_read_on_from_position_to_position(reader, services, hospital):
    begin = (await reader("GET", CHANGES)).json()
    order = order_for(hospital, DUE, 2_000, tender=Tender.CHEQUE, reference="C1")
    await services.payments.begin(order, hospital.cashier)

    first = (await reader("GET", f"{CHANGES}?after={begin['next']}&limit=1")).json()
    rest = (await reader("GET", f"{CHANGES}?after={first['next']}")).json()
    nothing = (await reader("GET", f"{CHANGES}?after={rest['next']}")).json()

    assert begin == {"data": [], "next": 0, "has_more": False}
    assert (first["has_more"], rest["has_more"]) == (True, False)
    events = {each["type"]: each for each in (*first["data"], *rest["data"])}
    assert events["payment.settled"]["data"] == {
        "invoices": [DUE], "payment": str(order.payment_id), "amount_minor": 2_000, "currency": "EUR",
        "state": "paid", "tender": "cheque",
    }  # fmt: skip
    assert events["invoice.balance_changed"]["data"]["amount_minor"] == 10_000
    assert nothing == {"data": [], "next": 2, "has_more": False}


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_what_is_saved_late_is_not_skipped(reader, hospital):
    """The long transaction took its number first; whoever read on from a number would never see it."""

    def pays(invoice):
        return (
            sa.update(Invoice)
            .where(Invoice.id == hospital.invoice_ids[invoice])
            .values(paid_minor=Invoice.paid_minor + 100, balance_minor=Invoice.balance_minor - 100)
        )

    database = Database(hospital.url)
    try:
        async with database.transaction() as late:
            await late.execute(pays(DUE))
            async with database.transaction() as quick:
                await quick.execute(pays(DUE_OF_OTHER_PATIENT))
            before = (await reader("GET", CHANGES)).json()
        after = (await reader("GET", f"{CHANGES}?after={before['next']}")).json()
    finally:
        await database.close()

    assert [each["data"]["invoices"] for each in before["data"]] == [[DUE_OF_OTHER_PATIENT]]
    assert [each["data"]["invoices"] for each in after["data"]] == [[DUE]]
    assert [each["position"] for each in (*before["data"], *after["data"])] == [1, 2]


async def test_many_that_ask_at_once_read_the_same_order(reader, hospital):
    statement = (
        "UPDATE invoice SET paid_minor = paid_minor + 1, balance_minor = balance_minor - 1 WHERE number = :number"
    )
    for _ in range(5):
        hospital.execute(statement, number=DUE)

    answers = await asyncio.gather(*(reader("GET", CHANGES) for _ in range(6)))

    assert len({str([(each["id"], each["position"]) for each in answer.json()["data"]]) for answer in answers}) == 1
    assert [each["position"] for each in answers[0].json()["data"]] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("after=7", 409, "refused"), ("after=-1", 422, "invalid"), ("limit=0", 422, "invalid"),
        ("limit=501", 422, "invalid"), ("after=99999999999999999999", 422, "invalid"), ("since=1", 422, "invalid"),
    ],
)  # fmt: skip
async def test_a_position_that_was_never_given_is_refused(reader, query, status, kind):
    answer = await reader("GET", f"{CHANGES}?{query}")

    assert (answer.status_code, answer.json()["type"]) == (status, f"/api/v1/problems/{kind}")


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_what_all_desks_took_is_not_for_everybody_with_a_key(companion, make_key):
    other = Caller(http=companion, key=await make_key(Scope.PAYMENTS_READ))

    assert (await other("GET", CHANGES)).status_code == 403
    assert not Scope.RESULTS_READ.is_for_tokens
