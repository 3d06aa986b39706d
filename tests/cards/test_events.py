"""What happens to cards at Stripe reaches us through the companion's webhook alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cashier.assembly import Services
from cashier.companion.server import running
from cashier.keychain import Keychain, Secret
from tests.cards.wallet import Wallet

pytestmark = pytest.mark.both_databases


@pytest.fixture
async def companion(settings, secrets, sandbox) -> AsyncIterator[None]:
    """A companion to which the sandbox sends its events."""
    secret = sandbox.add_webhook_endpoint(f"{settings.companion.url}/stripe/webhook")
    async with running(settings, Keychain({**secrets, Secret.WEBHOOK_SECRETS.variable: secret})):
        yield


@pytest.fixture
def becomes(services, patient_id):
    """Wait until the patient's live cards look like this: last four digits, expiry, and a star for the default."""

    async def wait(*wanted: str) -> None:
        for _ in range(100):
            cards = await services.cards.of_patient(patient_id)
            shown = tuple(
                f"{card.last_four} {card.expires_month}/{card.expires_year}{'*' * card.is_default}" for card in cards
            )
            if shown == wanted:
                return
            await asyncio.sleep(0.1)
        assert shown == wanted

    return wait


@pytest.fixture
async def saved(services: Services, wallet: Wallet, patient_id: int) -> str:
    """A card that is saved and known here."""
    stripe_id = await asyncio.to_thread(wallet.save, "visa")
    await asyncio.to_thread(wallet.renew, stripe_id, month=4, year=2031)
    await services.cards.refresh(patient_id)
    return stripe_id


async def test_a_card_that_was_saved_elsewhere_is_heard_of(companion, becomes, wallet):
    stripe_id = await asyncio.to_thread(wallet.save, "mastercard")
    await asyncio.to_thread(wallet.renew, stripe_id, month=6, year=2033)

    await becomes("4444 6/2033*")


async def test_a_new_expiry_that_stripe_took_over_is_heard_of(saved, companion, becomes, wallet):
    await asyncio.to_thread(wallet.renew, saved, month=5, year=2034)

    await becomes("4242 5/2034*")


async def test_a_new_number_that_stripe_took_over_is_heard_of(saved, companion, becomes, wallet):
    await asyncio.to_thread(wallet.renew, saved, month=4, year=2031, card="visa_debit")

    await becomes("5556 4/2031*")


async def test_an_expiry_changed_in_the_dashboard_is_heard_of(saved, companion, becomes, sandbox):
    change = {"card[exp_month]": "9", "card[exp_year]": "2035"}
    await asyncio.to_thread(lambda: sandbox.ask(f"/v1/payment_methods/{saved}", **change))

    await becomes("4242 9/2035*")


async def test_a_patient_who_takes_back_the_agreement_is_heard_of(saved, companion, becomes, sandbox):
    await asyncio.to_thread(lambda: sandbox.ask(f"/v1/payment_methods/{saved}", allow_redisplay="limited"))

    await becomes()


async def test_a_card_detached_in_the_dashboard_is_heard_of(saved, companion, becomes, wallet):
    await asyncio.to_thread(wallet.detach, saved)

    await becomes()


async def test_a_change_of_the_customer_alone_changes_no_card(saved, companion, becomes, sandbox, wallet, hospital):
    before = hospital.execute("SELECT count(*) AS entries FROM journal_entry")
    await asyncio.to_thread(lambda: sandbox.ask(f"/v1/customers/{wallet.customer_id}", description="Other words"))

    async def is_heard_of() -> bool:
        query = "SELECT 1 FROM stripe_event WHERE type = 'customer.updated' AND processed_at IS NOT NULL"
        return bool(await asyncio.to_thread(hospital.execute, query))

    for _ in range(100):
        if await is_heard_of():
            break
        await asyncio.sleep(0.1)
    assert await is_heard_of()
    await becomes("4242 4/2031*")
    assert hospital.execute("SELECT count(*) AS entries FROM journal_entry") == before


async def test_the_deletion_of_a_customer_is_heard_of(saved, companion, becomes, services, wallet, patient_id):
    await asyncio.to_thread(wallet.delete_customer)

    await becomes()
    for _ in range(100):
        if await services.cards.customer_of(patient_id) != wallet.customer_id:
            break
        await asyncio.sleep(0.1)
    assert await services.cards.customer_of(patient_id) != wallet.customer_id


async def test_a_card_of_somebody_else_at_the_same_account_is_left_alone(companion, becomes, sandbox, hospital):
    def save() -> None:
        other = Wallet(sandbox, sandbox.ask("/v1/customers", description="Somebody else")["id"])
        other.detach(other.save("visa"))

    await asyncio.to_thread(save)

    query = "SELECT count(*) AS left_over FROM stripe_event WHERE processed_at IS NULL OR last_error IS NOT NULL"
    for _ in range(100):
        arrived = hospital.execute("SELECT 1 FROM stripe_event WHERE type = 'payment_method.detached'")
        if arrived and hospital.execute(query)[0]["left_over"] == 0:
            break
        await asyncio.sleep(0.1)
    assert hospital.execute(query)[0]["left_over"] == 0
    assert hospital.execute("SELECT * FROM saved_card") == []
