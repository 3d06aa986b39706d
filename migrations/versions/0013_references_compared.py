"""References as they are compared: the number of a cheque, transfer or slip is found again however it was written."""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_GIVEN = sa.text("reference_key <> ''")


def upgrade() -> None:
    """Add the column, fill it for what was taken before, and make it quick to look up."""
    op.add_column("payment", sa.Column("reference_key", sa.String(80), nullable=False, server_default=""))
    payment = sa.table("payment", sa.column("reference", sa.String), sa.column("reference_key", sa.String))
    connection = op.get_bind()
    known = connection.execute(sa.select(payment.c.reference).where(payment.c.reference != "").distinct()).scalars()
    for reference in known.all():
        connection.execute(
            payment.update().where(payment.c.reference == reference).values(reference_key=_key_of(reference))
        )
    op.create_index(
        "ix_payment_reference_key", "payment", ["reference_key"], sqlite_where=_GIVEN, postgresql_where=_GIVEN
    )


def downgrade() -> None:
    """Take it away; the references are there still."""
    op.drop_index("ix_payment_reference_key", table_name="payment")
    op.drop_column("payment", "reference_key")


def _key_of(reference: str) -> str:
    folded = unicodedata.normalize("NFKC", reference).casefold()
    letters = "".join(each for each in folded if each.isalnum())
    return (letters.lstrip("0") or letters)[:80]
