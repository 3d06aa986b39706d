"""Who accepts what a drawer is off by is not who opened the shift; who closes somebody else's shift may.

Until now it was never who closed it, so that even a supervisor without a part in the shift needed a third person.
"""

from __future__ import annotations

from alembic import op

from cashier.books.schema.changing import change_check

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = "ck_shift_two_people"
BEFORE = "difference_approved_by IS NULL OR difference_approved_by <> closed_by"
AFTER = "difference_approved_by IS NULL OR difference_approved_by <> opened_by"


def upgrade() -> None:
    """What was closed until now fits both: the approver was neither of them."""
    change_check(op, table="shift", name=NAME, before=BEFORE, after=AFTER)


def downgrade() -> None:
    """Closed shifts stay as they are; on PostgreSQL the old condition then counts for new ones only."""
    bind = op.get_bind()
    alone = bind.exec_driver_sql(f"SELECT count(*) FROM shift WHERE NOT ({BEFORE})").scalar_one()
    if bind.dialect.name == "sqlite" or not alone:
        change_check(op, table="shift", name=NAME, before=AFTER, after=BEFORE)
        return
    op.execute(f"ALTER TABLE shift DROP CONSTRAINT {NAME}, ADD CONSTRAINT {NAME} CHECK ({BEFORE}) NOT VALID")
