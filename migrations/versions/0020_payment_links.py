"""Links to the page on which patients pay: what each is for, until when it holds, and that none disappears."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cashier.database import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WRITTEN_ONCE = ("digest", "invoice_id", "client_id", "made_by", "expires_at")


def upgrade() -> None:
    """Make the table and its guards."""
    op.create_table(
        "payment_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("opened_times", sa.Integer(), nullable=False, server_default="0"),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_payment_link_expires_later")),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_payment_link_client_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_payment_link_invoice_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_payment_link_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_payment_link_digest")),
    )
    op.create_index("ix_payment_link_invoice_id", "payment_link", ["invoice_id"])
    _guard("kept", "DELETE")
    _guard("written_once", "UPDATE", " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in WRITTEN_ONCE))
    _guard("final", "UPDATE", "OLD.ended_at IS NOT NULL AND (NEW.ended_at {differs} OLD.ended_at)")


def downgrade() -> None:
    """Take it away: links that were given to patients lead nowhere."""
    op.drop_table("payment_link")


def _guard(name: str, event: str, condition: str = "") -> None:
    if op.get_bind().dialect.name == "sqlite":
        when = f"WHEN {condition.format(differs='IS NOT')} " if condition else ""
        op.execute(
            f"CREATE TRIGGER payment_link_{name} BEFORE {event} ON payment_link {when}"
            "BEGIN SELECT RAISE(ABORT, 'payment_link is kept as it is'); END"
        )
        return
    when = f"WHEN ({condition.format(differs='IS DISTINCT FROM')}) " if condition else ""
    op.execute(
        f"CREATE TRIGGER payment_link_{name} BEFORE {event} ON payment_link "
        f"FOR EACH ROW {when}EXECUTE FUNCTION cashier_refuse()"
    )
