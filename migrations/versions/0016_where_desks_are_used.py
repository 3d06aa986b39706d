"""Where each desk is used, and what was compared with Stripe last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cashier.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables; desks of the release before write into neither."""
    op.create_table(
        "desk_use",
        sa.Column("desk_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.String(length=36), nullable=False),
        sa.Column("machine", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_desk_use_desk_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_desk_use_staff_id")),
        sa.PrimaryKeyConstraint("desk_id", name=op.f("pk_desk_use")),
    )
    op.create_table(
        "comparison",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("compared_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_comparison_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
    )


def downgrade() -> None:
    """Take both away."""
    op.drop_table("comparison")
    op.drop_table("desk_use")
