"""By which methods a payment may be made, since when it is pending at the bank, and what came for what was asked.

An invoice stays held while a bank has still to decide. Of payments that are under way, since when is not known better
than by when they began.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cashier.books.schema.changing import change_check
from cashier.database import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

DEPOSIT = "ck_payment_deposit_within_amount"
WITHIN_AMOUNT = "deposit_minor >= 0 AND deposit_minor <= amount_minor"
WITHIN_ASKED = "deposit_minor >= 0 AND deposit_minor <= COALESCE(asked_minor, amount_minor)"
CHECKS = {
    "asked_otherwise": "asked_minor <> amount_minor",
    "pending_since_when": "pending_until IS NULL OR pending_since IS NOT NULL",
}
BEFORE = ("amount_minor", "currency", "tender", "tendered_minor", "rounding_minor")
AFTER = ("currency", "tender", "tendered_minor", "rounding_minor", "methods")
OTHER_AMOUNT = (
    "(NEW.amount_minor <> OLD.amount_minor OR NEW.asked_minor {differs} OLD.asked_minor) AND NOT "
    "(OLD.asked_minor IS NULL AND COALESCE(NEW.asked_minor, 0) = OLD.amount_minor "
    "AND OLD.state <> 'paid' AND NEW.state = 'paid')"
)
PENDING = "SELECT 1 FROM payment WHERE id = OLD.payment_id AND state = 'processing'"


def upgrade() -> None:
    """Add the columns and their guards."""
    moment = UtcDateTime(timezone=True)
    op.add_column("payment", sa.Column("methods", sa.String(length=200), nullable=False, server_default="card"))
    op.add_column("payment", sa.Column("pending_since", moment, nullable=True))
    _add_checked("asked_minor", "BIGINT", "asked_otherwise")
    _add_checked("pending_until", "DATETIME" if _is_sqlite() else "TIMESTAMP WITH TIME ZONE", "pending_since_when")
    op.execute("UPDATE payment SET pending_since = created_at WHERE state = 'processing'")
    change_check(op, table="payment", name=DEPOSIT, before=WITHIN_AMOUNT, after=WITHIN_ASKED)
    _guard_payment(AFTER)
    _trigger("payment_amount", "payment", "UPDATE", OTHER_AMOUNT)
    _hold_what_is_pending()


def downgrade() -> None:
    """Take them away. Refused where another amount came than was asked for, and where that was below a deposit."""
    on_table = "" if _is_sqlite() else " ON {}"
    op.execute("DROP TRIGGER invoice_hold_pending" + on_table.format("invoice_hold"))
    if not _is_sqlite():
        op.execute("DROP FUNCTION cashier_refuse_invoice_hold_pending()")
    op.execute("DROP TRIGGER payment_amount" + on_table.format("payment"))
    _guard_payment(BEFORE)
    change_check(op, table="payment", name=DEPOSIT, before=WITHIN_ASKED, after=WITHIN_AMOUNT)
    if not _is_sqlite():
        for name in CHECKS:
            op.execute(f"ALTER TABLE payment DROP CONSTRAINT ck_payment_{name}")
    for column in ("pending_until", "asked_minor", "pending_since", "methods"):
        op.execute(f"ALTER TABLE payment DROP COLUMN {column}")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add_checked(column: str, kind: str, check: str) -> None:
    op.execute(
        f"ALTER TABLE payment ADD COLUMN {column} {kind} CONSTRAINT ck_payment_{check} CHECK ({CHECKS[check]})"
    )


def _guard_payment(columns: tuple[str, ...]) -> None:
    """Have ``columns`` of a payment stay as they were inserted."""
    op.execute("DROP TRIGGER payment_written_once" + ("" if _is_sqlite() else " ON payment"))
    changed = " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in columns)
    _trigger("payment_written_once", "payment", "UPDATE", changed)


def _hold_what_is_pending() -> None:
    if _is_sqlite():
        _trigger("invoice_hold_pending", "invoice_hold", "DELETE", f"EXISTS ({PENDING})")
        return
    function = "cashier_refuse_invoice_hold_pending"
    op.execute(
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS ({PENDING}) THEN "
        "RAISE EXCEPTION '% is kept as it is', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER invoice_hold_pending BEFORE DELETE ON invoice_hold "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )


def _trigger(name: str, table: str, event: str, condition: str) -> None:
    if _is_sqlite():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition.format(differs='IS NOT')} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is kept as it is'); END"
        )
        return
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
        f"FOR EACH ROW WHEN ({condition.format(differs='IS DISTINCT FROM')}) EXECUTE FUNCTION cashier_refuse()"
    )
