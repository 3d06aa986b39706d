"""Records that stay: what tells about money can be added to, but never changed or deleted.

Where a record has a life of its own, what it was made for stays, and so does how it ended.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NEVER_CHANGED = (
    "allocation",
    "cash_movement",
    "deposit_use",
    "journal_entry",
    "payment_item",
    "receipt",
    "receipt_document",
    "receipt_print",
    "shift_count",
)
NEVER_DELETED = (
    *NEVER_CHANGED,
    "card_reader",
    "difference",
    "dispute",
    "invoice",
    "journal_head",
    "patient",
    "payment",
    "receipt_series",
    "refund",
    "shift",
    "staff",
    "stripe_customer",
    "stripe_event",
)
ONLY_FORWARD = {"journal_head": "number", "receipt_series": "last_number"}
WRITTEN_ONCE = {
    "payment": ("patient_id", "amount_minor", "currency", "tender", "tendered_minor", "rounding_minor"),
    "refund": ("payment_id", "amount_minor", "currency", "way", "rounding_minor", "requested_by"),
    "shift": ("desk_id", "number", "currency", "float_minor", "opened_by"),
}
# Once the first column is filled, neither of them changes again.
FINAL = {
    "refund": ("decided_by",),
    "shift": ("closed_at", "closed_by", "expected_minor", "counted_minor", "difference_approved_by", "facts"),
}


def upgrade() -> None:
    """Put a guard before every such table."""
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
    else:
        _guard_postgresql()


def downgrade() -> None:
    """Take the guards away."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table in _guards():
        op.execute(f"DROP TRIGGER {name}" + ("" if is_sqlite else f" ON {table}"))
    if not is_sqlite:
        op.execute("DROP FUNCTION cashier_refuse()")


def _guards() -> list[tuple[str, str]]:
    return [
        *((f"{table}_unchanged", table) for table in NEVER_CHANGED),
        *((f"{table}_kept", table) for table in NEVER_DELETED),
        *((f"{table}_forward", table) for table in ONLY_FORWARD),
        *((f"{table}_written_once", table) for table in WRITTEN_ONCE),
        *((f"{table}_final", table) for table in FINAL),
    ]


def _conditions(differs: str) -> list[tuple[str, str, str]]:
    """Return the name, the table and the condition of each guard before a change of what stays."""

    def changed(columns: tuple[str, ...]) -> str:
        return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)

    return [
        *((f"{table}_forward", table, f"NEW.{column} <> OLD.{column} + 1") for table, column in ONLY_FORWARD.items()),
        *((f"{table}_written_once", table, changed(columns)) for table, columns in WRITTEN_ONCE.items()),
        *(
            (f"{table}_final", table, f"OLD.{columns[0]} IS NOT NULL AND ({changed(columns)})")
            for table, columns in FINAL.items()
        ),
    ]


def _guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, '{table} is kept as it is'); END"
    for table in NEVER_CHANGED:
        op.execute(f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} {refuse.format(table=table)}")
    for table in NEVER_DELETED:
        op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} {refuse.format(table=table)}")
    for name, table, condition in _conditions("IS NOT"):
        op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {condition} {refuse.format(table=table)}")


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION cashier_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is kept as it is', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in NEVER_CHANGED:
        op.execute(
            f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION cashier_refuse()"
        )
    for table in NEVER_DELETED:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION cashier_refuse()"
        )
    for name, table, condition in _conditions("IS DISTINCT FROM"):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({condition}) EXECUTE FUNCTION cashier_refuse()"
        )
