"""What receipts show where a hospital wants it: the patient's name, and the services.

Nothing that is there changes: receipts show neither until somebody says so.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("hospital", sa.Column("receipt_extras", sa.String(length=80), server_default="", nullable=False))


def downgrade() -> None:
    """Take it away; what was issued meanwhile keeps what it shows."""
    op.drop_column("hospital", "receipt_extras")
