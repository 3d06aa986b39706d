"""Money goes back by what the journal tells was approved, with that entry's anchor, and by nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.books.refund import Refund, RefundState
from cashier.books.staff import Role
from cashier.clock import now
from cashier.errors import Unreachable
from cashier.setup.attesting import attest
from cashier_verify.anchors import Anchor, typed
from tests.refunds.conftest import asking

pytestmark = pytest.mark.both_databases


def sent(sandbox):
    return [each for each in sandbox.exchanges() if (each.get("method"), each.get("path")) == ("POST", "/v1/refunds")]


async def test_what_was_approved_past_the_program_sends_no_money(services, hospital, sandbox, paid):
    request = asking(await paid(), 5_000)
    await services.refunds.request(request, hospital.cashier)
    async with services.database.transaction() as session:
        refund = await session.get_one(Refund, request.refund_id)
        refund.state, refund.decided_by, refund.decided_at = RefundState.APPROVED, hospital.supervisor_id, now()

    await services.refunds.recover()

    assert sent(sandbox) == []
    view = await services.refunds.view(request.refund_id)
    assert view.state is RefundState.FAILED
    # No money went anywhere, so nobody has to decide who bears it.
    await services.reconciliation.compare(now() - timedelta(days=1), now() + timedelta(days=1))
    assert await services.reconciliation.open_differences(hospital.administrator) == ()


BY_WHOM = (
    """UPDATE journal_entry SET facts = replace(facts, '"role":"supervisor"', '"role":"cashier"')""",
    "UPDATE journal_entry SET action = 'staff deactivated' WHERE action = 'role changed'",
    """UPDATE journal_entry SET facts = replace(facts, '"2":', '"99":') WHERE action = 'books attested'""",
)


@pytest.mark.parametrize("change", BY_WHOM)
@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_who_had_no_right_to_approve_by_the_journal_sends_no_money(services, hospital, sandbox, paid, change):
    await attest(services.database)
    if "role changed" in change:
        await services.administration.change_role(2, Role.ADMINISTRATOR, hospital.administrator)
    request = asking(await paid(), 500)
    await services.refunds.request(request, hospital.cashier)
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=2, drop=True, when="before")
    with pytest.raises(Unreachable):
        await services.refunds.approve(request.refund_id, hospital.colleague)
    hospital.remove_guards()
    hospital.execute(change)
    before = len(sent(sandbox))

    await services.refunds.recover()

    assert len(sent(sandbox)) == before
    assert (await services.refunds.view(request.refund_id)).state is RefundState.FAILED


async def test_a_refund_carries_the_entry_of_its_approval_the_same_however_often_it_is_sent(
    services, hospital, sandbox, paid
):
    request = asking(await paid(), 5_000)
    await services.refunds.request(request, hospital.cashier)
    sandbox.order("troubles", path="/v1/refunds", method="POST", times=2, drop=True, when="after")
    with pytest.raises(Unreachable):
        await services.refunds.approve(request.refund_id, hospital.colleague)
    await services.refunds.recover()

    statement = "SELECT number, hash FROM journal_entry WHERE action = :kind"
    (entry,) = hospital.execute(statement, kind=DeedKind.REFUND_APPROVED)
    (refund,) = sandbox.ask("/v1/refunds")["data"]
    told = refund["metadata"]["cashier_entry"]
    assert typed(told) == Anchor("what was typed", entry["number"], entry["hash"][:32])
    assert not any(digit in told.partition(":")[2] for digit in "0123456789"), "it may look like a card's number"
    assert len({str(each["request_body"]) for each in sent(sandbox)}) == 1
    assert (await services.refunds.view(request.refund_id)).state is RefundState.SUCCEEDED
