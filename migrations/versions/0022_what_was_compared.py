"""What a comparison left out, for whoever reads its outcome."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COLUMNS = ("foreign_charges", "foreign_disputes", "set_aside")


def upgrade() -> None:
    """Add the counts; of the last comparison before, none are known."""
    for column in COLUMNS:
        op.add_column("comparison", sa.Column(column, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take them away."""
    for column in COLUMNS:
        op.drop_column("comparison", column)
