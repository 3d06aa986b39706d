"""Evidence about a dispute: it states what is known and no more, and is handed to the bank once."""

from __future__ import annotations

import io

import pypdf
import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import JournalEntry
from cashier.errors import Misconfigured, Refused, Unreachable
from tests.payments.patient import pay_on_page
from tests.refunds.conftest import actions_about
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for

DISPUTED_LATER = "4000000000000259"


@pytest.fixture
async def payment(services, hospital):
    """A payment whose cardholder disputes it, as events told."""
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url, number=DISPUTED_LATER)
    paid = await services.payments.refresh(begun.id)
    await services.disputes.look_at_charge(paid.stripe_charge_id)
    return paid


@pytest.fixture
async def draft(services, hospital, sandbox, payment):
    """What would be sent about it."""
    (dispute,) = sandbox.ask("/v1/disputes")["data"]
    return await services.disputes.evidence_draft(dispute["id"], hospital.colleague)


async def senders(services, payment):
    statement = JournalEntry.__table__.select().where(JournalEntry.action == DeedKind.EVIDENCE_SENT)
    async with services.database.reading() as session:
        return [row.staff_id for row in await session.execute(statement)]


async def test_it_states_what_is_known_of_the_charge_and_nothing_that_nobody_saw(
    services, hospital, sandbox, payment, draft
):
    charge = sandbox.ask(f"/v1/charges/{payment.stripe_charge_id}")
    assert charge["payment_method_details"]["card"]["checks"]["cvc_check"] == "pass"

    sheet = await services.disputes.evidence_sheet(draft.dispute.stripe_id, hospital.cashier)

    told = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(sheet.pdf)).pages)
    for stated in ("right, says the bank", "Typed on Stripe's page at the hospital's desk", payment.receipt_number):
        assert stated in told
        assert stated in draft.text
    assert "3-D Secure" not in draft.text
    assert "Present" not in draft.text


async def test_it_is_sent_once_and_the_journal_says_by_whom(services, hospital, sandbox, payment, draft):
    sent = [await services.disputes.send_evidence(draft, who) for who in (hospital.colleague, hospital.administrator)]

    assert {(each.status, each.evidence_sent_at) for each in sent} == {("under_review", sent[0].evidence_sent_at)}
    at_stripe = sandbox.ask(f"/v1/disputes/{draft.dispute.stripe_id}")
    assert at_stripe["evidence"]["uncategorized_text"] == draft.text
    assert at_stripe["evidence_details"]["submission_count"] == 1
    assert await senders(services, payment) == [hospital.colleague.staff_id]
    assert await contradictions_in(services.database) == []


async def test_after_a_lost_answer_whoever_hears_of_it_writes_down_who_sent_it(
    services, hospital, sandbox, payment, draft
):
    path = f"/v1/disputes/{draft.dispute.stripe_id}"
    sandbox.order("troubles", path=path, method="POST", drop=True, when="after", times=2)
    with pytest.raises(Unreachable):
        await services.disputes.send_evidence(draft, hospital.colleague)
    sandbox.end_troubles()

    await services.disputes.look_at_charge(payment.stripe_charge_id)

    assert await senders(services, payment) == [hospital.colleague.staff_id]
    assert (await services.disputes.send_evidence(draft, hospital.administrator)).evidence_sent_at is not None


async def test_a_key_without_the_right_is_told_with_what_to_do(services, hospital, sandbox, payment, draft):
    path = f"/v1/disputes/{draft.dispute.stripe_id}"
    sandbox.order("troubles", path=path, method="POST", status=403, times=1)

    with pytest.raises(Misconfigured, match="The evidence is not sent") as refused:
        await services.disputes.send_evidence(draft, hospital.colleague)

    assert "write Disputes" in str(refused.value.advice)
    assert DeedKind.EVIDENCE_SENT not in await actions_about(services, payment.id)


async def test_nothing_is_sent_about_a_dispute_that_is_over_nor_by_a_cashier(
    services, hospital, sandbox, payment, draft
):
    with pytest.raises(Refused, match="is for supervisors"):
        await services.disputes.send_evidence(draft, hospital.cashier)
    sandbox.ask(f"/v1/disputes/{draft.dispute.stripe_id}/close", **{"expand[]": "charge"})

    with pytest.raises(Refused, match="does not wait for an answer"):
        await services.disputes.send_evidence(draft, hospital.colleague)
