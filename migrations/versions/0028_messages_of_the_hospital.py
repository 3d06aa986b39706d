"""Messages of HL7: each stored once, as it came, with what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cashier.database import UtcDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

WRITTEN_ONCE = ("application", "facility", "control_id", "digest", "kind", "sent_at", "content", "received_at")
FINAL = ("settled_at", "state", "settled_by")


def upgrade() -> None:
    """Make the table and its guards."""
    op.create_table(
        "hl7_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("application", sa.String(length=199), nullable=False),
        sa.Column("facility", sa.String(length=199), nullable=False),
        sa.Column("control_id", sa.String(length=199), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sent_at", sa.String(length=14), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem_code", sa.String(length=8), nullable=False),
        sa.Column("problem_at", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=400), nullable=False),
        sa.Column("settled_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('received', 'refused', 'taken_in', 'set_aside')", name=op.f("ck_hl7_message_hl7state")
        ),
        sa.CheckConstraint(
            "(state IN ('taken_in', 'set_aside')) = (settled_at IS NOT NULL)",
            name=op.f("ck_hl7_message_settled_when"),
        ),
        sa.CheckConstraint(
            "state <> 'set_aside' OR settled_by IS NOT NULL", name=op.f("ck_hl7_message_set_aside_by")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_hl7_message_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hl7_message")),
        sa.UniqueConstraint(
            "application",
            "facility",
            "control_id",
            "digest",
            name=op.f("uq_hl7_message_application_facility_control_id_digest"),
        ),
    )
    op.create_index("ix_hl7_message_about", "hl7_message", ["about"])
    waiting = sa.text("settled_at IS NULL")
    op.create_index("ix_hl7_message_waiting", "hl7_message", ["id"], sqlite_where=waiting, postgresql_where=waiting)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER hl7_message_not_emptied BEFORE TRUNCATE ON hl7_message "
            "FOR EACH STATEMENT EXECUTE FUNCTION cashier_refuse()"
        )
    _guard("kept", "DELETE")
    _guard("written_once", "UPDATE", _changed(WRITTEN_ONCE))
    _guard("final", "UPDATE", f"OLD.settled_at IS NOT NULL AND ({_changed(FINAL)})")


def downgrade() -> None:
    """Take it away, with all messages."""
    op.drop_table("hl7_message")


def _changed(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in columns)


def _guard(name: str, event: str, condition: str = "") -> None:
    if op.get_bind().dialect.name == "sqlite":
        when = f"WHEN {condition.format(differs='IS NOT')} " if condition else ""
        op.execute(
            f"CREATE TRIGGER hl7_message_{name} BEFORE {event} ON hl7_message {when}"
            "BEGIN SELECT RAISE(ABORT, 'hl7_message is kept as it is'); END"
        )
        return
    when = f"WHEN ({condition.format(differs='IS DISTINCT FROM')}) " if condition else ""
    op.execute(
        f"CREATE TRIGGER hl7_message_{name} BEFORE {event} ON hl7_message "
        f"FOR EACH ROW {when}EXECUTE FUNCTION cashier_refuse()"
    )
