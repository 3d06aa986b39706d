"""When Stripe itself confirmed a payment or a refund to somebody who is no desk, and differences that tell of it.

What is there already waits to be confirmed like all that comes: nobody asked yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cashier.books.schema.changing import change_check
from cashier.database import UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BEFORE = (
    "'unknown_charge', 'missing_charge', 'amount_differs', 'late_payment', 'overpaid', 'refunded_elsewhere', "
    "'refund_differs', 'disputed', 'money_gone', 'refund_came_back'"
)
KINDS = "'unconfirmed', 'refund_unconfirmed', 'refund_unknown'"
KIND = {"table": "difference", "name": "ck_difference_differencekind"}
AT_STRIPE = "tender IN ('checkout', 'saved_card', 'phone', 'reader', 'keyed', 'online')"
WAITING = {
    "payment": (
        "created_at",
        f"confirmed_at IS NULL AND state = 'paid' AND {AT_STRIPE}",
        "paid",
        ("confirmed_at", "state", "amount_minor", "asked_minor", "stripe_intent_id", "stripe_charge_id"),
    ),
    "refund": (
        "requested_at",
        "confirmed_at IS NULL AND state = 'succeeded' AND way = 'card'",
        "succeeded",
        ("confirmed_at", "stripe_refund_id"),
    ),
}
"""Of each table: by what its waiting rows are ordered, which those are, in which state they are confirmed, and what
stays then."""


def upgrade() -> None:
    """Add the columns with their guards and indexes, and let differences tell of it."""
    for table, (order, waiting, state, columns) in WAITING.items():
        op.add_column(table, sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=True))
        where = sa.text(waiting)
        op.create_index(f"ix_{table}_unconfirmed", table, [order], sqlite_where=where, postgresql_where=where)
        changed = " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in columns)
        _trigger(f"{table}_unconfirmed", table, "INSERT", "NEW.confirmed_at IS NOT NULL")
        _trigger(
            f"{table}_confirmed",
            table,
            "UPDATE",
            f"OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL AND NEW.state <> '{state}' "
            f"OR OLD.confirmed_at IS NOT NULL AND ({changed})",
        )
    change_check(op, **KIND, before=f"kind IN ({BEFORE})", after=f"kind IN ({BEFORE}, {KINDS})")


def downgrade() -> None:
    """Go back. Raises ``RuntimeError`` where such a difference was noted: the old schema has no room for it."""
    noted = sa.text(f"SELECT count(*) FROM difference WHERE kind IN ({KINDS})")
    if op.get_bind().execute(noted).scalar_one():
        raise RuntimeError("what Stripe did not confirm was noted, and the older schema has no room for it")
    change_check(op, **KIND, before=f"kind IN ({BEFORE}, {KINDS})", after=f"kind IN ({BEFORE})")
    for table in WAITING:
        for name in ("confirmed", "unconfirmed"):
            op.execute(f"DROP TRIGGER {table}_{name}{'' if _is_sqlite() else f' ON {table}'}")
        op.drop_index(f"ix_{table}_unconfirmed", table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN confirmed_at")


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


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
