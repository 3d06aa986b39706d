"""Refunds that a client makes by itself: within what an administrator lets it; somebody decides about the others."""

from __future__ import annotations

import asyncio
import json
import uuid

import pytest
import sqlalchemy as sa

from cashier.assembly import open_services
from cashier.books.api_client import Scope
from cashier.books.staff import Role
from cashier.errors import Refused
from cashier.money import Money
from cashier.refunds.limits import RoleLimit
from tests.companion.api.conftest import STRIPE, Caller
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.sample_hospital import DUE


@pytest.fixture
def limit(settings, keychain, hospital):
    """Set what the portal may refund by itself, as an administrator does."""

    async def put(each="50", day="80", client="Patient portal"):
        async with open_services(settings, keychain) as services:
            return await services.client_limits.set(client, each, day, hospital.administrator)

    return put


@pytest.fixture
async def intent(portal, sandbox) -> str:
    """A payment of the portal's own."""
    told = (await portal.begin(invoice_id=DUE)).json()
    sandbox.ask(f"/v1/payment_intents/{told['id']}/confirm", payment_method="pm_card_visa")
    await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/confirm", {})
    return str(told["id"])


def wanted(intent: str, amount: int) -> dict:
    return {"payment_intent_id": intent, "note": "Paid twice.", "amount": amount}


async def ask(caller, intent, amount, key=""):
    headers = {"Idempotency-Key": key} if key else {}
    return await caller("POST", f"{STRIPE}/refunds", wanted(intent, amount), headers=headers)


async def found_wrong(settings, keychain) -> list[str]:
    async with open_services(settings, keychain) as services:
        return await contradictions_in(services.database)


@pytest.mark.both_databases
async def test_within_the_limits_it_is_made_at_once_and_the_journal_says_by_whose_rule(
    portal, sandbox, hospital, settings, keychain, limit, intent
):
    await limit()

    first = await ask(portal, intent, 5_000, "refund-1")
    again = await ask(portal, intent, 5_000, "refund-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["status"] in ("pending", "succeeded")
    assert [each["amount"] for each in sandbox.ask("/v1/refunds")["data"]] == [5_000]
    (entry,) = hospital.execute("SELECT * FROM journal_entry WHERE action = 'refund approved by rule'")
    facts = json.loads(entry["facts"])
    assert (facts["client"], facts["set_by"]) == ("Patient portal", hospital.administrator.staff_id)
    assert (facts["amount_minor_max"], facts["day_total_minor_max"], facts["day_before_minor"]) == (5_000, 8_000, 0)
    assert hospital.execute("SELECT * FROM journal_entry WHERE action = 'refund approved'") == []
    assert await found_wrong(settings, keychain) == []


async def test_above_the_limit_of_one_or_of_the_day_a_supervisor_decides(
    portal, sandbox, hospital, settings, keychain, limit, intent
):
    await limit("40", "50")

    answers = [await ask(portal, intent, amount) for amount in (4_001, 4_000, 1_001, 1_000, 1)]

    assert [answer.status_code for answer in answers] == [202, 201, 202, 201, 202]
    assert [answer.json()["status"] for answer in answers[::2]] == ["pending_approval"] * 3
    assert {each["amount"] for each in sandbox.ask("/v1/refunds")["data"]} == {4_000, 1_000}
    assert await found_wrong(settings, keychain) == []


@pytest.mark.both_databases
async def test_many_at_once_do_not_pass_the_days_sum(portal, sandbox, settings, keychain, limit, intent):
    await limit("30", "70")

    answers = await asyncio.gather(*(ask(portal, intent, 2_000) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 202, 202, 202]
    assert len(sandbox.ask("/v1/refunds")["data"]) == 3
    assert await found_wrong(settings, keychain) == []


@pytest.mark.parametrize("spoil", ["no limit", "zero", "no scope", "left", "demoted"])
async def test_without_a_rule_in_force_somebody_decides(companion, sandbox, hospital, make_key, limit, spoil):
    scopes = [scope for scope in Scope if spoil != "no scope" or scope is not Scope.REFUNDS_APPROVE]
    portal = Caller(http=companion, key=await make_key(*scopes))
    told = (await portal.begin(invoice_id=DUE)).json()
    sandbox.ask(f"/v1/payment_intents/{told['id']}/confirm", payment_method="pm_card_visa")
    await portal("POST", f"{STRIPE}/payment-intents/{told['id']}/confirm", {})
    if spoil == "no scope":
        with pytest.raises(Refused, match="lacks the scopes for it: refunds:approve"):
            await limit()
    elif spoil != "no limit":
        await limit()
    if spoil == "zero":
        await limit("0", "0")
    if spoil == "left":
        await hospital.change(
            "UPDATE staff SET is_active = :no WHERE id = :id", no=False, id=hospital.administrator.staff_id
        )
    if spoil == "demoted":
        await hospital.change("UPDATE staff SET role = 'cashier' WHERE id = :id", id=hospital.administrator.staff_id)

    answer = await ask(portal, told["id"], 100)

    assert (answer.status_code, answer.json()["status"]) == (202, "pending_approval")
    assert sandbox.ask("/v1/refunds")["data"] == []


async def test_a_payment_that_the_client_did_not_take_is_decided_about(
    portal, companion, sandbox, settings, keychain, make_key, limit, intent
):
    other = Caller(http=companion, key=await make_key(name="Hospital system", code="HIS"))
    await limit(client="Hospital system")

    assert (await ask(other, intent, 100)).status_code == 202


async def test_while_stripe_is_away_it_is_approved_and_goes_on_by_itself(
    portal, sandbox, settings, keychain, limit, intent
):
    await limit()
    sandbox.order("troubles", path="/v1/refunds", times=4, status=500)

    answer = await ask(portal, intent, 1_000, "refund-1")

    assert (answer.status_code, answer.json()["status"]) == (201, "approved")
    sandbox.end_troubles()
    async with open_services(settings, keychain) as services:
        await services.refunds.recover()
    again = await ask(portal, intent, 1_000, "refund-1")
    assert (again.status_code, again.json()["status"]) == (201, "succeeded")
    assert [each["amount"] for each in sandbox.ask("/v1/refunds")["data"]] == [1_000]


@pytest.mark.parametrize(
    ("each", "day", "words"),
    [
        ("50", "49.99", "does not hold one refund"),
        ("-1", "5", "not an amount"),
        ("0", "5", "nothing goes back in a day"),
        ("1.234", "5000", "two ways"),
        ("99999999999", "99999999999", "too large"),
    ],
)
async def test_a_limit_that_cannot_be_meant_is_refused(portal, limit, hospital, each, day, words):
    with pytest.raises(Refused, match=words):
        await limit(each, day)
    assert hospital.execute("SELECT * FROM client_refund_limit") == []


async def test_a_limit_is_an_administrators_and_the_journal_keeps_both(portal, settings, keychain, hospital, limit):
    await limit("50", "80")
    await limit("20", "80")

    async with open_services(settings, keychain) as services:
        with pytest.raises(Refused, match="administrators"):
            await services.client_limits.set("Patient portal", "9999", "9999", hospital.colleague)
    entries = hospital.execute("SELECT facts FROM journal_entry WHERE action = 'client limit set' ORDER BY number")
    assert [json.loads(entry["facts"])["after"]["amount_minor"] for entry in entries] == [5_000, 2_000]
    assert json.loads(entries[1]["facts"])["before"]["amount_minor"] == 5_000


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE refund SET amount_minor = 9000 WHERE rule_client_id IS NOT NULL",
        "UPDATE refund SET decided_by = 2 WHERE rule_client_id IS NOT NULL",
        "UPDATE refund SET requested_by = 1 WHERE rule_client_id IS NOT NULL",
        "UPDATE payment SET desk_id = 1",
        (
            "UPDATE journal_entry SET facts = replace(facts, "
            '\'"day_total_minor_max"\\:\', \'"day_total_minor_max"\\:999,"was"\\:\')'
            " WHERE action = 'refund approved by rule'"
        ),
    ],
)
async def test_a_refund_that_no_rule_covers_is_found(portal, hospital, settings, keychain, limit, intent, deed):
    await limit()
    assert (await ask(portal, intent, 1_000)).status_code == 201
    await asyncio.to_thread(hospital.remove_guards)
    await hospital.change(deed)

    said = await found_wrong(settings, keychain)
    assert any("may by rule" in each or "may make by rule" in each for each in said)


@pytest.mark.both_databases
async def test_who_approved_and_by_which_rule_stays(portal, hospital, limit, intent):
    await limit()
    await ask(portal, intent, 1_000)

    with pytest.raises(sa.exc.DBAPIError, match="refund is kept as it is"):
        await hospital.change("UPDATE refund SET rule_client_id = NULL")
    with pytest.raises(sa.exc.DBAPIError, match="client_refund_limit is kept as it is"):
        await hospital.change("DELETE FROM client_refund_limit")


async def test_no_client_approves_what_was_asked_for(portal, companion, settings, keychain, make_key, limit, intent):
    other = Caller(http=companion, key=await make_key(name="Hospital system", code="HIS"))
    await limit()
    waiting = await ask(portal, intent, 6_000)

    async with open_services(settings, keychain) as services:
        for key in (portal.key, other.key):
            client = await services.clients.identify(key)
            assert client is not None
            with pytest.raises(Refused):
                await services.refunds.approve(uuid.UUID(waiting.json()["id"]), client.actor)


async def test_the_rule_is_no_approval_of_who_made_it(portal, settings, keychain, hospital, limit, intent):
    """What clients refund by rule does not use up what an administrator may approve in a day."""
    await limit()
    await ask(portal, intent, 5_000)
    waiting = await ask(portal, intent, 6_000)

    async with open_services(settings, keychain) as services:
        day = RoleLimit(role=Role.ADMINISTRATOR, currency="EUR", day_total=Money(6_000, "EUR"))
        await services.approval_limits.set(day, hospital.administrator)
        await services.refunds.approve(uuid.UUID(waiting.json()["id"]), hospital.administrator)

    assert (await portal("GET", waiting.headers["Location"])).json()["status"] in ("pending", "succeeded")
