"""How much a client of the API may refund by itself, and which refunds were approved by that rule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cashier.database import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BY_RULE = "rule_client_id IS NULL OR way = 'card' AND decided_by IS NOT NULL AND decided_desk_id IS NULL"
FINAL = ("decided_by",)


def upgrade() -> None:
    """Make the table; no client may refund anything by itself yet."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "client_refund_limit",
        sa.Column("client_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor_max", sa.BigInteger(), nullable=False),
        sa.Column("day_total_minor_max", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=False),
        sa.Column("set_at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor_max >= 0", name=op.f("ck_client_refund_limit_amount_not_negative")),
        sa.CheckConstraint(
            "day_total_minor_max >= amount_minor_max", name=op.f("ck_client_refund_limit_day_holds_one")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_client_refund_limit_client_id")),
        sa.ForeignKeyConstraint(["set_by"], ["staff.id"], name=op.f("fk_client_refund_limit_set_by")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_refund_limit")),
    )
    refuse = "BEGIN SELECT RAISE(ABORT, 'client_refund_limit is kept as it is'); END"
    op.execute(
        "CREATE TRIGGER client_refund_limit_kept BEFORE DELETE ON client_refund_limit "
        + (refuse if is_sqlite else "FOR EACH ROW EXECUTE FUNCTION cashier_refuse()")
    )
    op.execute(
        "ALTER TABLE refund ADD COLUMN rule_client_id INTEGER "
        "CONSTRAINT fk_refund_rule_client_id REFERENCES client_refund_limit (client_id) "
        f"CONSTRAINT ck_refund_by_rule_to_cards CHECK ({BY_RULE})"
    )
    is_by_rule = sa.text("rule_client_id IS NOT NULL")
    op.create_index(
        "ix_refund_rule", "refund", ["rule_client_id"], sqlite_where=is_by_rule, postgresql_where=is_by_rule
    )
    _make_final((*FINAL, "rule_client_id"))


def downgrade() -> None:
    """Take it away; what was approved by rule looks approved by who made the rule."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _make_final(FINAL)
    op.drop_index("ix_refund_rule", "refund")
    if not is_sqlite:
        op.execute("ALTER TABLE refund DROP CONSTRAINT ck_refund_by_rule_to_cards")
    op.execute("ALTER TABLE refund DROP COLUMN rule_client_id")
    op.execute("DROP TRIGGER client_refund_limit_kept" + ("" if is_sqlite else " ON client_refund_limit"))
    op.drop_table("client_refund_limit")


def _make_final(columns: tuple[str, ...]) -> None:
    """Have ``columns`` of a refund stay once somebody decided."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER refund_final")
        op.execute(
            f"CREATE TRIGGER refund_final BEFORE UPDATE ON refund WHEN {_decided(columns, 'IS NOT')} "
            "BEGIN SELECT RAISE(ABORT, 'refund is kept as it is'); END"
        )
        return
    op.execute("DROP TRIGGER refund_final ON refund")
    op.execute(
        "CREATE TRIGGER refund_final BEFORE UPDATE ON refund FOR EACH ROW "
        f"WHEN ({_decided(columns, 'IS DISTINCT FROM')}) EXECUTE FUNCTION cashier_refuse()"
    )


def _decided(columns: tuple[str, ...], differs: str) -> str:
    changed = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)
    return f"OLD.decided_by IS NOT NULL AND ({changed})"
