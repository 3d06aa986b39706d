"""The journal's head is noted at Stripe, where nobody changes it together with the books, and never wrongly."""

from __future__ import annotations

import pytest

from cashier.audit.anchors.head import last_entry
from cashier.audit.anchors.notary import Notary, OtherJournal
from cashier.books.journal import anchor_of
from cashier.companion.health import Health
from cashier_verify.at_stripe import AtStripe
from tests.surroundings.running_sandbox import STRIPE_KEY

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"])


async def head_of(services):
    last = await last_entry(services.database)
    return "" if last is None else anchor_of(last)


def notaries(sandbox):
    found = sandbox.ask("/v1/customers")["data"]
    return [each for each in found if each["metadata"].get("cashier_notary") == "journal"]


async def signed(services, staff_id=1):
    await services.staff.note_sign_out(staff_id, desk_id=1)


@pytest.fixture
async def noted(services, sandbox):
    """A journal whose head was noted once."""
    await signed(services)
    assert await services.anchors.notary.run()
    return services


async def test_the_head_is_noted_where_it_moved_and_stripe_keeps_what_was_noted_before(noted, sandbox):
    first = await head_of(noted)
    asked = len(sandbox.exchanges())
    assert not await noted.anchors.notary.run()
    assert len(sandbox.exchanges()) == asked, "it did not move"

    await signed(noted)
    assert await noted.anchors.notary.run()

    (customer,) = notaries(sandbox)
    assert customer["metadata"]["cashier_entry"] == await head_of(noted)
    stripe = AtStripe(STRIPE_KEY, days=30, base=sandbox.url)
    stripe.read()
    numbers = {int(entry.partition(":")[0]) for entry in (first, await head_of(noted))}
    assert {each.number for each in stripe.anchors} == numbers


async def test_another_companion_goes_on_with_the_same_customer_and_one_that_was_deleted_is_made_anew(noted, sandbox):
    other = Notary(noted.database, noted.gateway.notary)
    await signed(noted)
    await other.run()
    (customer,) = notaries(sandbox)

    for _ in range(2):
        await noted.gateway._client.v1.customers.delete_async(customer["id"])
        await signed(noted)
        await other.run()
        (anew,) = notaries(sandbox)
        assert anew["id"] != customer["id"]
        customer = anew
    assert customer["metadata"]["cashier_entry"] == await head_of(noted)


@pytest.mark.logs("other journal")
async def test_a_journal_that_is_not_the_one_that_was_noted_is_told_and_what_was_noted_stays(
    noted, hospital, sandbox
):
    (before,) = notaries(sandbox)
    hospital.remove_guards()
    hospital.execute("DELETE FROM journal_entry")
    hospital.execute("UPDATE journal_head SET number = 0, hash = :first", first="0" * 64)
    for _ in range(20):
        await signed(noted, staff_id=2)

    with pytest.raises(OtherJournal, match="not the one of which entry"):
        await noted.anchors.notary.run()

    database, _stripe = await Health(noted).parts()
    assert before["id"] in str(database["remark"])
    assert notaries(sandbox) == [before]
