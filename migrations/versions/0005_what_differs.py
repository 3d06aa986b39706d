"""What differs, as facts: the sentence of a difference is written in the language of whoever reads it.

The sentence stays, for desks of the release before and as evidence; rows of before have no facts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("difference", sa.Column("facts", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take it away; the sentences are there still."""
    op.drop_column("difference", "facts")
