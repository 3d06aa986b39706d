"""What is proved of deeds: every kind has a proof or a reason, and state and journal agree in both directions."""

from __future__ import annotations

import pytest

from cashier.audit.deeds import PROOF_OF, Unproved, wrong_deeds
from cashier.audit.rules import RULES, apply
from cashier.books.deeds.deed import DeedKind
from cashier.money import Money
from cashier.shifts.views import Opening
from cashier.tenders.tender import Tender
from tests.surroundings.orders import order_for, refund_of

pytestmark = pytest.mark.both_databases

_RULE = next(rule for rule in RULES if rule.find is wrong_deeds)


@pytest.fixture
async def paid(services, hospital):
    """A payment in cash, with what the journal tells of it."""
    return await services.payments.begin(order_for(hospital, tender=Tender.CASH), hospital.cashier)


def test_every_deed_has_a_proof_or_a_reason_for_none():
    assert set(DeedKind) - set(PROOF_OF) == set(), "say how the audit proves it, or why it cannot"
    assert all(proof.why for proof in PROOF_OF.values() if isinstance(proof, Unproved))


async def test_what_is_and_what_is_told_agree(services, paid):
    assert (await apply(services.database, _RULE)).examples == ()


async def test_state_that_nobody_told_of_is_found(services, hospital, paid):
    hospital.remove_guards()
    hospital.execute("UPDATE payment SET taken_over_by = 2, taken_over_desk_id = 2")

    (found,) = (await apply(services.database, _RULE)).examples

    assert str(found) == f"payment {paid.id} is as if “payment taken over” stood in the journal, and it does not"


async def test_an_approval_that_does_not_stand_in_the_journal_is_found(services, hospital, paid):
    request = refund_of(paid.id, 2_000)
    await services.shifts.open(Opening(number=1, float=Money(5_000, "EUR")), hospital.cashier)
    await services.refunds.request(request, hospital.cashier)
    await services.refunds.approve(request.refund_id, hospital.colleague)
    hospital.remove_guards()
    hospital.execute("UPDATE journal_entry SET action = 'signed in' WHERE action = 'refund approved'")

    found = [str(each) for each in (await apply(services.database, _RULE)).examples]

    assert found == [f"refund {request.refund_id} is as if “refund approved” stood in the journal, and it does not"]


async def test_a_deed_that_left_nothing_is_found(services, hospital, paid):
    hospital.remove_guards()
    hospital.execute("UPDATE journal_entry SET action = 'payment taken over' WHERE action = 'payment prepared'")

    found = [str(each) for each in (await apply(services.database, _RULE)).examples]

    assert f"“payment taken over” stands in the journal, and payment {paid.id} is not like that" in found
    assert f"payment {paid.id} is as if “payment prepared” stood in the journal, and it does not" in found
