"""Least rights on PostgreSQL: desks and companions can do all their work, and cannot change what was written."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from cashier.books.lease import give_back_lease, take_lease
from cashier.books.payment import PaymentState
from cashier.books.refund import RefundState
from cashier.books.schema.guards import NEVER_CHANGED, NEVER_DELETED, WRITTEN_ONCE
from cashier.books.schema.revision import metadata
from cashier.books.schema.table_grants import RIGHTS, Account, grant
from cashier.books.shift import MovementKind
from cashier.clock import now
from cashier.database import Database
from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.invoices.people.admission import Admissions, Newcomer
from cashier.stripe_gateway.webhooks import EventNotice
from tests.cards.wallet import Wallet
from tests.invoices.arriving import an_invoice
from tests.payments.patient import pay_on_page
from tests.shifts.drawer import APPROVED, Drawer
from tests.surroundings import sample_hospital
from tests.surroundings.balanced_books import contradictions_in
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.processes import run

DOCS = Path(__file__).parents[2] / "docs"
ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])


@pytest.mark.parametrize("account", Account)
def test_every_table_is_thought_of(account):
    assert set(RIGHTS[account]) == set(metadata.tables)


@pytest.mark.parametrize("account", Account)
def test_every_column_that_is_named_exists(account):
    for table, rights in RIGHTS[account].items():
        added = () if isinstance(rights.insert, bool) else rights.insert
        assert {*rights.update, *added} <= set(metadata.tables[table].columns.keys())


@ON_POSTGRESQL
async def test_a_desk_can_do_all_its_work(open_as, hospital, sandbox):
    async with open_as(Account.DESK) as services:
        with pytest.raises(Refused):
            await services.staff.sign_in(sample_hospital.CASHIER_NAME, "0000", desk_id=1)
        signed_in = await services.staff.sign_in(sample_hospital.CASHIER_NAME, sample_hospital.CASHIER_PIN, desk_id=1)
        abandoned = await services.payments.begin(order_for(hospital), hospital.cashier)
        await services.payments.take_over(abandoned.id, hospital.colleague)
        begun = await services.payments.begin(order_for(hospital), hospital.cashier)
        await pay_on_page(begun.page_url)
        async for view in services.payments.follow(begun.id):
            last = view
        assert last.state is PaymentState.PAID
        await services.cards.refresh(1)
        await services.receipts.document(last.receipt_id)
        assert [(await services.receipts.hand_out(last.receipt_id, hospital.cashier)).copy for _ in range(2)] == [
            0,
            1,
        ]
        request = refund_of(begun.id, 2_000)
        await services.refunds.request(request, hospital.cashier)
        refund = await services.refunds.approve(request.refund_id, hospital.colleague)
        assert refund.state is RefundState.SUCCEEDED
        await services.reconciliation.compare(now() - timedelta(hours=1), now() + timedelta(hours=1))
        await services.payments.recover()
        await services.refunds.recover()
        await services.staff.note_sign_out(signed_in.staff_id, desk_id=1)
        assert await contradictions_in(services.database) == []


@ON_POSTGRESQL
async def test_a_desk_can_run_its_shifts(open_as, hospital):
    async with open_as(Account.DESK) as services:
        drawer = Drawer(services, hospital)
        shift = await drawer.open(10_000)
        await drawer.take(3_000)
        await drawer.move(shift, MovementKind.OUT, 1_000)
        count = drawer.closing(shift, 11_000).count
        assert (await services.shifts.count(count, hospital.cashier)).wants_approval
        await drawer.close(shift, 11_000, reason="Counted twice.", **APPROVED)
        assert [(await services.shifts.hand_out(shift.id, hospital.cashier)).copy for _ in range(2)] == [0, 1]
        assert await contradictions_in(services.database) == []


@ON_POSTGRESQL
@pytest.mark.parametrize("account", Account)
async def test_both_can_look_after_saved_cards(open_as, hospital, sandbox, account):
    async with open_as(account) as services:
        wallet = Wallet(sandbox, await services.cards.customer_of(1))
        wallet.save("visa")
        await services.cards.refresh(1)
        wallet.save("mastercard")
        await services.cards.refresh(1)
        _visa, mastercard = await services.cards.of_patient(1)
        await services.cards.set_default(mastercard.id, hospital.cashier)
        await services.cards.remove(mastercard.id, hospital.cashier)
        wallet.delete_customer()
        await services.cards.refresh(1)

        assert await services.cards.of_patient(1) == ()
        assert await services.cards.customer_of(1) != wallet.customer_id


@ON_POSTGRESQL
async def test_a_companion_can_do_all_its_work(open_as, hospital, sandbox, services):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)
    await pay_on_page(begun.page_url)
    notice = EventNotice(
        id="evt_1", type="checkout.session.completed", object_id=begun.stripe_session_id,
        payment_reference=str(begun.id), api_version="", livemode=False, created_at=now(),
    )  # fmt: skip

    async with open_as(Account.COMPANION) as companion:
        assert await take_lease(companion.database, "upkeep", "one", seconds=5)
        assert await companion.inbox.store([notice]) == 1
        assert await companion.inbox.process_waiting() == 1
        assert (await companion.payments.view(begun.id)).state is PaymentState.PAID
        sandbox.ask("/v1/refunds", payment_intent=(await companion.payments.view(begun.id)).stripe_intent_id,
                    amount="1000")  # fmt: skip
        assert await companion.sweep.run() > 0
        await companion.sweep.run()
        await companion.inbox.process_waiting()
        assert await companion.reconciliation.compare(now() - timedelta(hours=1), now() + timedelta(hours=1)) == 1
        await companion.payments.recover()
        await companion.refunds.recover()
        await give_back_lease(companion.database, "upkeep", "one")
        known = an_invoice(number=sample_hospital.DUE_OF_OTHER_PATIENT, patient_name="Another Name")
        assert await take_in(companion.database, [an_invoice(), known, known]) == 1
        assert await contradictions_in(companion.database) == []


@ON_POSTGRESQL
async def test_a_desk_does_not_confirm_what_it_says(open_as, hospital, sandbox, url_of):
    async with open_as(Account.DESK) as desk:
        begun = await desk.payments.begin(order_for(hospital), hospital.cashier)
        await pay_on_page(begun.page_url)
        await desk.payments.refresh(begun.id)
        await desk.reconciliation.compare(now() - timedelta(hours=1), now() + timedelta(hours=1))
        await desk.reconciliation.confirmations.run()
    asked = "SELECT count(confirmed_at) FROM payment"
    with psycopg.connect(url_of[Account.DESK], autocommit=True) as connection:
        for table in ("payment", "refund"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"UPDATE {table} SET confirmed_at = now()")
        assert connection.execute(asked).fetchone() == (0,)
        async with open_as(Account.COMPANION) as companion:
            await companion.reconciliation.confirmations.run()
        assert connection.execute(asked).fetchone() == (1,)


def documented() -> dict[tuple[str, str], set[str]]:
    """Read what docs/POSTGRESQL.md says of each account and table: what may be done, and to which columns."""
    words = (DOCS / "POSTGRESQL.md").read_text(encoding="utf-8").partition("may do with each table\n")[2]
    told: dict[tuple[str, str], set[str]] = {}
    for table, desk, companion in re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", words, re.MULTILINE):
        for account, cell in (
            (Account.DESK, desk),
            (Account.COMPANION, desk if companion == "the same" else companion),
        ):
            columns = {
                word: re.findall(r"`(\w+)`", part) for word, part in re.findall(r"(adds|changes)([^;]*)", cell)
            }
            told[account, table] = {
                *({"INSERT"} if columns.get("adds") == [] else ()),
                *(f"INSERT {column}" for column in columns.get("adds", ())),
                *(f"not SELECT {each.name}" for each in metadata.tables[table].columns if cell == "nothing"),
                *({"DELETE"} if "removes" in cell else ()),
                *(f"UPDATE {column}" for column in columns.get("changes", ())),
            }
    return told


def allowed(connection, role: str) -> dict[str, set[str]]:
    """Ask the database what ``role`` may do with each table besides reading all of it, and to which columns."""
    found: dict[str, set[str]] = {}
    columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    of_table, of_column = "SELECT has_table_privilege(%s, %s, %s)", "SELECT has_column_privilege(%s, %s, %s, %s)"
    for table, column in connection.execute(columns).fetchall():
        if table not in found:
            verbs = ("INSERT", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "UPDATE")
            found[table] = {verb for verb in verbs if connection.execute(of_table, [role, table, verb]).fetchone()[0]}
        for verb in {"INSERT", "UPDATE"} - found[table]:
            if connection.execute(of_column, [role, table, column, verb]).fetchone()[0]:
                found[table].add(f"{verb} {column}")
        if not connection.execute(of_column, [role, table, column, "SELECT"]).fetchone()[0]:
            found[table].add(f"not SELECT {column}")
    return found


@ON_POSTGRESQL
@pytest.mark.parametrize("account", Account)
def test_of_each_column_of_each_table_the_database_allows_what_the_document_says(roles, url_of, hospital, account):
    with psycopg.connect(hospital.url) as connection:
        found = allowed(connection, roles[account])

    told = {table: rights for (of, table), rights in documented().items() if of is account}
    assert found.pop("alembic_version") == set()
    other = {table: sorted(rights) for table, rights in found.items() if rights != told.get(table)}
    assert other == {}, "docs/POSTGRESQL.md says something else of these"
    assert set(told) == set(found)


@ON_POSTGRESQL
def test_rights_that_an_account_had_besides_are_taken_away(roles, url_of, hospital):
    name = roles[Account.DESK]
    with psycopg.connect(hospital.url, autocommit=True) as connection:
        for right in ("DELETE ON receipt", "UPDATE (total_minor) ON invoice", "TRUNCATE ON journal_entry"):
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.SQL(right), sql.Identifier(name)))
        more = allowed(connection, name)

        grant(hospital.url, Account.DESK, name)

        left = allowed(connection, name)
    assert {"DELETE"} == more["receipt"] - left["receipt"]
    assert {"UPDATE total_minor"} == more["invoice"] - left["invoice"]
    assert {"TRUNCATE"} == more["journal_entry"] - left["journal_entry"]


@pytest.mark.parametrize("account", Account)
def test_nobody_may_change_what_the_database_keeps_as_it_is(account):
    rights = RIGHTS[account]

    assert [table for table in NEVER_CHANGED if rights[table].update] == []
    assert [table for table in NEVER_DELETED if rights[table].delete] == []
    for table, columns in WRITTEN_ONCE.items():
        assert set(columns) & set(rights[table].update) == set(), table


NEVER = [
    *(
        f"{verb} {table}"
        for table in (
            "journal_entry",
            "receipt",
            "receipt_document",
            "receipt_print",
            "allocation",
            "payment_item",
            "cash_movement",
            "shift_count",
        )
        for verb in ("UPDATE", "DELETE", "TRUNCATE")
    ),
    *(
        f"{verb} {table}"
        for table in ("stripe_event", "payment", "refund", "difference", "journal_head", "receipt_series", "patient")
        for verb in ("DELETE", "TRUNCATE")
    ),
    "AMOUNT refund",
    "DISABLE journal_entry",
    "DROP journal_entry",
    "CREATE mine",
]


@ON_POSTGRESQL
@pytest.mark.parametrize("account", Account)
async def test_what_tells_about_money_cannot_be_changed(url_of, account):
    with psycopg.connect(url_of[account], autocommit=True) as connection:
        for deed in NEVER:
            verb, table = deed.split()
            column = {"receipt_document": "receipt_id", "receipt_print": "receipt_id", "payment_item": "payment_id",
                      "journal_entry": "number", "shift_count": "shift_id"}.get(table, "id")  # fmt: skip
            statement = {
                "UPDATE": f"UPDATE {table} SET {column} = {column}",
                "DELETE": f"DELETE FROM {table}",
                "TRUNCATE": f"TRUNCATE {table} CASCADE",
                "AMOUNT": f"UPDATE {table} SET amount_minor = 1",
                "DISABLE": f"ALTER TABLE {table} DISABLE TRIGGER ALL",
                "DROP": f"DROP TABLE {table}",
                "CREATE": f"CREATE TABLE {table} (id int)",
            }[verb]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


@ON_POSTGRESQL
@pytest.mark.parametrize("table", ["stripe_event", "lease", "sweep_mark", "invoice_line"])
async def test_a_desk_cannot_write_what_only_the_companion_writes(url_of, table):
    with (
        psycopg.connect(url_of[Account.DESK], autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(f"INSERT INTO {table} DEFAULT VALUES".encode())


@ON_POSTGRESQL
async def test_a_desk_registers_a_patient_and_changes_none(roles, url_of, hospital, postgres):
    name = roles[Account.DESK].replace('"', "%22").replace(" ", "%20")
    database = Database(postgres.url(hospital.url.rpartition("/")[2], role=name))
    admitted = await Admissions(database).admit(Newcomer(record_number="MRN-9", name="Zoë"), hospital.cashier)
    await database.close()

    assert admitted.is_new
    with (
        psycopg.connect(url_of[Account.DESK], autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(b"UPDATE patient SET name = 'Somebody'")


@ON_POSTGRESQL
async def test_a_right_that_is_missing_is_said_in_plain_words(roles, hospital, postgres):
    name = roles[Account.DESK].replace('"', "%22").replace(" ", "%20")
    database = Database(postgres.url(hospital.url.rpartition("/")[2], role=name))
    with pytest.raises(Refused, match="right") as refusal:
        await take_in(database, [an_invoice(issued_on=date(2026, 11, 2))])
    await database.close()

    assert "cashier migrate" in str(refusal.value.advice)


@ON_POSTGRESQL
async def test_the_command_gives_rights_and_says_so(roles, hospital, tmp_path, postgres):
    file = tmp_path / "cashier.toml"
    file.write_text(f'[database]\nurl = "{hospital.url}"\n', encoding="utf-8")
    desk, companion = roles[Account.DESK], roles[Account.COMPANION]

    for _ in range(2):
        done = run("migrate", "--settings", str(file), "--grant-desk", desk, "--grant-companion", companion)
        assert done.status == 0, done.errors
        assert f"The account “{desk}” has the rights of a desk." in done.output

    allowed = "SELECT has_table_privilege(%s, 'stripe_event', 'INSERT')"
    with psycopg.connect(hospital.url) as connection:
        assert connection.execute(allowed, [companion]).fetchone() == (True,)
        assert connection.execute(allowed, [desk]).fetchone() == (False,)
    for name in roles.values():
        postgres.order(
            sql.SQL("DROP OWNED BY {}").format(sql.Identifier(name)), database=hospital.url.rpartition("/")[2]
        )


@ON_POSTGRESQL
def test_an_account_that_owns_the_tables_or_does_not_exist_is_refused(hospital):
    with pytest.raises(Refused, match="owns the tables"):
        grant(hospital.url, Account.DESK, "cashier_owner")
    with pytest.raises(Refused, match="owns the tables"):
        grant(hospital.url, Account.DESK, "postgres")
    with pytest.raises(Refused, match="no account") as refusal:
        grant(hospital.url, Account.DESK, "nobody there")

    assert "CREATE ROLE" in str(refusal.value.advice)


def test_sqlite_has_no_accounts(hospital):
    with pytest.raises(Refused, match="SQLite"):
        grant(hospital.url, Account.DESK, "anybody")


def test_the_documented_way_of_setting_up_works(postgres, tmp_path):
    words = (DOCS / "POSTGRESQL.md").read_text(encoding="utf-8")
    (statements,) = re.findall(r"```sql\n(.*?)```", words, re.DOTALL)
    (command,) = re.findall(r"^    cashier (migrate .*)$", words, re.MULTILINE)
    accounts = re.findall(r"CREATE ROLE (\w+)", statements)
    file = tmp_path / "cashier.toml"
    file.write_text(f'[database]\nurl = "{postgres.url("cashier", role=accounts[0])}"\n', encoding="utf-8")
    try:
        for statement in statements.strip().splitlines():
            postgres.order(statement)

        done = run(*command.split(), "--settings", str(file))

        assert (done.status, done.errors) == (0, "")
        for account in accounts[1:]:
            with psycopg.connect(postgres.url("cashier", role=account)) as connection:
                assert connection.execute("SELECT count(*) FROM journal_entry").fetchone() == (0,)
    finally:
        postgres.drop("cashier")
        for account in accounts:
            postgres.order(f"DROP ROLE IF EXISTS {account}")
