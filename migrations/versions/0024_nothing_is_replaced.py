"""On SQLite, no row takes the place of another: guards against ``INSERT OR REPLACE`` and ``UPDATE OR REPLACE``."""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KEYS = (
    ("allocation", "id", ()),
    (
        "api_client",
        "id",
        (
            "desk_id",
            "name",
            "staff_id",
        ),
    ),
    ("api_key", "public_id", ()),
    ("card_reader", "id", ("stripe_id",)),
    ("cash_movement", "id", ()),
    ("client_refund_limit", "client_id", ()),
    ("deposit_use", "id", ()),
    ("dispute", "stripe_id", ()),
    ("former_customer", "stripe_id", ()),
    ("invoice", "id", ("number",)),
    ("journal_entry", "number", ()),
    ("journal_head", "id", ()),
    (
        "patient",
        "id",
        (
            "record_number",
            "reference",
        ),
    ),
    (
        "payment",
        "id",
        (
            "stripe_intent_id",
            "stripe_session_id",
        ),
    ),
    ("payment_item", "payment_id invoice_id", ()),
    ("payment_link", "id", ("digest",)),
    (
        "receipt",
        "id",
        (
            "refund_id kind",
            "series number",
        ),
    ),
    ("receipt_document", "receipt_id", ()),
    ("receipt_print", "receipt_id copy", ()),
    ("receipt_translation", "receipt_id language", ()),
    ("refund", "id", ("stripe_refund_id",)),
    ("reversal", "id", ("dispute_id", "refund_id")),
    ("shift", "id", ("desk_id number",)),
    ("shift_count", "shift_id value_minor", ()),
    (
        "staff",
        "id",
        (
            "badge_digest",
            "sign_in_name",
        ),
    ),
    ("stripe_customer", "patient_id", ("stripe_id",)),
)
"""Each table whose rows are kept, with the columns of its primary key and of its other keys."""

NEVER_CHANGED = frozenset(
    {
        "allocation",
        "cash_movement",
        "deposit_use",
        "former_customer",
        "journal_entry",
        "payment_item",
        "receipt",
        "receipt_document",
        "receipt_print",
        "receipt_translation",
        "reversal",
        "shift_count",
    }
)
"""Tables whose rows are never changed, so that only new rows could take a place."""

PARTIAL = (
    ("receipt", "payment_id", "kind", "{row}kind = 'payment'"),
    ("receipt", "reversal_id", "reversal_id", "{row}reversal_id IS NOT NULL"),
    ("refund", "instead_of", "state", "{row}state NOT IN ('rejected', 'expired', 'failed')"),
    ("shift", "desk_id", "closed_at", "{row}closed_at IS NULL"),
)
"""Keys of some rows of a table: the column that says of which, and the condition."""


def upgrade() -> None:
    """Put the guards in, on SQLite: PostgreSQL has no such statements."""
    if op.get_bind().dialect.name == "sqlite":
        for _, statement in _guards():
            op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take them out."""
    if op.get_bind().dialect.name == "sqlite":
        for name, _ in _guards():
            op.execute(f"DROP TRIGGER {name}")


def _guards() -> Iterator[tuple[str, str]]:
    for table, primary, others in KEYS:
        key = primary.split()
        yield _inserted(table, key, "")
        if table not in NEVER_CHANGED:
            differs = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in key)
            name = f"{table}_{'_'.join(key)}_stays"
            yield (
                name,
                (
                    f"CREATE TRIGGER {name} BEFORE UPDATE OF {', '.join(key)} ON {table} WHEN {differs} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is kept as it is'); END"
                ),
            )
        for other in others:
            yield from _unique(table, other.split(), "", "")
    for table, columns, about, condition in PARTIAL:
        yield from _unique(table, columns.split(), about, condition)


def _unique(table: str, columns: list[str], about: str, condition: str) -> Iterator[tuple[str, str]]:
    yield _inserted(table, columns, condition)
    if table in NEVER_CHANGED:
        return
    name = f"{table}_{'_'.join(columns)}_moved"
    taken, refuse = _words(table, columns, condition)
    changed = ", ".join([*columns, about] if about else columns)
    yield (
        name,
        (
            f"CREATE TRIGGER {name} BEFORE UPDATE OF {changed} ON {table} "
            f"WHEN {taken} AND rowid <> OLD.rowid) {refuse}"
        ),
    )


def _inserted(table: str, columns: list[str], condition: str) -> tuple[str, str]:
    name = f"{table}_{'_'.join(columns)}_taken"
    taken, refuse = _words(table, columns, condition)
    return name, f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {taken}) {refuse}"


def _words(table: str, columns: list[str], condition: str) -> tuple[str, str]:
    same = " AND ".join(f"{column} = NEW.{column}" for column in columns)
    of_new = f"{condition.format(row='NEW.')} AND " if condition else ""
    of_other = f" AND {condition.format(row='')}" if condition else ""
    broken = ", ".join(f"{table}.{column}" for column in columns)
    refuse = f"BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: {broken}'); END"
    return f"{of_new}EXISTS (SELECT 1 FROM {table} WHERE {same}{of_other}", refuse
