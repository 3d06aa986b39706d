"""Decisions about money that went away again, their receipts, and when evidence was sent to a bank.

On SQLite only the text of the CHECKs changes: the tables, their guards and their rows stay as they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cashier.books.schema.changing import change_check
from cashier.database import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

DIFFERENCES = (
    "'unknown_charge', 'missing_charge', 'amount_differs', 'late_payment', 'overpaid', 'refunded_elsewhere', "
    "'refund_differs', 'disputed'"
)
RECEIPTS = "'payment', 'refund', 'refund_failed'"
CHANGES = (
    (
        "difference",
        "ck_difference_differencekind",
        f"kind IN ({DIFFERENCES})",
        f"kind IN ({DIFFERENCES}, 'money_gone', 'refund_came_back')",
    ),
    (
        "receipt",
        "ck_receipt_receiptkind",
        f"kind IN ({RECEIPTS})",
        f"kind IN ({RECEIPTS}, 'reversal')",
    ),
    (
        "receipt",
        "ck_receipt_refund_named",
        "(kind = 'payment') = (refund_id IS NULL)",
        "(kind IN ('refund', 'refund_failed')) = (refund_id IS NOT NULL)",
    ),
    (
        "receipt",
        "ck_receipt_sign_by_kind",
        "(kind = 'refund') = (amount_minor < 0)",
        "(kind IN ('refund', 'reversal')) = (amount_minor < 0)",
    ),
)
"""Table, name, condition before and after."""
NAMED = "(kind = 'reversal') = (reversal_id IS NOT NULL)"


def upgrade() -> None:
    """Make the table with its guards, and let receipts and differences tell of it."""
    _make_reversals()
    op.add_column("dispute", sa.Column("evidence_sent_at", UtcDateTime(timezone=True), nullable=True))
    op.execute(
        f"ALTER TABLE receipt ADD COLUMN reversal_id {'INTEGER' if _is_sqlite() else 'BIGINT'} "
        "CONSTRAINT fk_receipt_reversal_id REFERENCES reversal (id) "
        f"CONSTRAINT ck_receipt_reversal_named CHECK ({NAMED})"
    )
    is_named = sa.text("reversal_id IS NOT NULL")
    op.create_index(
        "uq_receipt_reversal_id", "receipt", ["reversal_id"], unique=True,
        sqlite_where=is_named, postgresql_where=is_named,
    )  # fmt: skip
    for table, name, before, after in CHANGES:
        change_check(op, table=table, name=name, before=before, after=after)


def downgrade() -> None:
    """Go back. Raises ``RuntimeError`` where something was decided: the old schema has no room for it."""
    connection = op.get_bind()
    kinds = "('money_gone', 'refund_came_back')"
    for told in ("SELECT count(*) FROM reversal", f"SELECT count(*) FROM difference WHERE kind IN {kinds}"):
        if connection.execute(sa.text(told)).scalar_one():
            raise RuntimeError("money that went away was noted, and the older schema has no room for it")
    for table, name, before, after in reversed(CHANGES):
        change_check(op, table=table, name=name, before=after, after=before)
    op.drop_index("uq_receipt_reversal_id", "receipt")
    if not _is_sqlite():
        op.execute("ALTER TABLE receipt DROP CONSTRAINT ck_receipt_reversal_named")
    op.execute("ALTER TABLE receipt DROP COLUMN reversal_id")
    op.execute("ALTER TABLE dispute DROP COLUMN evidence_sent_at")
    op.drop_table("reversal")


def _make_reversals() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "reversal",
        sa.Column("id", big, nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.String(length=64), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "owed_again",
                "written_off",
                name="reversaloutcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_reversal_amount_positive")),
        sa.CheckConstraint("(dispute_id IS NULL) <> (refund_id IS NULL)", name=op.f("ck_reversal_about_one_thing")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_reversal_payment_id")),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.stripe_id"], name=op.f("fk_reversal_dispute_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_reversal_refund_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_reversal_decided_by")),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_reversal_desk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversal")),
        sa.UniqueConstraint("dispute_id", name=op.f("uq_reversal_dispute_id")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_reversal_refund_id")),
    )
    op.create_index("ix_reversal_payment_id", "reversal", ["payment_id"])
    for name, event in (("unchanged", "UPDATE"), ("kept", "DELETE")):
        if _is_sqlite():
            op.execute(
                f"CREATE TRIGGER reversal_{name} BEFORE {event} ON reversal "
                "BEGIN SELECT RAISE(ABORT, 'reversal is kept as it is'); END"
            )
        else:
            op.execute(
                f"CREATE TRIGGER reversal_{name} BEFORE {event} ON reversal "
                "FOR EACH ROW EXECUTE FUNCTION cashier_refuse()"
            )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
