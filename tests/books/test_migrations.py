"""Migrations: they make exactly the models, forwards and backwards, and a wrong schema stops everybody."""

from __future__ import annotations

import contextlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import alembic.command
import alembic.script
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from cashier.books.refund import RefundReason
from cashier.books.schema.migration import downgrade, migrate
from cashier.books.schema.revision import SCHEMA_REVISION, check_schema, metadata
from cashier.clock import now
from cashier.database import Database
from cashier.errors import Misconfigured
from cashier.money import Money
from cashier.resources import MIGRATIONS
from cashier.shifts.views import Closing, DrawerCount, Opening
from tests.payments.patient import pay_on_page
from tests.surroundings.orders import order_for, refund_of
from tests.surroundings.processes import run
from tests.surroundings.sample_hospital import DUE, DUE_OF_SAME_PATIENT, execute
from tests.surroundings.schema_text import differences, schema_at, schema_of_models

pytestmark = pytest.mark.both_databases


NEVER_CHANGED = (
    "allocation", "journal_entry", "payment_item", "receipt", "receipt_document", "receipt_print",
    "receipt_translation",
)  # fmt: skip
NEVER_DELETED = (
    *NEVER_CHANGED, "difference", "invoice", "journal_head", "patient", "payment", "receipt_series", "refund",
    "stripe_customer", "stripe_event",
)  # fmt: skip
COLUMNS = {"journal_entry": "number", "payment_item": "invoice_id", "receipt_document": "receipt_id",
           "receipt_print": "receipt_id", "receipt_translation": "receipt_id"}  # fmt: skip


@pytest.fixture
async def paid(services, hospital, sandbox):
    """A payment with everything that it leaves behind, so that every guarded table has a row."""
    order = order_for(hospital)
    begun = await services.payments.begin(order, hospital.cashier)
    await pay_on_page(begun.page_url)
    view = await services.payments.refresh(begun.id)
    await services.receipts.hand_out(view.receipt_id, hospital.cashier)
    await services.receipts.hand_out(view.receipt_id, hospital.cashier, language="es")
    sandbox.ask("/v1/refunds", payment_intent=view.stripe_intent_id, amount="1000")
    await services.sweep.run()
    await services.reconciliation.compare(now() - timedelta(hours=1), now() + timedelta(hours=1))


@pytest.fixture
async def database(empty_url):
    database = Database(empty_url)
    yield database
    await database.close()


def test_the_program_knows_its_newest_migration():
    heads = alembic.script.ScriptDirectory(str(MIGRATIONS)).get_heads()

    assert heads == [SCHEMA_REVISION]


def test_migrations_equal_the_models(empty_url):
    migrate(empty_url)

    with connected(empty_url) as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    assert differences == []


def test_the_migrated_schema_is_the_models_to_the_letter(database_url, empty_url):
    """Autogenerate leaves out the text of checks, conditions, defaults and triggers, and they guard the money."""
    found = differences(migrated=schema_at(database_url), models=schema_of_models(metadata, empty_url))

    assert not found, "\n".join(["the newest migration does not make what the models say:", *found])


def test_down_and_up_again_ends_at_the_same_schema(empty_url):
    migrate(empty_url)
    before = schema_of(empty_url)

    downgrade(empty_url, revision="base")
    assert {name for name, _ in schema_of(empty_url)} <= {"alembic_version", "alembic_version_pkc"}
    migrate(empty_url)

    assert schema_of(empty_url) == before


def test_several_that_migrate_at_once_take_turns(empty_url, tmp_path):
    file = tmp_path / "cashier.toml"
    file.write_text(f'[database]\nurl = "{empty_url}"\n', encoding="utf-8")

    with ThreadPoolExecutor() as pool:
        ended = list(pool.map(lambda _: run("migrate", "--settings", str(file)), range(3)))

    assert [each.status for each in ended] == [0, 0, 0], [each.errors for each in ended]
    assert execute(empty_url, "SELECT version_num FROM alembic_version") == [{"version_num": SCHEMA_REVISION}]
    assert len(execute(empty_url, "SELECT * FROM journal_head")) == 1


def test_migrating_again_changes_nothing(empty_url):
    migrate(empty_url)
    before = schema_of(empty_url)

    migrate(empty_url)

    assert schema_of(empty_url) == before


@pytest.mark.parametrize("table", NEVER_CHANGED)
async def test_the_database_itself_refuses_to_change_records_that_stay(hospital, services, paid, table):
    """Even the account that owns the tables is stopped, as long as it does not take the guard away."""
    column = COLUMNS.get(table, "id")

    with pytest.raises(sa.exc.DBAPIError, match="is kept as it is"):
        hospital.execute(f"UPDATE {table} SET {column} = {column}")


@pytest.mark.parametrize("table", NEVER_DELETED)
async def test_the_database_itself_refuses_to_delete_records_that_stay(hospital, services, paid, table):
    with pytest.raises(sa.exc.DBAPIError, match="is kept as it is"):
        hospital.execute(f"DELETE FROM {table}")


@pytest.mark.parametrize(("table", "column"), [("journal_head", "number"), ("receipt_series", "last_number")])
@pytest.mark.parametrize("step", [-1, 2])
async def test_numbers_only_go_forward_one_by_one(hospital, paid, table, column, step):
    with pytest.raises(sa.exc.DBAPIError, match="is kept as it is"):
        hospital.execute(f"UPDATE {table} SET {column} = {column} + {step}")


@pytest.mark.parametrize(
    "change", ["amount_minor = amount_minor + 1", "currency = 'USD'", "tender = 'cheque'", "patient_id = NULL"]
)
async def test_what_a_payment_was_made_for_stays(hospital, paid, change):
    with pytest.raises(sa.exc.DBAPIError, match="payment is kept as it is"):
        hospital.execute(f"UPDATE payment SET {change}")


@pytest.mark.parametrize("change", ["patient_id = 2", "currency = 'USD'"])
async def test_an_invoice_that_ever_had_money_stays_with_its_patient_and_currency(hospital, paid, change):
    with pytest.raises(sa.exc.DBAPIError, match="invoice is kept as it is"):
        hospital.execute(f"UPDATE invoice SET {change} WHERE number = '{DUE}'")


@pytest.mark.parametrize("change", ["patient_id = 2", "currency = 'USD'"])
async def test_an_invoice_that_is_being_paid_stays_with_its_patient_and_currency(hospital, services, change):
    begun = await services.payments.begin(order_for(hospital), hospital.cashier)

    with pytest.raises(sa.exc.DBAPIError, match="invoice is kept as it is"):
        hospital.execute(f"UPDATE invoice SET {change} WHERE number = '{DUE}'")
    hospital.execute(f"UPDATE invoice SET {change} WHERE number = '{DUE_OF_SAME_PATIENT}'")
    await services.payments.cancel(begun.id, hospital.cashier)
    hospital.execute(f"UPDATE invoice SET {change} WHERE number = '{DUE}'")


@pytest.mark.parametrize(
    "change", ["amount_minor = amount_minor + 1", "way = 'bank'", "currency = 'USD'", "requested_by = 2"]
)
async def test_what_was_asked_for_and_approved_stays(hospital, paid, change):
    with pytest.raises(sa.exc.DBAPIError, match="refund is kept as it is"):
        hospital.execute(f"UPDATE refund SET {change}")


async def test_who_approved_a_refund_stays(hospital, services, paid):
    row = hospital.execute("SELECT id FROM payment")[0]
    request = refund_of(uuid.UUID(str(row["id"])), 500, reason=RefundReason.DUPLICATE)
    await services.refunds.request(request, hospital.cashier)
    await services.refunds.approve(request.refund_id, hospital.colleague)

    with pytest.raises(sa.exc.DBAPIError, match="refund is kept as it is"):
        hospital.execute("UPDATE refund SET decided_by = 3 WHERE decided_by IS NOT NULL")


@pytest.mark.parametrize("change", ["counted_minor = counted_minor + 1", "closed_at = NULL", "float_minor = 0"])
async def test_a_closed_shift_stays_as_it_was_counted(hospital, services, change):
    shift = await services.shifts.open(Opening(number=1, float=Money(500, "EUR")), hospital.cashier)
    count = DrawerCount(shift_id=shift.id, pieces={500: 1})
    await services.shifts.count(count, hospital.cashier)
    await services.shifts.close(Closing(count=count), hospital.cashier)

    with pytest.raises(sa.exc.DBAPIError, match="shift is kept as it is"):
        hospital.execute(f"UPDATE shift SET {change}")


async def test_a_database_without_tables_is_refused(database):
    with pytest.raises(Misconfigured, match="no tables") as refusal:
        await check_schema(database)
    assert "cashier migrate" in str(refusal.value.advice)


@pytest.mark.parametrize(
    ("revision", "reason", "remedy"), [("0000", "older", "cashier migrate"), ("9999", "newer", "Update Cashier")]
)
async def test_another_revision_is_refused(database, empty_url, revision, reason, remedy):
    migrate(empty_url)
    execute(empty_url, "UPDATE alembic_version SET version_num = :revision", revision=revision)

    with pytest.raises(Misconfigured, match=reason) as refusal:
        await check_schema(database)
    assert remedy in str(refusal.value.advice)


async def test_the_schema_of_this_program_is_accepted(database, empty_url):
    migrate(empty_url)

    await check_schema(database)


@contextlib.contextmanager
def connected(url):
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def schema_of(url):
    """Read every table, index, column, constraint, trigger and function with its definition."""
    with connected(url) as connection:
        if connection.dialect.name == "sqlite":
            statement = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        else:
            statement = """
                SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE schemaname = 'public'
                UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
                    WHERE connamespace = 'public'::regnamespace
                UNION ALL SELECT table_name, column_name || ' ' || data_type || ' ' || is_nullable
                    FROM information_schema.columns WHERE table_schema = 'public'
                UNION ALL SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
                UNION ALL SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
                ORDER BY 1, 2"""
        return [tuple(row) for row in connection.exec_driver_sql(statement)]
