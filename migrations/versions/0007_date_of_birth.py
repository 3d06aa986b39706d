"""A patient's date of birth: the second thing, beside the record number, that tells two of one name apart.

Unknown until the hospital's system sends it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("patient", sa.Column("born", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take it away; the next import of today's program brings it back."""
    op.drop_column("patient", "born")
