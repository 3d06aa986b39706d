"""Events for other systems, which the database itself writes where money moves, and where they are sent."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from cashier.database import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = ("outgoing_delivery", "outgoing_endpoint", "outgoing_event", "outgoing_head")
KINDS = (
    "payment.settled", "payment.failed", "deposit.taken", "refund.succeeded", "refund.failed", "dispute.opened",
    "dispute.changed", "dispute.closed", "invoice.balance_changed",
)  # fmt: skip
WRITTEN_ONCE = (
    "id", "kind", "at", "invoice_id", "payment_id", "refund_id", "dispute_id", "amount_minor", "currency", "state",
    "tender", "reason",
)  # fmt: skip
KEYS = (
    ("outgoing_endpoint", "id", ("name",)),
    ("outgoing_event", "number", ("id", "position")),
    ("outgoing_head", "id", ()),
)
"""Each table whose rows are kept, with its primary key and its other keys."""

ENDED = "('won', 'lost', 'warning_closed', 'prevented')"
DEPOSIT = "NEW.amount_minor - COALESCE(NEW.asked_minor, NEW.amount_minor) + NEW.deposit_minor"
PAYMENT = {
    "payment_id": "NEW.id", "amount_minor": "NEW.amount_minor", "currency": "NEW.currency", "state": "NEW.state",
    "tender": "NEW.tender",
}  # fmt: skip
REFUND = {
    "payment_id": "NEW.payment_id", "refund_id": "NEW.id", "amount_minor": "NEW.amount_minor",
    "currency": "NEW.currency", "state": "NEW.state",
}  # fmt: skip
DISPUTE = {
    "payment_id": "NEW.payment_id", "dispute_id": "NEW.stripe_id", "amount_minor": "NEW.amount_minor",
    "currency": "NEW.currency", "state": "NEW.status", "reason": "NEW.reason",
}  # fmt: skip
INVOICE = {
    "invoice_id": "NEW.id", "amount_minor": "NEW.balance_minor", "currency": "NEW.currency", "state": "NEW.status",
}  # fmt: skip
REACHED = (
    ("payment.settled", "payment", "paid", PAYMENT, ""),
    ("payment.failed", "payment", "cancelled", PAYMENT | {"reason": "NEW.decline_code"}, ""),
    (
        "deposit.taken",
        "payment",
        "paid",
        PAYMENT
        | {"amount_minor": f"CASE WHEN NEW.deposit_minor < {DEPOSIT} THEN NEW.deposit_minor ELSE {DEPOSIT} END"},
        f" AND NEW.deposit_minor > 0 AND {DEPOSIT} > 0",
    ),
    ("refund.succeeded", "refund", "succeeded", REFUND, ""),
    ("refund.failed", "refund", "failed", REFUND, ""),
)
"""What is told of rows that come into a state: kind, table, state, the event's columns, and what has to hold."""
DISPUTED = "(NEW.status <> OLD.status OR NEW.amount_minor <> OLD.amount_minor)"
BALANCE = "NEW.balance_minor <> OLD.balance_minor OR (NEW.status = 'cancelled') <> (OLD.status = 'cancelled')"
OTHERS = (
    ("dispute.opened", "dispute", "INSERT", "", DISPUTE),
    (
        "dispute.changed",
        "dispute",
        "UPDATE OF status, amount_minor",
        f"{DISPUTED} AND NEW.status NOT IN {ENDED}",
        DISPUTE,
    ),
    ("dispute.closed", "dispute", "UPDATE OF status, amount_minor", f"{DISPUTED} AND NEW.status IN {ENDED}", DISPUTE),
    ("invoice.balance_changed", "invoice", "UPDATE OF balance_minor, status", BALANCE, INVOICE),
)
"""What is told besides: kind, table, of which statement, under which condition, the event's columns."""


def upgrade() -> None:
    """Make the tables with their guards, and then the triggers that write events."""
    _make_events()
    _make_endpoints()
    moment = "strftime('%Y-%m-%d %H:%M:%f000', 'now')" if _is_sqlite() else "clock_timestamp()"
    op.get_bind().exec_driver_sql(f"INSERT INTO outgoing_head (id, position, since) VALUES (1, 0, {moment})")
    for table, _, _ in KEYS:
        _guard(table, "kept", "DELETE")
    differ = " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in WRITTEN_ONCE)
    _guard("outgoing_event", "written_once", "UPDATE", differ)
    moved = "NEW.position {differs} OLD.position"
    _guard("outgoing_event", "final", "UPDATE", f"OLD.position IS NOT NULL AND ({moved})")
    statements = _against_replacing() if _is_sqlite() else ()
    for statement in (*statements, *_tellers()):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take them away: what was not sent yet is never told."""
    for name, table, *_ in _told():
        op.execute(f"DROP TRIGGER tell_{name}{'' if _is_sqlite() else f' ON {table}'}")
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION cashier_tell_{name}()")
    for table in TABLES:
        op.drop_table(table)


def _make_events() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "outgoing_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_outgoing_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_head")),
    )
    op.create_table(
        "outgoing_event",
        sa.Column("number", big, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _one_of("eventkind", KINDS), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("invoice_id", big, nullable=True),
        sa.Column("payment_id", sa.Uuid(), nullable=True),
        sa.Column("refund_id", sa.Uuid(), nullable=True),
        sa.Column("dispute_id", sa.String(length=64), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("tender", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(invoice_id IS NULL) <> (payment_id IS NULL)", name=op.f("ck_outgoing_event_about_one_thing")
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_outgoing_event_invoice_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_outgoing_event_payment_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_outgoing_event_refund_id")),
        sa.ForeignKeyConstraint(["dispute_id"], ["dispute.stripe_id"], name=op.f("fk_outgoing_event_dispute_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outgoing_event")),
        sa.UniqueConstraint("id", name=op.f("uq_outgoing_event_id")),
        sa.UniqueConstraint("position", name=op.f("uq_outgoing_event_position")),
    )
    _index("ix_outgoing_event_without_position", "outgoing_event", ["number"], "position IS NULL")


def _make_endpoints() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "outgoing_endpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("off_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("off_reason", sa.String(length=40), nullable=False),
        sa.Column("rests_until", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_endpoint")),
        sa.UniqueConstraint("name", name=op.f("uq_outgoing_endpoint_name")),
    )
    op.create_table(
        "outgoing_delivery",
        sa.Column("id", big, nullable=False),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("event_number", big, nullable=False),
        sa.Column("about", sa.String(length=48), nullable=False),
        sa.Column("state", _one_of("deliverystate", ("waiting", "delivered", "given_up")), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["outgoing_endpoint.id"], name=op.f("fk_outgoing_delivery_endpoint_id")
        ),
        sa.ForeignKeyConstraint(
            ["event_number"], ["outgoing_event.number"], name=op.f("fk_outgoing_delivery_event_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_delivery")),
        sa.UniqueConstraint(
            "endpoint_id", "event_number", name=op.f("uq_outgoing_delivery_endpoint_id_event_number")
        ),
    )
    waiting = "state = 'waiting'"
    _index("ix_outgoing_delivery_due", "outgoing_delivery", ["endpoint_id", "due_at"], waiting)
    _index("ix_outgoing_delivery_about", "outgoing_delivery", ["endpoint_id", "about", "event_number"], waiting)
    _index("ix_outgoing_delivery_given_up", "outgoing_delivery", ["endpoint_id"], "state = 'given_up'")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _guard(table: str, name: str, event: str, condition: str = "") -> None:
    if _is_sqlite():
        when = f"WHEN {condition.format(differs='IS NOT')} " if condition else ""
        op.execute(
            f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{table} is kept as it is'); END"
        )
        return
    when = f"WHEN ({condition.format(differs='IS DISTINCT FROM')}) " if condition else ""
    op.execute(
        f"CREATE TRIGGER {table}_{name} BEFORE {event} ON {table} "
        f"FOR EACH ROW {when}EXECUTE FUNCTION cashier_refuse()"
    )


def _against_replacing() -> Iterator[str]:
    for table, key, others in KEYS:
        yield _taken(f"{table}_{key}_taken BEFORE INSERT", table, key, "")
        yield (
            f"CREATE TRIGGER {table}_{key}_stays BEFORE UPDATE OF {key} ON {table} WHEN NEW.{key} IS NOT OLD.{key} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is kept as it is'); END"
        )
        for other in others:
            yield _taken(f"{table}_{other}_taken BEFORE INSERT", table, other, "")
            yield _taken(f"{table}_{other}_moved BEFORE UPDATE OF {other}", table, other, " AND rowid <> OLD.rowid")


def _taken(begin: str, table: str, column: str, but: str) -> str:
    return (
        f"CREATE TRIGGER {begin} ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {column} = NEW.{column}{but}) "
        f"BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: {table}.{column}'); END"
    )


def _told() -> Iterator[tuple[str, str, str, str, str, dict[str, str]]]:
    """Yield name, table, statement, condition, kind and columns of each trigger that writes an event."""
    for kind, table, state, values, given in REACHED:
        name, is_there = kind.replace(".", "_"), f"NEW.state = '{state}'{given}"
        yield f"{name}_new", table, "INSERT", is_there, kind, values
        yield name, table, "UPDATE OF state", f"OLD.state <> '{state}' AND {is_there}", kind, values
    for kind, table, event, condition, values in OTHERS:
        yield kind.replace(".", "_"), table, event, condition, kind, values


def _tellers() -> Iterator[str]:
    for name, table, event, condition, kind, values in _told():
        new_id = "lower(hex(randomblob(16)))" if _is_sqlite() else "gen_random_uuid()"
        moment = "strftime('%Y-%m-%d %H:%M:%f000', 'now')" if _is_sqlite() else "clock_timestamp()"
        columns = {"id": new_id, "kind": f"'{kind}'", "at": moment, **values}
        row = f"INSERT INTO outgoing_event ({', '.join(columns)}) VALUES ({', '.join(columns.values())})"
        begin = f"CREATE TRIGGER tell_{name} AFTER {event} ON {table} "
        if _is_sqlite():
            yield begin + (f"WHEN {condition} " if condition else "") + f"BEGIN {row}; END"
            continue
        yield (
            f"CREATE FUNCTION cashier_tell_{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = public, pg_temp AS $$ BEGIN {row}; RETURN NULL; END $$"
        )
        yield f"REVOKE ALL ON FUNCTION cashier_tell_{name}() FROM PUBLIC"
        when = f"WHEN ({condition}) " if condition else ""
        yield f"{begin}FOR EACH ROW {when}EXECUTE FUNCTION cashier_tell_{name}()"


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
