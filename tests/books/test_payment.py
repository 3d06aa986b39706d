"""A payment learns: a late report is ignored, an impossible one contradicts, the table of moves is complete."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashier.books.from_stripe.payment_report import CardFacts, PaymentReport, Standing
from cashier.books.invoice import Invoice, InvoiceStatus
from cashier.books.payment import Payment, PaymentState
from cashier.errors import Contradiction
from cashier.money import Money
from cashier.tenders.tender import Tender

AMOUNT = Money(12_000, "EUR")


def payment_in(state=PaymentState.PREPARED):
    payment = Payment(
        id=uuid.uuid4(),
        tender=Tender.CHECKOUT,
        state=PaymentState.PREPARED,
        amount_minor=AMOUNT.amount_minor,
        currency=AMOUNT.currency,
        created_at=datetime(2026, 11, 2, tzinfo=UTC),
    )
    if state is not PaymentState.PREPARED:
        payment.learn(report(Standing(state.value)))
    return payment


def report(standing, **facts):
    facts.setdefault("received", AMOUNT if standing is Standing.PAID else None)
    return PaymentReport(standing=standing, **facts)


@pytest.mark.parametrize("standing", Standing)
def test_a_prepared_payment_can_become_anything_that_stripe_says(standing):
    payment = payment_in()

    assert payment.learn(report(standing))

    assert payment.state.value == standing.value


@pytest.mark.parametrize("standing", [Standing.OPEN, Standing.PROCESSING])
@pytest.mark.parametrize("final", [PaymentState.PAID, PaymentState.CANCELLED])
def test_late_news_does_not_reopen_a_finished_payment(final, standing):
    payment = payment_in(final)

    assert not payment.learn(report(standing, decline_code="lost_card", session_id="cs_other"))

    assert payment.state is final
    assert payment.decline_code is None
    assert payment.stripe_session_id is None


def test_a_paid_payment_is_never_cancelled():
    payment = payment_in(PaymentState.PAID)

    with pytest.raises(Contradiction, match="already paid"):
        payment.learn(report(Standing.CANCELLED))

    assert payment.state is PaymentState.PAID


def test_money_that_comes_after_the_payment_was_given_up_is_paid_and_marked():
    payment = payment_in(PaymentState.CANCELLED)

    assert payment.learn(report(Standing.PAID, intent_id="pi_1"))

    assert payment.state is PaymentState.PAID
    assert payment.stripe_intent_id == "pi_1"
    assert payment.contradiction is not None


@pytest.mark.parametrize("received_minor", [11_999, 12_300])
def test_another_amount_than_asked_for_counts_as_it_came(received_minor):
    payment = payment_in(PaymentState.OPEN)

    assert payment.learn(report(Standing.PAID, received=Money(received_minor, "EUR")))

    assert (payment.state, payment.amount_minor, payment.asked_minor) == (PaymentState.PAID, received_minor, 12_000)


def test_what_is_settled_keeps_its_amount():
    payment = payment_in(PaymentState.PAID)

    with pytest.raises(Contradiction, match="asked for"):
        payment.learn(report(Standing.PAID, received=Money(11_999, "EUR")))


@pytest.mark.parametrize("received", [Money(0, "EUR"), Money(12_000, "USD"), None])
def test_nothing_and_another_currency_are_contradictions(received):
    payment = payment_in(PaymentState.OPEN)

    with pytest.raises(Contradiction, match="asked for"):
        payment.learn(report(Standing.PAID, received=received))

    assert payment.state is PaymentState.OPEN


@pytest.mark.parametrize("state", [PaymentState.PAID, PaymentState.CANCELLED])
def test_the_same_final_news_twice_changes_nothing(state):
    payment = payment_in(state)
    settled_at = payment.settled_at

    assert not payment.learn(report(Standing(state.value)))

    assert payment.settled_at == settled_at


def test_a_payment_goes_back_to_open_after_a_decline():
    payment = payment_in(PaymentState.PROCESSING)

    assert payment.learn(report(Standing.OPEN, decline_code="insufficient_funds"))

    assert payment.state is PaymentState.OPEN
    assert payment.decline_code == "insufficient_funds"


def test_facts_are_taken_over_even_when_the_state_stays():
    payment = payment_in(PaymentState.OPEN)
    card = CardFacts(brand="visa", last_four="0002", expires_month=1, expires_year=2030)

    assert not payment.learn(report(Standing.OPEN, intent_id="pi_1", decline_code="card_declined", card=card))

    assert (payment.stripe_intent_id, payment.decline_code) == ("pi_1", "card_declined")
    assert (payment.card_brand, payment.card_last_four) == ("visa", "0002")


def test_a_decline_is_forgotten_when_the_next_card_pays():
    payment = payment_in(PaymentState.OPEN)
    payment.learn(report(Standing.OPEN, decline_code="card_declined"))

    payment.learn(report(Standing.PAID))

    assert payment.decline_code is None


@given(st.lists(st.sampled_from(Standing), max_size=12))
def test_whatever_comes_in_whatever_order_paid_stays_paid_and_cancelled_becomes_nothing_but_paid(standings):
    payment = payment_in()
    for standing in standings:
        before = payment.state
        try:
            payment.learn(report(standing))
        except Contradiction:
            assert before is PaymentState.PAID
        if before is PaymentState.PAID:
            assert payment.state is PaymentState.PAID
        if before is PaymentState.CANCELLED:
            assert payment.state in (PaymentState.CANCELLED, PaymentState.PAID)
        assert (payment.settled_at is not None) == (payment.state is PaymentState.PAID)


@pytest.mark.parametrize(("patient_id", "currency"), [(2, "EUR"), (1, "USD")])
def test_money_counts_only_towards_invoices_of_its_own_patient_and_currency(patient_id, currency):
    payment = payment_in(PaymentState.PAID)
    payment.patient_id = 1
    invoice = Invoice(
        id=7, patient_id=patient_id, currency=currency, total_minor=12_000, insurer_share_minor=0, paid_minor=500,
        returned_minor=0, balance_minor=11_500, status=InvoiceStatus.PART_PAID,
    )  # fmt: skip

    with pytest.raises(ValueError, match="its own patient and currency"):
        payment.count_towards(invoice, 100, at=datetime(2026, 11, 2, tzinfo=UTC))
    assert (invoice.paid_minor, invoice.balance_minor) == (500, 11_500)

    taken_off = payment.count_towards(invoice, -500, at=datetime(2026, 11, 2, tzinfo=UTC))
    assert (taken_off.amount_minor, invoice.paid_minor, invoice.status) == (-500, 0, InvoiceStatus.DUE)
