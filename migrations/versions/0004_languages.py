"""Languages: of the hospital, of its papers, of each person, and receipts in further languages.

Nothing that is there changes: everybody and every paper of before is in English.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import cashier.database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ADDED = {
    ("hospital", "language"): "en",
    ("hospital", "paper_language"): "",
    ("receipt_document", "language"): "en",
    ("staff", "language"): "",
}
"""The new columns and what they hold where nobody says anything."""


def upgrade() -> None:
    """Add the columns and the table, and guard it as receipts are guarded."""
    for (table, column), default in _ADDED.items():
        op.add_column(table, sa.Column(column, sa.String(length=12), server_default=default, nullable=False))
    op.create_table(
        "receipt_translation",
        sa.Column(
            "receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", cashier.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_receipt_translation_receipt_id")),
        sa.PrimaryKeyConstraint("receipt_id", "language", name=op.f("pk_receipt_translation")),
    )
    for name, event in (("unchanged", "UPDATE"), ("kept", "DELETE")):
        refuse = (
            "BEGIN SELECT RAISE(ABORT, 'receipt_translation is kept as it is'); END"
            if op.get_bind().dialect.name == "sqlite"
            else "FOR EACH ROW EXECUTE FUNCTION cashier_refuse()"
        )
        op.execute(f"CREATE TRIGGER receipt_translation_{name} BEFORE {event} ON receipt_translation {refuse}")


def downgrade() -> None:
    """Take them away. Receipts in further languages are lost; each can be made again from its facts."""
    op.drop_table("receipt_translation")
    for table, column in reversed(_ADDED):
        op.drop_column(table, column)
