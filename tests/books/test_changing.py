"""A migration changes the text of a CHECK, or the length of a text, and nothing else, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from cashier.books.schema.changing import change_check, change_length
from cashier.tenders.tender import Tender
from tests.surroundings.schema_text import connected, schema_at

pytestmark = pytest.mark.both_databases

_BEFORE = f"tender IN ({', '.join(repr(str(tender)) for tender in Tender)})"
_AFTER = f"{_BEFORE[:-1]}, 'pebbles')"


@pytest.fixture
def change(database_url):
    """Change the CHECK of a payment's tender."""

    def change(before, after):
        with connected(database_url) as connection:
            operations = Operations(MigrationContext.configure(connection))
            change_check(operations, table="payment", name="ck_payment_tender", before=before, after=after)

    return change


def test_only_the_condition_changes_and_changes_back(database_url, change):
    before = schema_at(database_url)

    change(_BEFORE, _AFTER)

    changed = schema_at(database_url)
    differing = {name for name in before | changed if before.get(name) != changed.get(name)}
    assert differing == {"payment: constraint ck_payment_tender"}
    assert "pebbles" in changed["payment: constraint ck_payment_tender"]

    change(_AFTER, _BEFORE)

    assert schema_at(database_url) == before


def test_only_the_length_changes_and_changes_back(database_url):
    before = schema_at(database_url)

    def change(length_before, length_after):
        with connected(database_url) as connection:
            operations = Operations(MigrationContext.configure(connection))
            change_length(operations, table="desk", column="code", before=length_before, after=length_after)

    change(12, 40)

    changed = schema_at(database_url)
    assert {name for name in before | changed if before.get(name) != changed.get(name)} == {"desk: column code"}
    assert "40" in changed["desk: column code"]

    change(40, 12)

    assert schema_at(database_url) == before


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_condition_that_is_not_there_is_not_changed(database_url, change):
    before = schema_at(database_url)

    with pytest.raises(LookupError, match="ck_payment_tender"):
        change("tender = 'shells'", _AFTER)

    assert schema_at(database_url) == before


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_new_condition_holds_for_the_next_row(database_url, change):
    change(_BEFORE, "tender = 'pebbles'")

    with connected(database_url) as connection:
        sql = connection.execute(sa.text("SELECT sql FROM sqlite_master WHERE name = 'payment'")).scalar_one()
        assert "CHECK (tender = 'pebbles')" in sql
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
