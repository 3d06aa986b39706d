"""Migrations: they make exactly the models, forwards and backwards, and a wrong schema stops everybody."""

from __future__ import annotations

import sqlite3

import alembic.command
import alembic.script
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from cashier.database import Database
from cashier.errors import Misconfigured
from cashier.migration import downgrade, migrate
from cashier.resources import MIGRATIONS
from cashier.schema import SCHEMA_REVISION, check_schema, metadata


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cashier.sqlite"


@pytest.fixture
async def database(path):
    database = Database(f"sqlite:///{path}")
    yield database
    await database.close()


def test_the_program_knows_its_newest_migration():
    heads = alembic.script.ScriptDirectory(str(MIGRATIONS)).get_heads()

    assert heads == [SCHEMA_REVISION]


def test_migrations_equal_the_models(path):
    migrate(f"sqlite:///{path}")

    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)
    engine.dispose()

    assert differences == []


def test_checks_of_the_models_are_in_the_migrations(path):
    """Autogenerate does not compare CHECK constraints, and they guard the money."""
    migrate(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        written = " ".join(
            row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
        )
    connection.close()

    names = {
        str(constraint.name)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }
    assert {
        name for name in names if f"ck_{name.removeprefix('ck_')}" not in written and name not in written
    } == set()


def test_down_and_up_again_ends_at_the_same_schema(path):
    migrate(f"sqlite:///{path}")
    before = schema_of(path)

    downgrade(f"sqlite:///{path}", revision="base")
    assert {name for name, _ in schema_of(path)} == {"alembic_version"}
    migrate(f"sqlite:///{path}")

    assert schema_of(path) == before


def test_migrating_again_changes_nothing(path):
    migrate(f"sqlite:///{path}")
    before = schema_of(path)

    migrate(f"sqlite:///{path}")

    assert schema_of(path) == before


async def test_a_database_without_tables_is_refused(database):
    with pytest.raises(Misconfigured, match="no tables") as refusal:
        await check_schema(database)
    assert "cashier migrate" in refusal.value.advice


@pytest.mark.parametrize(
    ("revision", "reason", "remedy"), [("0000", "older", "cashier migrate"), ("9999", "newer", "Update Cashier")]
)
async def test_another_revision_is_refused(database, path, revision, reason, remedy):
    migrate(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()

    with pytest.raises(Misconfigured, match=reason) as refusal:
        await check_schema(database)
    assert remedy in refusal.value.advice


async def test_the_schema_of_this_program_is_accepted(database, path):
    migrate(f"sqlite:///{path}")

    await check_schema(database)


def schema_of(path):
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT name, sql FROM sqlite_master"
            " WHERE type IN ('table', 'index') AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
    connection.close()
    return rows
