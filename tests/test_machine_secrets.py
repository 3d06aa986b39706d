"""Changing this machine's secrets: checked against Stripe, kept in the keyring, journalled without the secret."""

from __future__ import annotations

import keyring
import pytest
import sqlalchemy as sa
from keyring.backend import KeyringBackend

from cashier.books.deeds.deed import DeedKind
from cashier.books.journal import JournalEntry
from cashier.errors import Misconfigured, Refused, Unreachable
from cashier.keychain import Secret
from cashier.stripe_gateway.permissions import permissions_of
from tests.surroundings.running_sandbox import ALL_RIGHTS

RESTRICTED = "rk_test_restricted"


class InMemory(KeyringBackend):
    """A keyring for one test."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def ring():
    before, ring = keyring.get_keyring(), InMemory()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


async def rights_of(sandbox, key=RESTRICTED):
    return {
        f"{each.resource}: {each.level}": each.is_granted
        for each in await permissions_of(key, api_base=sandbox.url, timeout_seconds=5)
    }


async def test_a_restricted_key_with_the_documented_rights_has_everything(sandbox):
    sandbox.order("keys", key=RESTRICTED, may=ALL_RIGHTS)

    assert all((await rights_of(sandbox)).values())


@pytest.mark.parametrize("missing", ALL_RIGHTS)
async def test_each_missing_right_is_found(sandbox, missing):
    sandbox.order("keys", key=RESTRICTED, may={path: level for path, level in ALL_RIGHTS.items() if path != missing})

    found = await rights_of(sandbox)

    # Disputes are read, and written where evidence is sent.
    assert list(found.values()).count(False) == (2 if missing == "disputes" else 1)


async def test_reading_is_not_enough_where_something_is_written(sandbox):
    sandbox.order("keys", key=RESTRICTED, may=ALL_RIGHTS | {"refunds": "read"})

    assert (await rights_of(sandbox))["Refunds: write"] is False


async def test_looking_at_a_key_changes_nothing_at_stripe(sandbox):
    sandbox.order("keys", key=RESTRICTED, may=ALL_RIGHTS)

    await rights_of(sandbox)

    assert sandbox.ask("/v1/events?limit=100")["data"] == []


async def test_a_key_of_another_kind_or_mode_is_refused_before_stripe_hears_of_it(services, hospital, sandbox):
    for key, said in (("sk_live_1234567", "live key"), ("pk_test_1234567", "publishable"), ("hello", "form")):
        with pytest.raises(Misconfigured, match=said):
            await services.secrets.examine_stripe_key(key, hospital.administrator)

    assert sandbox.exchanges() == []


async def test_a_stripe_that_does_not_answer_says_nothing_about_the_key(services, hospital, sandbox):
    sandbox.order("troubles", path="/v1/", drop=True, times=100)

    with pytest.raises(Unreachable):
        await services.secrets.examine_stripe_key(RESTRICTED, hospital.administrator)


async def test_a_new_secret_is_kept_in_the_keyring_and_the_journal_says_who_and_never_what(services, hospital, ring):
    await services.secrets.store(Secret.STRIPE_KEY, f" {RESTRICTED}\n", hospital.administrator)

    assert ring.kept == {("cashier", "stripe-key"): RESTRICTED}
    async with services.database.reading() as session:
        entry = (
            await session.execute(sa.select(JournalEntry).where(JournalEntry.action == DeedKind.SECRET_CHANGED))
        ).scalar_one()
    assert (entry.subject_id, entry.staff_id) == ("stripe-key", hospital.administrator.staff_id)
    assert RESTRICTED not in str(vars(entry))


@pytest.mark.parametrize(
    ("secret", "value"), [(Secret.STRIPE_KEY, "sk_live_1234567"), (Secret.WEBHOOK_SECRETS, "not one")]
)
async def test_what_is_no_secret_of_this_machine_is_not_kept(services, hospital, ring, secret, value):
    with pytest.raises(Misconfigured):
        await services.secrets.store(secret, value, hospital.administrator)

    assert ring.kept == {}


async def test_only_an_administrator_changes_secrets(services, hospital, ring):
    with pytest.raises(Refused):
        await services.secrets.store(Secret.STRIPE_KEY, RESTRICTED, hospital.cashier)
    with pytest.raises(Refused):
        await services.secrets.examine_stripe_key(RESTRICTED, hospital.colleague)

    assert ring.kept == {}


async def test_a_machine_without_a_keyring_says_what_to_do(services, hospital):
    with pytest.raises(Misconfigured, match="no keyring"):
        await services.secrets.store(Secret.STRIPE_KEY, RESTRICTED, hospital.administrator)


async def test_where_secrets_come_from_is_told_without_them(services, hospital):
    sources = await services.secrets.sources(hospital.administrator)

    assert str(sources[Secret.STRIPE_KEY]) == "environment (CASHIER_STRIPE_KEY)"
    assert not sources[Secret.DATABASE_PASSWORD]
