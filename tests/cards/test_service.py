"""Saved cards: what is shown here is what can be charged at Stripe, and one of them is the default."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from cashier.books.deeds.deed import DeedKind
from cashier.books.payment import PaymentState
from cashier.errors import Refused, Unreachable
from cashier.tenders.tender import Tender
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for

pytestmark = pytest.mark.both_databases

TIMES = range(6)


@pytest.fixture
def shown(services, patient_id):
    """List the live cards by their last four digits; the default one has a star."""

    async def read() -> list[str]:
        cards = await services.cards.of_patient(patient_id)
        return [card.last_four + "*" * card.is_default for card in cards]

    return read


@pytest.fixture
def card_ending(services, patient_id):
    """Find a card by its last four digits, removed or not."""

    async def find(last_four: str):
        cards = await services.cards.history_of(patient_id)
        return next(card for card in cards if card.last_four == last_four)

    return find


def order(hospital, *, card_id: int | None = None, number: str = sample_hospital.DUE, amount_minor: int = 12_000):
    tender = Tender.CHECKOUT if card_id is None else Tender.SAVED_CARD
    return order_for(hospital, number, amount_minor, tender=tender, saved_card_id=card_id)


def journal_of(hospital, patient_id: int) -> list[tuple[str, int | None]]:
    rows = hospital.execute(
        "SELECT action, staff_id FROM journal_entry WHERE subject = 'patient' AND subject_id = :id ORDER BY number",
        id=str(patient_id),
    )
    return [(row["action"], row["staff_id"]) for row in rows]


async def test_the_first_card_becomes_the_default_and_later_ones_do_not(services, wallet, patient_id, shown):
    wallet.save("visa")
    await services.cards.refresh(patient_id)
    wallet.save("mastercard")
    await services.cards.refresh(patient_id)

    assert await shown() == ["4242*", "4444"]


async def test_a_card_that_the_patient_did_not_agree_to_show_again_is_not_kept(services, wallet, patient_id, shown):
    wallet.save("visa", agreed=False)

    await services.cards.refresh(patient_id)

    assert await shown() == []


async def test_the_cashier_chooses_the_default_and_the_journal_says_who(
    services, hospital, wallet, patient_id, shown, card_ending
):
    wallet.save("visa")
    await services.cards.refresh(patient_id)
    wallet.save("mastercard")
    await services.cards.refresh(patient_id)

    for _ in range(2):
        await services.cards.set_default((await card_ending("4444")).id, hospital.cashier)

    assert await shown() == ["4444*", "4242"]
    assert journal_of(hospital, patient_id).count((DeedKind.CARD_MADE_DEFAULT, hospital.cashier_id)) == 1


async def test_a_removed_card_is_gone_at_stripe_and_stays_here_as_history(
    services, hospital, wallet, patient_id, shown, card_ending
):
    visa, mastercard = wallet.save("visa"), wallet.save("mastercard")
    await services.cards.refresh(patient_id)

    for _ in range(2):
        await services.cards.remove((await card_ending("4242")).id, hospital.cashier)

    assert wallet.held() == {mastercard}
    assert await shown() == ["4444*"]
    [removed] = [card for card in await services.cards.history_of(patient_id) if card.removed_at]
    assert (removed.last_four, removed.is_default) == ("4242", False)
    assert journal_of(hospital, patient_id).count((DeedKind.CARD_REMOVED, hospital.cashier_id)) == 1
    assert visa not in wallet.held()


async def test_after_the_default_is_removed_the_newest_card_is_the_default(
    services, hospital, wallet, patient_id, shown, card_ending
):
    for card in ("visa", "mastercard", "amex"):
        wallet.save(card)
        await services.cards.refresh(patient_id)

    await services.cards.remove((await card_ending("4242")).id, hospital.cashier)
    assert await shown() == ["0005*", "4444"]

    await services.cards.remove((await card_ending("4444")).id, hospital.cashier)
    await services.cards.remove((await card_ending("0005")).id, hospital.cashier)
    assert await shown() == []


async def test_a_removed_card_cannot_become_the_default_or_pay(services, hospital, wallet, patient_id, card_ending):
    wallet.save("visa")
    await services.cards.refresh(patient_id)
    card = await card_ending("4242")
    await services.cards.remove(card.id, hospital.cashier)

    with pytest.raises(Refused, match="removed meanwhile"):
        await services.cards.set_default(card.id, hospital.cashier)
    with pytest.raises(Refused, match="not saved for the patient any more"):
        await services.payments.begin(order(hospital, card_id=card.id), hospital.cashier)


async def test_a_card_that_does_not_exist_is_refused(services, hospital):
    with pytest.raises(Refused, match="no such card"):
        await services.cards.remove(404, hospital.cashier)


async def test_a_card_is_not_removed_while_a_payment_uses_it(services, hospital, wallet, patient_id, card_ending):
    challenged = wallet.save("authenticationRequired")
    await services.cards.refresh(patient_id)
    card = await card_ending("3184")
    payment = await services.payments.begin(order(hospital, card_id=card.id), hospital.cashier)
    assert payment.state is PaymentState.OPEN

    with pytest.raises(Refused, match="under way"):
        await services.cards.remove(card.id, hospital.colleague)
    assert wallet.held() == {challenged}

    await services.payments.cancel(payment.id, hospital.cashier)
    await services.cards.remove(card.id, hospital.colleague)
    assert wallet.held() == set()


async def test_a_removal_that_stripe_never_heard_of_changes_nothing(
    services, hospital, sandbox, wallet, patient_id, shown, card_ending
):
    visa = wallet.save("visa")
    await services.cards.refresh(patient_id)
    sandbox.order("troubles", path=f"/v1/payment_methods/{visa}/detach", drop=True, times=2)

    with pytest.raises(Unreachable):
        await services.cards.remove((await card_ending("4242")).id, hospital.cashier)

    assert wallet.held() == {visa}
    assert await shown() == ["4242*"]


@pytest.mark.parametrize("lost", ["detach", "list"])
async def test_a_removal_whose_answer_was_lost_is_finished_by_repeating_it(
    services, hospital, sandbox, wallet, patient_id, shown, card_ending, lost
):
    visa = wallet.save("visa")
    await services.cards.refresh(patient_id)
    card = await card_ending("4242")
    if lost == "detach":
        sandbox.order("troubles", path=f"/v1/payment_methods/{visa}/detach", drop=True, when="after", times=2)
    else:
        sandbox.order("troubles", path="/v1/customers/", drop=True, times=2)
    with pytest.raises(Unreachable):
        await services.cards.remove(card.id, hospital.cashier)
    assert wallet.held() == set()
    assert await shown() == ["4242*"]

    await services.cards.remove(card.id, hospital.cashier)

    assert await shown() == []


async def test_a_program_that_died_after_stripe_removed_the_card_leaves_nothing_to_repair(
    services, wallet, patient_id, shown
):
    visa = wallet.save("visa")
    await services.cards.refresh(patient_id)
    wallet.detach(visa)

    await services.cards.refresh(patient_id)

    assert await shown() == []


async def test_the_same_card_saved_twice_is_one_card_here_and_at_stripe(
    services, hospital, wallet, patient_id, shown, card_ending
):
    wallet.save("visa")
    wallet.save("mastercard")
    await services.cards.refresh(patient_id)
    await services.cards.set_default((await card_ending("4242")).id, hospital.cashier)
    again = wallet.save("visa")

    await services.cards.refresh(patient_id)

    assert await shown() == ["4242*", "4444"]
    assert [card.last_four for card in await services.cards.history_of(patient_id)] == ["4242", "4444"]
    assert again in wallet.held()
    assert len(wallet.held()) == 2


async def test_a_card_saved_again_while_a_payment_uses_it_stays_until_that_is_over(
    services, hospital, wallet, patient_id, shown, card_ending
):
    old = wallet.save("authenticationRequired")
    await services.cards.refresh(patient_id)
    payment = await services.payments.begin(order(hospital, card_id=(await card_ending("3184")).id), hospital.cashier)
    new = wallet.save("authenticationRequired")
    await services.cards.refresh(patient_id)
    assert wallet.held() == {old, new}

    await services.payments.cancel(payment.id, hospital.cashier)
    await services.cards.refresh(patient_id)

    assert wallet.held() == {new}
    assert await shown() == ["3184*"]


async def test_a_card_is_good_to_the_last_day_of_its_month(services, wallet, patient_id):
    wallet.renew(wallet.save("visa"), month=2, year=2028)
    await services.cards.refresh(patient_id)

    [card] = await services.cards.of_patient(patient_id)

    assert not card.is_expired(date(2028, 2, 29))
    assert card.is_expired(date(2028, 3, 1))


async def test_after_the_customer_was_deleted_the_next_payment_makes_a_new_one(
    services, hospital, sandbox, wallet, patient_id, shown
):
    wallet.save("visa")
    await services.cards.refresh(patient_id)
    wallet.delete_customer()
    await services.cards.refresh(patient_id)
    assert await shown() == []

    payment = await services.payments.begin(order(hospital), hospital.cashier)

    assert payment.state is PaymentState.OPEN
    customer = sandbox.ask(f"/v1/checkout/sessions/{payment.stripe_session_id}")["customer"]
    assert customer not in (None, wallet.customer_id)
    assert await services.cards.customer_of(patient_id) == customer
    assert await contradictions_in(services.database) == []


async def test_a_customer_can_be_deleted_more_than_once_a_day(services, wallet, patient_id, sandbox):
    seen = {wallet.customer_id}
    for _ in range(2):
        type(wallet)(sandbox, await services.cards.customer_of(patient_id)).delete_customer()
        await services.cards.refresh(patient_id)
        seen.add(await services.cards.customer_of(patient_id))

    assert len(seen) == 3


async def test_a_deletion_that_nobody_told_us_of_costs_one_attempt(services, hospital, wallet):
    wallet.delete_customer()

    with pytest.raises(Refused, match="does not have this any more"):
        await services.payments.begin(order(hospital), hospital.cashier)

    payment = await services.payments.begin(order(hospital), hospital.cashier)
    assert payment.state is PaymentState.OPEN


async def test_a_payment_whose_opening_was_lost_is_found_although_its_customer_was_deleted(
    services, hospital, sandbox, wallet, patient_id, card_ending
):
    wallet.save("visa")
    await services.cards.refresh(patient_id)
    wanted = order(hospital, card_id=(await card_ending("4242")).id)
    sandbox.order("troubles", path="/v1/payment_intents", method="POST", drop=True, when="after", times=2)
    with pytest.raises(Unreachable):
        await services.payments.begin(wanted, hospital.cashier)
    wallet.delete_customer()
    await services.cards.refresh(patient_id)

    assert (await services.payments.refresh(wanted.payment_id)).state is PaymentState.PAID

    await services.cards.refresh(patient_id)
    assert await services.cards.customer_of(patient_id) != wallet.customer_id


async def test_two_desks_that_remove_and_save_at_once_leave_one_truth(
    services, hospital, wallet, patient_id, card_ending
):
    for card in ("visa", "mastercard", "amex"):
        wallet.save(card)
    await services.cards.refresh(patient_id)
    visa, mastercard = await card_ending("4242"), await card_ending("4444")

    async def save(card: str) -> None:
        await asyncio.to_thread(wallet.save, card)
        await services.cards.refresh(patient_id)

    await asyncio.gather(
        services.cards.remove(visa.id, hospital.cashier),
        services.cards.remove(visa.id, hospital.colleague),
        services.cards.remove(mastercard.id, hospital.colleague),
        save("discover"),
        save("discover"),
        *(services.cards.refresh(patient_id) for _ in TIMES),
    )
    await services.cards.refresh(patient_id)

    cards = await services.cards.of_patient(patient_id)
    assert sorted(card.last_four for card in cards) == ["0005", "1117"]
    assert [card.is_default for card in cards] == [True, False]
    rows = hospital.execute("SELECT stripe_id FROM saved_card WHERE removed_at IS NULL")
    assert {row["stripe_id"] for row in rows} == wallet.held()


async def test_two_desks_that_choose_a_default_at_once_leave_one_default(
    services, hospital, wallet, patient_id, card_ending
):
    for card in ("visa", "mastercard", "amex"):
        wallet.save(card)
    await services.cards.refresh(patient_id)
    ids = [(await card_ending(last_four)).id for last_four in ("4242", "4444", "0005")]

    await asyncio.gather(
        *(services.cards.set_default(card_id, hospital.cashier) for card_id in ids for _ in range(2)),
        services.cards.remove(ids[0], hospital.colleague),
        return_exceptions=True,
    )

    cards = await services.cards.of_patient(patient_id)
    assert [card.is_default for card in cards] == [True, False]
