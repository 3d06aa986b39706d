"""PostgreSQL seals the journal: entries come from drafts alone, inside COMMIT, signed with who wrote them."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from cashier.books import journal
from cashier.books.journal import JournalEntry
from cashier.books.schema.guards import NEVER_DELETED
from cashier.books.schema.migration import migrate
from cashier.books.schema.table_grants import Account
from cashier.clock import now
from cashier.database import Database
from cashier_verify import chain
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.deeds import StrangeDeed
from tests.surroundings.sample_hospital import execute

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])

NASTY = (
    "",
    "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f\u2028\u2029\ufeff",
    "quotes \" ' ` and \\ \\\\ \\u0041 \\n $$ %s %% :name {braces} </script>",
    "José Ñandú 北京 \u0627\u0644 \u200f\u202e e\u0301 \U0001f469\u200d\u2695\ufe0f",
    "long " * 40_000,
)
"""What a name or a reason may hold, and what else is not nice to write down as JSON."""

DRAFT = "INSERT INTO journal_draft (action, subject, subject_id, facts) VALUES ('by hand', 'desk', '1', '{}')"


async def write(database, kind="done", **facts):
    async with database.transaction() as session:
        await journal.record(session, StrangeDeed(kind=kind, told=facts), journal.PROGRAM)


async def entries(database):
    async with database.reading() as session:
        return list(await session.scalars(sa.select(JournalEntry).order_by(JournalEntry.number)))


def test_the_database_hashes_as_the_program_and_the_auditor_do_whatever_is_told(hospital):
    moments = (datetime(2026, 11, 26, 9, 5, 7, 123_456, tzinfo=UTC), datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC))
    signed = ((None, None), ("cashier_desk", None), ('desk "7" ñ', 2**62))
    cases = [
        JournalEntry(
            number=2**40 + place, at=moments[place % 2] + timedelta(microseconds=place), staff_id=place % 3 or None,
            desk_id=place % 2 or None, action=text[:48], subject=text[:24], subject_id=text[-64:], facts=text,
            previous_hash=hashlib.sha256(text.encode()).hexdigest(), account=account, session_id=session_id,
        )
        for place, (text, (account, session_id)) in enumerate((each, who) for each in NASTY for who in signed)
    ]  # fmt: skip
    # Whatever the session that commits has set for itself.
    odd = (
        "SET timezone = 'Asia/Kathmandu'; SET datestyle = 'German'; SET standard_conforming_strings = off; "
        "SET bytea_output = 'escape'; SET search_path = pg_temp"
    )
    asked = f"SELECT public.cashier_journal_hash({', '.join(['%s'] * 11)})"
    with psycopg.connect(hospital.url) as connection:
        connection.execute(odd)
        for case in cases:
            values = [
                case.number, case.at, case.staff_id, case.desk_id, case.action, case.subject, case.subject_id,
                case.facts, case.previous_hash, case.account, case.session_id,
            ]  # fmt: skip
            told = connection.execute(asked, values).fetchone()
            kept = [case.number, case.at.strftime("%Y-%m-%d %H:%M:%S.%f"), *values[2:9], None, *values[9:]]

            assert told == (journal.hash_of(case),)
            assert told == (chain.hash_of(kept),)


async def test_an_entry_is_signed_with_the_account_that_wrote_it(url_of, roles, hospital):
    for account in Account:
        database = Database(url_of[account])
        await write(database, account.value)
        await database.close()
    # The owner can name any account in a draft, and it does not count.
    hospital.execute(DRAFT.replace("(action", "(account, session_id, action").replace("('by", "('nobody', 7, 'by"))

    database = Database(hospital.url)
    found = {entry.action: entry for entry in await entries(database)}
    assert [found[account.value].account for account in Account] == [roles[account] for account in Account]
    assert found["by hand"].account == "cashier_owner"
    assert hospital.execute("SELECT * FROM journal_draft") == []
    assert await contradictions_in(database) == []
    await database.close()


FORGED = {
    "an entry": (
        "INSERT INTO journal_entry (number, at, action, subject, subject_id, facts, previous_hash, hash) "
        "SELECT number + 1, now(), 'refund approved', 'refund', '1', '{}', hash, hash FROM journal_head"
    ),
    "a moved head": "UPDATE journal_head SET number = number + 1",
    "a head that is only locked": "SELECT * FROM journal_head FOR UPDATE",
    "an entry in another's account": DRAFT.replace("(action", "(account, action").replace("('by", "('other', 'by"),
    "an entry of another's session": DRAFT.replace("(action", "(session_id, action").replace("('by", "(1, 'by"),
    "a draft that is taken back": "DELETE FROM journal_draft",
    "a draft that is changed": "UPDATE journal_draft SET action = 'something else'",
    "drafts that nobody seals": "ALTER TABLE journal_draft DISABLE TRIGGER ALL",
    "the function by itself": "SELECT cashier_journal_hash(1, now(), 1, 1, '', '', '', '', '', '', 1)",
    "replicated rows, which no trigger sees": "SET session_replication_role = replica",
    "another account for the session": "SET SESSION AUTHORIZATION cashier_owner",
}


@pytest.mark.parametrize("account", Account)
def test_nobody_forges_an_entry(url_of, account):
    with psycopg.connect(url_of[account], autocommit=True) as connection:
        for what, statement in FORGED.items():
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
                pytest.fail(f"{what} was let through")


@pytest.mark.parametrize("facts", ["", "{", "[]", "null", "{} {}"])
def test_facts_that_nobody_could_read_are_refused(url_of, facts):
    with (
        psycopg.connect(url_of[Account.DESK], autocommit=True) as connection,
        pytest.raises(psycopg.errors.DataError),
    ):
        connection.execute(DRAFT.replace("{}", facts).encode())


def test_a_table_of_one_s_own_in_front_of_the_journal_changes_nothing(url_of, hospital):
    with psycopg.connect(url_of[Account.DESK], autocommit=True) as connection:
        for table in ("journal_entry", "journal_head", "journal_draft"):
            connection.execute(f"CREATE TEMP TABLE {table} (LIKE public.{table})".encode())
        connection.execute("INSERT INTO journal_head VALUES (1, 0, 'x')")
        connection.execute(b"SET search_path = pg_temp, public")
        connection.execute(DRAFT.replace("journal_draft", "public.journal_draft").encode())

    (entry,) = hospital.execute("SELECT * FROM journal_entry WHERE action = 'by hand'")
    (head,) = hospital.execute("SELECT * FROM journal_head")
    assert (entry["number"], entry["hash"]) == (head["number"], head["hash"])


async def test_somebody_who_stands_still_in_a_transaction_holds_nobody_up(url_of, hospital):
    others = Database(url_of[Account.COMPANION])
    with psycopg.connect(url_of[Account.DESK]) as frozen:
        frozen.execute(DRAFT.encode())

        async with asyncio.timeout(5):  # less than the server waits before it ends who stands still
            for _ in range(3):
                await write(others)
        frozen.commit()

    found = await entries(others)
    assert [entry.action for entry in found[-4:]] == ["done", "done", "done", "by hand"]
    assert await contradictions_in(others) == []
    await others.close()


async def test_the_chain_of_a_database_of_before_goes_on(empty_url):
    migrate(empty_url, revision="0025")
    last = journal.FIRST_HASH
    for number in (1, 2, 3):
        former = JournalEntry(
            number=number, at=now(), staff_id=None, desk_id=None, action="of before", subject="desk", subject_id="1",
            facts=json.dumps({"told": NASTY[3]}, ensure_ascii=False), previous_hash=last,
        )  # fmt: skip
        last = journal.hash_of(former)
        execute(
            empty_url,
            "INSERT INTO journal_entry (number, at, action, subject, subject_id, facts, previous_hash, hash) "
            "VALUES (:number, :at, 'of before', 'desk', '1', :facts, :before, :hash)",
            number=number, at=former.at, facts=former.facts, before=former.previous_hash, hash=last,
        )  # fmt: skip
        execute(empty_url, "UPDATE journal_head SET number = :number, hash = :hash", number=number, hash=last)

    migrate(empty_url)
    database = Database(empty_url)
    await write(database)

    assert [(entry.number, entry.account) for entry in await entries(database)] == [
        (1, None), (2, None), (3, None), (4, "cashier_owner"),
    ]  # fmt: skip
    assert await contradictions_in(database) == []
    await database.close()


def test_nobody_empties_what_is_kept_not_even_the_owner(hospital):
    with psycopg.connect(hospital.url, autocommit=True) as connection:
        for table in NEVER_DELETED:
            with pytest.raises(psycopg.errors.RestrictViolation, match="is kept as it is"):
                connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)))


def test_functions_that_may_do_more_look_nowhere_else_and_are_nobody_s_to_call(hospital):
    """Temporary tables and schemas of whoever calls come last, or a table of that name in front would be believed."""
    unsafe = hospital.execute(
        "SELECT proname, proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef "
        "AND NOT EXISTS (SELECT 1 FROM unnest(proconfig) AS said "
        "WHERE said ~ '^search_path=(pg_catalog, )?(public, )?pg_temp$')"
    )
    for_all = hospital.execute(
        "SELECT proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS given "
        "WHERE pronamespace = 'public'::regnamespace AND given.grantee = 0"
    )

    assert unsafe == []
    assert for_all == []
    # Also of those that a later migration makes.
    hospital.execute("CREATE FUNCTION made_later() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    (allowed,) = hospital.execute("SELECT proacl::text AS rights FROM pg_proc WHERE proname = 'made_later'")
    assert "=X/" not in allowed["rights"].replace("cashier_owner=X/", "")
