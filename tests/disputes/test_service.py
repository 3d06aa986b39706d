"""Disputes against the sandbox: learned by events and by comparison, answered with a sheet that tells no secret."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdf
import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.books.payment import PaymentState
from cashier.clock import now
from cashier.disputes.words import REASON_WORDS, STATUS_WORDS, reason_words, status_words
from cashier.errors import Refused
from cashier.history.views import PaymentQuery
from cashier.money import Money
from tests.payments.patient import pay_on_page
from tests.refunds.conftest import actions_about
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases

DISPUTED_LATER = "4000000000000259"


@pytest.fixture
async def begun(services, hospital):
    """A payment of the due invoice at Stripe's page, which somebody pays who disputes it then."""
    order = order_for(hospital)
    begun = await services.payments.begin(order, hospital.cashier)
    await pay_on_page(begun.page_url, number=DISPUTED_LATER)
    return begun


@pytest.fixture
async def payment(services, begun):
    """The same payment, of which we know that it is paid."""
    return await services.payments.refresh(begun.id)


async def disputes_of(services, hospital, payment):
    return (await services.history.payment(payment.id, hospital.cashier)).disputes


async def hear_of_events(services):
    """Take in everything that Stripe has told, as the companion does."""
    await services.sweep.run()
    await services.inbox.process_waiting()


async def test_an_event_brings_the_dispute_with_its_reason_and_deadline(services, hospital, payment):
    await hear_of_events(services)

    (dispute,) = await disputes_of(services, hospital, payment)
    assert (dispute.amount, dispute.reason, dispute.status) == (Money(12_000, "EUR"), "fraudulent", "needs_response")
    assert dispute.wants_answer
    assert dispute.respond_by is not None
    assert timedelta(days=8) < dispute.respond_by - now() < timedelta(days=10)
    detail = await services.invoices.detail(hospital.invoice_ids[sample_hospital.DUE])
    assert detail.disputes == (dispute,)
    assert DeedKind.DISPUTE_OPENED in await actions_about(services, payment.id)
    assert await contradictions_in(services.database) == []


async def test_a_dispute_of_a_payment_that_is_not_known_as_paid_brings_the_payment_with_it(
    services, hospital, sandbox, begun
):
    (charge,) = sandbox.ask("/v1/charges")["data"]

    await services.disputes.look_at_charge(charge["id"])

    assert (await services.payments.view(begun.id)).state is PaymentState.PAID
    assert len(await disputes_of(services, hospital, begun)) == 1


async def test_a_comparison_finds_a_dispute_that_no_event_told(services, hospital, payment):
    assert await services.reconciliation.compare(now() - timedelta(hours=1), now() + timedelta(hours=1)) == 1

    assert len(await disputes_of(services, hospital, payment)) == 1


async def test_hearing_it_twice_changes_nothing(services, hospital, payment):
    for _ in range(3):
        await services.disputes.look_at_charge(payment.stripe_charge_id)

    assert len(await disputes_of(services, hospital, payment)) == 1
    assert (await actions_about(services, payment.id)).count(DeedKind.DISPUTE_OPENED) == 1


@pytest.mark.parametrize(
    ("evidence", "status", "money_is_ours"),
    [("winning_evidence", "won", True), ("losing_evidence", "lost", False)],
)
async def test_the_outcome_decides_whether_a_refund_is_possible_again(
    services, hospital, sandbox, payment, evidence, status, money_is_ours
):
    await hear_of_events(services)
    (dispute,) = await disputes_of(services, hospital, payment)
    sandbox.ask(f"/v1/disputes/{dispute.stripe_id}", **{"evidence[uncategorized_text]": evidence})
    sandbox.order("clock", advance_seconds=60)

    await services.disputes.look_at_charge(payment.stripe_charge_id)

    (ended,) = await disputes_of(services, hospital, payment)
    assert (ended.status, ended.is_open) == (status, False)
    assert (await actions_about(services, payment.id))[-1] == DeedKind.DISPUTE_CLOSED
    (offered,) = (await services.refunds.offer(payment_id=payment.id)).payments
    assert bool(offered.left) is money_is_ours


async def test_the_history_marks_a_disputed_payment_and_tells_its_story(services, hospital, payment):
    await hear_of_events(services)

    (row,) = (await services.history.page(PaymentQuery(desk_id=1), hospital.cashier)).rows
    assert row.is_disputed
    words = [str(entry.words) for entry in await services.history.timeline(payment.id)]
    assert words.count("Disputed by the cardholder") == 1


async def test_a_dispute_about_somebody_else_s_charge_is_left_alone(services, sandbox):
    intent = sandbox.ask(
        "/v1/payment_intents", amount="700", currency="eur", payment_method="pm_card_createDispute", confirm="true",
        return_url="https://example.com",
    )  # fmt: skip

    await services.disputes.look_at_charge(intent["latest_charge"])
    await hear_of_events(services)

    assert (await services.inbox.status()).waiting == 0


async def test_the_sheet_is_in_the_language_of_papers_or_in_one_that_is_asked_for(services, hospital, payment):
    await hear_of_events(services)
    (dispute,) = await disputes_of(services, hospital, payment)
    hospital.execute("UPDATE hospital SET paper_language = 'es'")

    sheets = [
        await services.disputes.evidence_sheet(dispute.stripe_id, hospital.cashier, language)
        for language in ("", "en")
    ]

    spanish, english = (
        "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(each.pdf)).pages) for each in sheets
    )
    assert "120,00 €" in spanish
    assert "120.00 €" in english


async def test_words_that_are_a_third_longer_are_not_cut_on_the_sheet(services, hospital, payment):
    await hear_of_events(services)
    (dispute,) = await disputes_of(services, hospital, payment)
    await services.receipts.hand_out(payment.receipt_id, hospital.cashier)

    sheet = await services.disputes.evidence_sheet(dispute.stripe_id, hospital.cashier, "en_XA")

    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(sheet.pdf)).pages)
    assert "[ÉVÍDÉÑÇÉ" in text
    assert "…" not in text


async def test_the_sheet_has_what_a_bank_asks_for_and_nothing_about_health(services, hospital, payment):
    await hear_of_events(services)
    (dispute,) = await disputes_of(services, hospital, payment)
    await services.receipts.hand_out(payment.receipt_id, hospital.cashier)

    sheet = await services.disputes.evidence_sheet(dispute.stripe_id, hospital.cashier)

    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(sheet.pdf)).pages)
    for wanted in (
        dispute.stripe_id, payment.stripe_intent_id, payment.stripe_charge_id, "120.00 €", "T-D1-000001", "0259",
        "handed out", "Typed on Stripe's", "somebody else used the card", "Nothing of this payment has gone back",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert text.count("TRAINING") == 3
    for secret in ("Ana", "Núñez", "MRN", "INV-", "Radiology", "Ultrasound", "abdomen", "Main entrance"):
        assert secret not in text, secret
    assert (await actions_about(services, payment.id))[-1] == DeedKind.EVIDENCE_SHEET_MADE


async def test_a_sheet_about_nothing_is_refused(services, hospital):
    with pytest.raises(Refused, match="does not exist"):
        await services.disputes.evidence_sheet("du_unknown", hospital.cashier)


def test_words_that_stripe_invents_later_are_shown_as_they_are() -> None:
    assert (str(reason_words("brand_new")), str(status_words("brand_new"))) == ("Brand new", "Brand new")
    assert len(set(REASON_WORDS.values())) == len(REASON_WORDS)
    assert len(set(STATUS_WORDS.values())) == len(STATUS_WORDS)
