"""Keys of the API: shown once, kept as digests, changed without an outage, and ended at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cashier.books.api_client import Scope
from cashier.clients.keys import KeyKind, make_key, read_key
from cashier.clients.service import ApiClients
from cashier.clients.tokens import TOKEN_LIFETIME_MAX, Tokens
from cashier.errors import Refused
from cashier.staff.service import StaffService

pytestmark = pytest.mark.both_databases


@pytest.fixture
def clients(hospital_database):
    return ApiClients(hospital_database, mode="test")


async def add(clients, hospital, name="Patient portal", code="WEB", scopes=(Scope.PAYMENTS_WRITE,)):
    return await clients.add(name, code, scopes, hospital.administrator)


async def test_a_key_is_shown_once_and_kept_as_a_digest(clients, hospital):
    made = await add(clients, hospital)

    assert made.text.startswith("cashier_test_")
    assert made.text not in repr(made)
    (kept,) = hospital.execute("SELECT * FROM api_key")
    assert made.text not in str(kept)
    assert kept["public_id"] == made.public_id
    assert made.text.removeprefix("cashier_test_").startswith(made.public_id)


async def test_who_shows_it_is_the_client_with_a_desk_and_an_account_of_its_own(clients, hospital):
    caller = await clients.identify((await add(clients, hospital)).text)

    assert caller is not None
    assert (caller.name, caller.scopes) == ("Patient portal", frozenset({Scope.PAYMENTS_WRITE}))
    (staff,) = hospital.execute("SELECT role FROM staff WHERE id = :id", id=caller.actor.staff_id)
    assert staff["role"] == "service"
    (desk,) = hospital.execute("SELECT code, is_counter FROM desk WHERE id = :id", id=caller.actor.desk_id)
    assert (desk["code"], bool(desk["is_counter"])) == ("WEB", False)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text[:20] + ("a" if text[20] != "a" else "b") + text[21:],
        lambda text: text + "0",
        lambda text: text.replace("cashier_test_", "cashier_live_"),
        lambda text: text.upper(),
        lambda text: "",
        lambda text: "cashier_test_" + "ä" * 59,
        lambda text: make_key(KeyKind.TEST).text,
        lambda text: text.replace("_test_", "_token_"),
    ],
)
async def test_what_is_not_the_key_counts_for_nothing(clients, hospital, spoil):
    made = await add(clients, hospital)

    assert await clients.identify(spoil(made.text)) is None
    assert await clients.identify(made.text) is not None


def test_a_slip_is_found_without_asking_the_database():
    text = make_key(KeyKind.LIVE).text
    for place in range(len(text)):
        other = "0" if text[place] != "0" else "1"
        assert read_key(text[:place] + other + text[place + 1 :]) is None
    assert read_key(text) is not None


async def test_keys_overlap_while_they_are_changed(clients, hospital):
    first = await add(clients, hospital)
    second = await clients.rotate("Patient portal", hospital.administrator, overlap=timedelta(hours=1))

    assert await clients.identify(first.text) is not None
    assert await clients.identify(second.text) is not None
    third = await clients.rotate("Patient portal", hospital.administrator, overlap=timedelta())
    assert [await clients.identify(each.text) is not None for each in (first, second, third)] == [False, False, True]


async def test_a_key_or_a_client_that_is_ended_counts_no_more_at_once_and_stays_in_the_books(clients, hospital):
    first = await add(clients, hospital)
    second = await clients.rotate("Patient portal", hospital.administrator, overlap=timedelta(hours=1))
    for _ in range(2):
        await clients.end_key(first.public_id, hospital.administrator)
    assert await clients.identify(first.text) is None
    assert await clients.identify(second.text) is not None

    for _ in range(2):
        await clients.end("Patient portal", hospital.administrator)

    assert await clients.identify(second.text) is None
    (view,) = await clients.all(hospital.administrator)
    assert view.ended_at is not None
    assert all(key.ends_at is not None for key in view.keys)
    told = [row["action"] for row in hospital.execute("SELECT action FROM journal_entry ORDER BY number")]
    assert told.count("client key made") == 2
    assert told.count("client ended") == 1
    with pytest.raises(Refused):
        await clients.rotate("Patient portal", hospital.administrator, overlap=timedelta())


@pytest.mark.parametrize(
    ("name", "code", "scopes"),
    [
        ("", "WEB", [Scope.PAYMENTS_READ]),
        ("x" * 41, "WEB", [Scope.PAYMENTS_READ]),
        ("Por\ntal\x00", "WEB", [Scope.PAYMENTS_READ]),
        ("Portal", "", [Scope.PAYMENTS_READ]),
        ("Portal", "D1", [Scope.PAYMENTS_READ]),
        ("Portal", "W-B", [Scope.PAYMENTS_READ]),
        ("Portal", "WEB", []),
    ],
)
async def test_a_client_that_cannot_be_kept_is_refused_and_nothing_is_left(clients, hospital, name, code, scopes):
    with pytest.raises(Refused):
        await clients.add(name, code, scopes, hospital.administrator)

    assert hospital.execute("SELECT id FROM api_client") == []
    assert len(hospital.execute("SELECT id FROM desk")) == 2


async def test_nobody_signs_in_with_the_account_of_a_client(clients, hospital, hospital_database):
    await add(clients, hospital)

    with pytest.raises(Refused, match="Name or PIN is wrong"):
        await StaffService(hospital_database).sign_in("api:web", "2580", desk_id=1)


async def test_a_token_is_for_one_patient_and_does_no_more_than_its_client(clients, hospital, hospital_database):
    tokens = Tokens(hospital_database)
    own = [Scope.PAYMENTS_WRITE, Scope.INVOICES_READ, Scope.REFUNDS_APPROVE, Scope.TOKENS_WRITE]
    made = await add(clients, hospital, scopes=own)
    caller = await clients.identify(made.text)
    assert caller is not None
    invoice_id = next(iter(hospital.invoice_ids.values()))
    (row,) = hospital.execute("SELECT patient_id FROM invoice WHERE id = :id", id=invoice_id)

    given = await tokens.make(
        caller,
        patient_id=row["patient_id"],
        invoice_id=invoice_id,
        scopes=[Scope.PAYMENTS_WRITE],
        lifetime=timedelta(minutes=15),
    )

    assert given.text.startswith("cashier_token_")
    assert given.text not in repr(given)
    token = await clients.identify(given.text)
    assert token is not None
    assert (token.patient_id, token.invoice_id, token.scopes) == (
        row["patient_id"],
        invoice_id,
        frozenset({Scope.PAYMENTS_WRITE}),
    )
    for scopes, lifetime in [
        ([Scope.REFUNDS_REQUEST], timedelta(minutes=1)),
        ([], timedelta(minutes=1)),
        ([Scope.PAYMENTS_WRITE], TOKEN_LIFETIME_MAX + timedelta(seconds=1)),
        ([Scope.PAYMENTS_WRITE], timedelta()),
        ([Scope.REFUNDS_APPROVE], timedelta(minutes=1)),
        ([Scope.TOKENS_WRITE], timedelta(minutes=1)),
    ]:
        with pytest.raises(Refused):
            await tokens.make(caller, patient_id=row["patient_id"], invoice_id=None, scopes=scopes, lifetime=lifetime)
    hospital.execute("UPDATE api_token SET ends_at = :moment", moment="2020-01-01 00:00:00")
    assert await clients.identify(given.text) is None
    await clients.end("Patient portal", hospital.administrator)
    assert await clients.identify(made.text) is None
