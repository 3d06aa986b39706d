"""Signing in on PostgreSQL: what a desk's account can learn, guess and pretend by the database alone."""

from __future__ import annotations

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from cashier.books import journal
from cashier.books.deeds.records import JournalOpened
from cashier.books.schema.signing_in import CALLED_BY_ACCOUNTS
from cashier.books.schema.table_grants import Account, grant
from cashier.database import Database
from cashier.errors import Refused
from cashier.staff import pins
from cashier.staff.administration import StaffAdministration
from cashier.staff.service import StaffService
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.sample_hospital import (
    ADMINISTRATOR_NAME,
    ADMINISTRATOR_PIN,
    CASHIER_NAME,
    CASHIER_PIN,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
)

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])
GUESSES = 1_040
SALT = "SELECT salt, parameters FROM staff_salt(NULL, %s, NULL)"
TRY = "SELECT attempt, wait_seconds, is_locked FROM staff_try(NULL, %s, NULL, %s, 1)"
TAKE = "SELECT token FROM staff_take(%s, %s, %s)"
WHO = "SELECT staff_id, role FROM cashier_who(%s)"


@pytest.fixture
def desk(url_of):
    """A connection with a desk's account, as somebody has it who knows its password."""
    with psycopg.connect(url_of[Account.DESK], autocommit=True) as connection:
        yield connection


def key_of(connection, name, pin):
    salt, parameters = connection.execute(SALT, [name]).fetchone()
    return pins.derive(pin, pins.Salt(salt=salt, parameters=parameters))


def token_of(connection, name, pin, purpose="sign-in", about=""):
    attempt, _, _ = connection.execute(TRY, [name, key_of(connection, name, pin)]).fetchone()
    return connection.execute(TAKE, [attempt, purpose, about]).fetchone()[0]


def who(connection, token, setting="cashier.token"):
    with connection.transaction():
        connection.execute("SELECT set_config(%s, %s, true)", [setting, token])
        return connection.execute(WHO, [setting]).fetchone()


def test_no_function_trusts_a_search_path_or_is_for_everybody(hospital):
    """A temporary table in front of ours would otherwise make anybody an administrator."""
    with psycopg.connect(hospital.url) as connection:
        unsafe = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef "
            "AND NOT EXISTS (SELECT FROM unnest(proconfig) said WHERE said LIKE 'search\\_path=%, pg\\_temp')"
        ).fetchall()
        of_everybody = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
            "AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) WHERE grantee = 0))"
        ).fetchall()
        kept_in = connection.execute("SELECT proname FROM pg_proc WHERE prosecdef AND proname = ANY (%s)",
                                     [list(CALLED_BY_ACCOUNTS)]).fetchall()  # fmt: skip

    assert unsafe == []
    assert of_everybody == []
    assert {name for (name,) in kept_in} == set(CALLED_BY_ACCOUNTS)


def test_an_account_calls_what_it_is_for_and_nothing_else(roles, url_of, hospital):
    with psycopg.connect(hospital.url) as connection:
        for role in roles.values():
            found = connection.execute(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
                "AND has_function_privilege(%s, oid, 'EXECUTE')", [role],
            ).fetchall()  # fmt: skip
            assert {name for (name,) in found} == set(CALLED_BY_ACCOUNTS)


def test_a_guess_is_told_nothing_before_it_is_counted_for_good(desk, hospital):
    key = key_of(desk, CASHIER_NAME, CASHIER_PIN)

    with pytest.raises(psycopg.Error) as refused, desk.transaction():
        attempt, _, _ = desk.execute(TRY, [CASHIER_NAME, key]).fetchone()
        with desk.transaction():
            desk.execute(TAKE, [attempt, "sign-in", ""])

    assert refused.value.sqlstate == "CA002"
    with pytest.raises(psycopg.Error) as refused:
        desk.execute(TAKE, [attempt, "sign-in", ""])
    assert refused.value.sqlstate == "CA001"


def test_a_thousand_guesses_at_once_that_are_rolled_back_or_not_are_ten_at_most(url_of, hospital):
    """Delays are taken away between them, as if hours passed: what counts is the lock."""

    def guess(worker):
        answered = 0
        with psycopg.connect(url_of[Account.DESK], autocommit=True) as connection:
            key = hashlib.sha256(b"wrong").digest()
            for turn in range(GUESSES // 8):
                with connection.transaction(force_rollback=turn % 2 == 0):
                    ((attempt, _, _),) = connection.execute(TRY, [CASHIER_NAME, key])
                try:
                    if attempt is not None:
                        connection.execute(TAKE, [attempt, "sign-in", ""]).fetchone()
                        answered += 1
                except psycopg.Error as error:
                    assert error.sqlstate == "CA001"  # noqa: PT017 - most guesses are none
                if worker == 0 and turn % 16 == 0:
                    hospital.execute("UPDATE staff_secret SET locked_until = NULL")
        return answered

    with ThreadPoolExecutor(8) as pool:
        answered = sum(pool.map(guess, range(8)))

    (row,) = hospital.execute("SELECT failed_attempts, locked_at FROM staff_secret WHERE staff_id = 1")
    assert answered == row["failed_attempts"]
    assert answered <= 10
    assert (row["locked_at"] is not None) == (answered == 10)


def test_a_token_is_good_for_its_purpose_and_its_account_until_it_ends(desk, url_of, hospital):
    token = token_of(desk, SUPERVISOR_NAME, SUPERVISOR_PIN)
    approval = token_of(desk, SUPERVISOR_NAME, SUPERVISOR_PIN, "approve", "one thing")

    assert who(desk, token) == (2, "supervisor")
    assert who(desk, approval, "cashier.approval") == (2, "supervisor")
    assert who(desk, approval) == (None, None)
    assert who(desk, token, "cashier.approval") == (None, None)
    assert who(desk, "no token") == (None, None)
    assert desk.execute(WHO, ["cashier.token"]).fetchone() == (None, None)
    with psycopg.connect(url_of[Account.COMPANION], autocommit=True) as other:
        assert who(other, token) == (None, None)
    hospital.execute("UPDATE staff_session SET expires_at = now() WHERE purpose = 'approve'")
    assert who(desk, approval, "cashier.approval") == (None, None)
    hospital.execute("UPDATE staff SET is_active = false WHERE id = 2")
    assert who(desk, token) == (None, None)


def test_a_first_pin_buys_nothing_but_another_pin(desk, hospital):
    hospital.execute("UPDATE staff SET must_change_pin = true WHERE id = 2")

    for purpose in ("sign-in", "approve"):
        token = token_of(desk, SUPERVISOR_NAME, SUPERVISOR_PIN, purpose)
        assert who(desk, token) == who(desk, token, "cashier.approval") == (None, None)
        assert who(desk, token, "cashier.pin") == (2, "supervisor")


def test_a_name_that_nobody_has_has_a_salt_like_any_other(desk):
    salt, parameters = desk.execute(SALT, ["nobody"]).fetchone()

    assert (salt, parameters) == desk.execute(SALT, ["nobody"]).fetchone()
    assert salt != desk.execute(SALT, ["somebody"]).fetchone()[0]
    real, used = desk.execute(SALT, [CASHIER_NAME]).fetchone()
    assert (len(salt), parameters) == (len(real), used)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT staff_put_secret(2, '\\x00', 'm=8,t=1,p=1,l=32', '\\x00')",
        "SELECT staff_unlock(2)",
        "SELECT * FROM staff_locks()",
        "SELECT * FROM staff_change_pin('\\x00', 'm=8,t=1,p=1,l=32', '\\x00', '{}')",
        "SELECT * FROM staff_own_salts()",
        "SELECT staff_renew_secret('\\x00', 'm=8,t=1,p=1,l=32', '\\x00')",
    ],
)
def test_nobody_manages_pins_without_a_token_for_it(desk, statement):
    """A cashier's own token gives no right to others' PINs, nor to one's own without showing it once more."""
    token = token_of(desk, CASHIER_NAME, CASHIER_PIN)
    for carried in ("", token):
        with pytest.raises(psycopg.Error) as refused, desk.transaction():
            desk.execute("SELECT set_config('cashier.token', %s, true)", [carried])
            desk.execute(statement.encode())
        assert refused.value.sqlstate in ("CA003", "CA004")


async def test_an_administrator_at_a_desk_s_account_manages_the_staff_until_they_leave(url_of, hospital):
    database = Database(url_of[Account.DESK])
    staff, administration = StaffService(database), StaffAdministration(database)
    try:
        with pytest.raises(Refused, match="refuses this to who has signed in"):
            await administration.reset_pin(1, hospital.administrator)
        await staff.sign_in(ADMINISTRATOR_NAME, ADMINISTRATOR_PIN, desk_id=1)
        first = await administration.reset_pin(1, hospital.administrator)
        with pytest.raises(Refused, match="wrong"):
            await staff.sign_in(CASHIER_NAME, CASHIER_PIN, desk_id=1)
        assert [each.locked_at for each in await administration.members(hospital.administrator)] == [None] * 3
        carried = database.carried
        assert carried is not None
        await staff.note_sign_out(3, desk_id=1)
        assert database.carried is None
        database.carried = carried
        with pytest.raises(Refused, match="refuses this to who has signed in"):
            await administration.unlock(1, hospital.administrator)
        await staff.change_pin(CASHIER_NAME, first.pin, "480261", desk_id=1)
        assert (await staff.sign_in(CASHIER_NAME, "480261", desk_id=1)).staff_id == 1
        assert carried.text not in repr(carried)
    finally:
        await database.close()


ADMINISTERED = {
    "a role": "UPDATE staff SET role = 'administrator' WHERE id = 1",
    "a badge": "UPDATE staff SET badge_digest = repeat('a', 64) WHERE id = 3",
    "another name": "UPDATE staff SET display_name = 'Sol Example' WHERE id = 1",
    "somebody who had left": "UPDATE staff SET is_active = NOT is_active WHERE id = 1",
    "somebody new": (
        "INSERT INTO staff (sign_in_name, display_name, role, pin_set_at, must_change_pin, is_active, language) "
        "VALUES ('ghost', 'Ghost', 'administrator', now(), false, true, '')"
    ),
    "a limit": "INSERT INTO approval_limit (role) VALUES ('supervisor')",
}


def is_let(desk, token, statement):
    """Tell whether the database lets a statement through with a token; nothing of it stays."""
    with desk.transaction(force_rollback=True):
        desk.execute("SELECT set_config('cashier.token', %s, true)", [token])
        try:
            with desk.transaction():
                desk.execute(statement)
        except psycopg.Error as refused:
            if refused.sqlstate != "CA004":
                raise
            return False
    return True


@pytest.mark.parametrize("statement", ADMINISTERED.values(), ids=ADMINISTERED)
def test_people_and_limits_are_changed_only_while_an_administrator_is_signed_in(desk, url_of, statement):
    tokens = {
        "nobody": "",
        "a cashier": token_of(desk, CASHIER_NAME, CASHIER_PIN),
        "a supervisor": token_of(desk, SUPERVISOR_NAME, SUPERVISOR_PIN),
        "to approve": token_of(desk, ADMINISTRATOR_NAME, ADMINISTRATOR_PIN, "approve", "refund:1"),
        "an administrator": token_of(desk, ADMINISTRATOR_NAME, ADMINISTRATOR_PIN),
    }
    assert [each for each, token in tokens.items() if is_let(desk, token, statement)] == ["an administrator"]

    with psycopg.connect(url_of[Account.COMPANION], autocommit=True) as elsewhere, elsewhere.transaction():
        elsewhere.execute("SELECT set_config('cashier.token', %s, true)", [tokens["an administrator"]])
        with pytest.raises(psycopg.Error, match="for administrators"):
            elsewhere.execute(statement)


def test_one_s_own_language_needs_no_administrator(desk):
    desk.execute("UPDATE staff SET language = 'es' WHERE id = 1")


async def test_an_entry_names_the_session_in_which_it_was_written(url_of, hospital):
    database = Database(url_of[Account.DESK])
    staff, administration = StaffService(database), StaffAdministration(database)
    try:
        await staff.sign_in(ADMINISTRATOR_NAME, ADMINISTRATOR_PIN, desk_id=1)
        await administration.reset_pin(1, hospital.administrator)
        await staff.note_sign_out(3, desk_id=1)
        async with database.transaction() as session:
            await journal.record(session, JournalOpened(), journal.PROGRAM)
        assert await contradictions_in(database) == []
    finally:
        await database.close()

    told = hospital.execute(
        "SELECT j.action, s.staff_id FROM journal_entry j LEFT JOIN staff_session s ON s.id = j.session_id "
        "ORDER BY j.number"
    )
    names = {each["action"]: each["staff_id"] for each in told}
    assert (names["PIN reset"], names["journal opened"]) == (3, None), "nobody was signed in any more at the second"


def test_what_is_known_of_desks_that_share_an_account_is_asked_by_the_doctor(desk, hospital, roles):
    token_of(desk, CASHIER_NAME, CASHIER_PIN)
    assert desk.execute("SELECT account, desks FROM cashier_shared_accounts()").fetchall() == []

    hospital.execute(
        "INSERT INTO staff_session (token_hash, staff_id, desk_id, account, purpose, subject, opened_at, expires_at) "
        "SELECT :token, staff_id, 2, account, purpose, '', opened_at, expires_at FROM staff_session",
        token=uuid.uuid4().bytes,
    )
    assert desk.execute("SELECT account, desks FROM cashier_shared_accounts()").fetchall() == [
        (roles[Account.DESK], 2)
    ]
    grant(hospital.url, Account.COMPANION, roles[Account.DESK])
    assert desk.execute("SELECT account, desks FROM cashier_shared_accounts()").fetchall() == []
