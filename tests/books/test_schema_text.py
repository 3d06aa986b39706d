"""Whatever the models say and the migrations do not make is found and named, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from cashier.books.schema import guards
from cashier.books.schema.revision import metadata
from tests.surroundings.sample_hospital import execute
from tests.surroundings.schema_text import differences, schema_at, schema_of_models

pytestmark = pytest.mark.both_databases


@pytest.fixture
def migrated(database_url):
    """What the migrations made."""
    return schema_at(database_url)


@pytest.fixture
def differing(migrated, empty_url):
    """Make the schema of models in a database of its own, and tell where the migrated one differs from it."""
    return lambda models: differences(migrated=migrated, models=schema_of_models(models, empty_url))


@pytest.fixture
def models():
    """The models' tables, to be changed."""
    return copy_of(metadata)


def test_a_copy_of_the_models_that_nobody_changed_is_the_same(differing, models):
    assert differing(models) == []


def test_a_value_that_an_enumeration_gained_without_a_migration_is_named(differing, models):
    """Every column of every enumeration, at once: each is told by its table and constraint."""
    grown = {
        f"{table.name}: constraint ck_{table.name}_{column.type.name}": column
        for table in models.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Enum)
    }
    for column in grown.values():
        type_ = column.type
        column.type = sa.Enum(
            *type_.enums, "pebbles", name=type_.name, native_enum=False, create_constraint=True, length=type_.length
        )

    found = differing(copy_of(models))

    assert grown
    assert [each.splitlines()[0] for each in found] == sorted(grown)
    assert all("pebbles" in each.splitlines()[2] for each in found)
    assert not any("pebbles" in each.splitlines()[1] for each in found)


def test_another_condition_of_a_check_is_named(differing, models):
    payment = models.tables["payment"]
    check = next(each for each in payment.constraints if each.name == "ck_payment_amount_positive")
    payment.constraints.remove(check)
    payment.append_constraint(sa.CheckConstraint("amount_minor >= 0", name="amount_positive"))

    (found,) = differing(models)

    assert found.startswith("payment: constraint ck_payment_amount_positive")


def test_another_condition_of_an_index_is_named(differing, models):
    index = next(each for each in models.tables["payment"].indexes if each.name == "ix_payment_unfinished")
    for dialect in ("sqlite", "postgresql"):
        index.dialect_options[dialect]["where"] = sa.text("state <> 'paid'")

    (found,) = differing(models)

    assert found.startswith("payment: index ix_payment_unfinished")


def test_a_default_without_a_migration_is_named(differing, models):
    models.tables["payment"].c.rounding_minor.server_default = sa.DefaultClause("0")

    (found,) = differing(models)

    assert found.startswith("payment: column rounding_minor")


def test_a_guard_without_a_migration_is_named(differing, monkeypatch):
    monkeypatch.setattr(guards, "WRITTEN_ONCE", {**guards.WRITTEN_ONCE, "dispute": ("amount_minor",)})

    (found,) = differing(metadata)

    assert found.startswith("dispute: trigger dispute_written_once")


def test_a_guard_that_a_migration_lost_is_named(migrated, differing):
    del migrated["refund: trigger refund_written_once"]

    (found,) = differing(metadata)

    assert "migrated: (not there)" in found


def test_a_column_that_was_added_later_reads_as_one_that_was_there_from_the_start(tmp_path):
    later = pieces_after(
        tmp_path / "later",
        "CREATE TABLE a (id INTEGER NOT NULL)",
        "ALTER TABLE a ADD COLUMN b INTEGER CONSTRAINT fk_b REFERENCES a (id) CONSTRAINT ck_b CHECK (b > 0)",
    )
    from_the_start = pieces_after(
        tmp_path / "start",
        "CREATE TABLE a (\n\tid INTEGER NOT NULL, b INTEGER, \n\tCONSTRAINT ck_b CHECK (b > 0), "
        "CONSTRAINT fk_b FOREIGN KEY(b) REFERENCES a (id))",
    )

    assert later == from_the_start


def copy_of(models):
    copy = sa.MetaData(naming_convention=models.naming_convention)
    for table in models.sorted_tables:
        table.to_metadata(copy)
    return copy


def pieces_after(file, *statements):
    for statement in statements:
        execute(f"sqlite:///{file}", statement)
    return schema_at(f"sqlite:///{file}")
