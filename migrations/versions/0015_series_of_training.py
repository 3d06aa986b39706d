"""Room for the series of training: the mark before a desk's code makes the name of a series longer."""

from __future__ import annotations

from alembic import op

from cashier.books.schema.changing import change_length

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COLUMNS = (("receipt_series", "code"), ("receipt", "series"))


def upgrade() -> None:
    """Make both columns longer."""
    for table, column in COLUMNS:
        change_length(op, table=table, column=column, before=12, after=14)


def downgrade() -> None:
    """Make them shorter again; PostgreSQL refuses where a series of training has a longer name."""
    for table, column in COLUMNS:
        change_length(op, table=table, column=column, before=14, after=12)
