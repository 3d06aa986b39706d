"""The default card is the same here and at Stripe, whoever chose it, and whatever happened to the answer."""

from __future__ import annotations

import asyncio

import pytest

from cashier.errors import Refused, Unreachable
from cashier.invoices.people.merging import PatientMerging
from tests.cards.wallet import Wallet
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.sample_hospital import DUE_OF_OTHER_PATIENT

pytestmark = pytest.mark.both_databases


@pytest.fixture
def at_stripe(sandbox, wallet):
    """Read which card is the default at Stripe."""
    return lambda: sandbox.ask(f"/v1/customers/{wallet.customer_id}")["invoice_settings"]["default_payment_method"]


@pytest.fixture
async def cards(services, wallet, patient_id):
    """A visa, a mastercard and an amex, in this order."""
    for brand in ("visa", "mastercard", "amex"):
        wallet.save(brand)
        await services.cards.refresh(patient_id)
    kept = await services.cards.of_patient(patient_id)
    return {card.brand: card for card in kept}


@pytest.fixture
def ours(services, patient_id):
    """Read which card is the default here."""

    async def read():
        (chosen,) = [card for card in await services.cards.of_patient(patient_id) if card.is_default]
        return chosen.stripe_id

    return read


async def test_a_card_chosen_here_is_the_default_at_stripe_also_the_second_time(
    services, hospital, cards, at_stripe, ours
):
    for brand in ("mastercard", "amex", "mastercard"):
        await services.cards.set_default(cards[brand].id, hospital.cashier)

        assert await ours() == at_stripe() == cards[brand].stripe_id


async def test_a_card_chosen_at_stripe_is_the_default_here(
    services, sandbox, wallet, patient_id, cards, at_stripe, ours
):
    chosen = cards["amex"].stripe_id
    sandbox.ask(f"/v1/customers/{wallet.customer_id}", **{"invoice_settings[default_payment_method]": chosen})

    await services.cards.look_at_customer(wallet.customer_id)

    assert await ours() == at_stripe() == chosen


@pytest.mark.parametrize("when", ["before", "after"])
async def test_after_a_lost_answer_both_end_alike(
    services, hospital, sandbox, wallet, patient_id, cards, at_stripe, ours, when
):
    await services.cards.set_default(cards["mastercard"].id, hospital.cashier)
    sandbox.order(
        "troubles", path=f"/v1/customers/{wallet.customer_id}", method="POST", times=2, drop=True, when=when
    )

    with pytest.raises(Unreachable):
        await services.cards.set_default(cards["amex"].id, hospital.cashier)
    sandbox.end_troubles()
    await services.cards.refresh(patient_id)

    assert await ours() == at_stripe() == cards["mastercard" if when == "before" else "amex"].stripe_id


async def test_many_who_choose_at_once_leave_one_and_the_same(services, hospital, cards, patient_id, at_stripe, ours):
    outcomes = await asyncio.gather(
        *(services.cards.set_default(card.id, hospital.cashier) for card in cards.values() for _ in range(3)),
        *(services.cards.refresh(patient_id) for _ in range(3)),
        return_exceptions=True,
    )

    assert {type(each) for each in outcomes} <= {type(None), Unreachable}
    await services.cards.refresh(patient_id)
    assert await ours() == at_stripe()
    assert await contradictions_in(services.database) == []


async def test_a_card_that_was_let_go_at_stripe_meanwhile_is_refused_and_gone_here(
    services, hospital, wallet, patient_id, cards, at_stripe
):
    wallet.detach(cards["amex"].stripe_id)

    with pytest.raises(Refused, match="removed meanwhile"):
        await services.cards.set_default(cards["amex"].id, hospital.cashier)

    assert {card.brand for card in await services.cards.of_patient(patient_id)} == {"visa", "mastercard"}
    assert at_stripe() is None


async def test_of_a_merged_patient_the_card_that_was_chosen_last_is_the_default(
    services, hospital, sandbox, wallet, patient_id, cards, at_stripe
):
    (row,) = hospital.execute(
        "SELECT p.id, p.record_number FROM patient p JOIN invoice i ON i.patient_id = p.id WHERE i.number = :number",
        number=DUE_OF_OTHER_PATIENT,
    )
    (stays,) = hospital.execute("SELECT record_number FROM patient WHERE id = :id", id=patient_id)
    other = Wallet(sandbox, await services.cards.customer_of(row["id"]))
    other.save("visa")
    await services.cards.refresh(row["id"])
    (its,) = await services.cards.of_patient(row["id"])
    await services.cards.set_default(its.id, hospital.cashier)
    await services.cards.set_default(cards["amex"].id, hospital.cashier)
    await PatientMerging(services.database).merge(row["record_number"], stays["record_number"], hospital.colleague)

    for chosen in (its, cards["mastercard"]):
        await services.cards.set_default(chosen.id, hospital.cashier)

        told = [card.stripe_id for card in await services.cards.of_patient(patient_id) if card.is_default]
        customer = sandbox.ask(f"/v1/customers/{other.customer_id}")
        both = [at_stripe(), customer["invoice_settings"]["default_payment_method"]]
        assert told == [chosen.stripe_id]
        assert chosen.stripe_id in both
    assert await contradictions_in(services.database) == []
