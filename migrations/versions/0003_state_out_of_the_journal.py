"""State out of the journal, and codes for what was English.

Why a refund was rejected, who took a payment over, which customers are gone at Stripe, how often a drawer was counted
and its report handed out: what windows and rules ask for gets columns, filled from the journal.
The hospital's reason of a refund and what contradicts Stripe get codes; the sentences stay, for desks of the release
before and as evidence. All is added, nothing taken away: desks of the release before keep working.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The same words for both databases, without rebuilding a table: SQLite would lose the guards before it.
COLUMNS = (
    ("payment", "taken_over_by", "INTEGER CONSTRAINT fk_payment_taken_over_by REFERENCES staff (id)"),
    ("payment", "taken_over_desk_id", "INTEGER CONSTRAINT fk_payment_taken_over_desk_id REFERENCES desk (id)"),
    ("payment", "contradiction_code", "VARCHAR(32)"),
    ("payment", "contradiction_values", "TEXT"),
    ("refund", "turned_down", "VARCHAR(400)"),
    ("refund", "reason_code", "VARCHAR(32)"),
    ("refund", "contradiction_code", "VARCHAR(32)"),
    ("refund", "contradiction_values", "TEXT"),
    ("shift", "counted_times", "INTEGER DEFAULT 0 NOT NULL"),
    ("shift", "handed_out_times", "INTEGER DEFAULT 0 NOT NULL"),
)
REASONS = {
    "Paid twice": "paid_twice",
    "Wrong amount taken": "wrong_amount",
    "Wrong invoice or patient": "wrong_invoice",
    "Appointment cancelled": "appointment_cancelled",
    "Service not given": "service_not_given",
    "Insurer pays after all": "insurer_pays",
    "Price corrected": "price_corrected",
    "Deposit not used": "deposit_not_used",
    "Card used without its owner's consent": "card_misused",
    "Another reason": "other",
}
# The beginnings of sentences; what has amounts in it is shown as it was written.
CONTRADICTIONS = {
    "payment": {
        "Stripe says cancelled, but this payment": "cancelled_after_paid",
        "Stripe charged ": "other_amount_charged",
        "It was paid after it had been taken for": "paid_after_cancelled",
    },
    "refund": {
        "Two refunds at Stripe belong to": "two_at_stripe",
        "Stripe refunded % where only ": "refunded_twice",
        "Stripe refunded ": "other_amount_refunded",
        "It was refunded after it had been taken for": "refunded_after_failed",
    },
}
GUARDS = {"former_customer_unchanged": "UPDATE", "former_customer_kept": "DELETE"}


def upgrade() -> None:
    """Add the columns and the table of former customers, and fill them."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table, column, definition in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition}")
    op.create_table(
        "former_customer",
        sa.Column("stripe_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_former_customer_patient_id")),
        sa.PrimaryKeyConstraint("stripe_id", name=op.f("pk_former_customer")),
    )
    op.create_index(op.f("ix_former_customer_patient_id"), "former_customer", ["patient_id"])
    _fill_from_journal(is_sqlite=is_sqlite)
    _fill_codes()
    refuse = (
        "BEGIN SELECT RAISE(ABORT, 'former_customer is kept as it is'); END"
        if is_sqlite
        else "FOR EACH ROW EXECUTE FUNCTION cashier_refuse()"
    )
    for name, change in GUARDS.items():
        op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON former_customer {refuse}")


def downgrade() -> None:
    """Take them away again: the journal and the sentences still tell it."""
    op.drop_table("former_customer")
    for table, column, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _fill_from_journal(*, is_sqlite: bool) -> None:
    def fact(name: str) -> str:
        return f"json_extract(facts, '$.{name}')" if is_sqlite else f"(facts::jsonb ->> '{name}')"

    def told(action: str, table: str) -> str:
        key = f"{table}.id::text"
        if is_sqlite:
            # An id is 32 digits there, and has hyphens in the journal.
            parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
            key = " || '-' || ".join(f"substr({table}.id, {start}, {length})" for start, length in parts)
        return f"FROM journal_entry WHERE subject = '{table}' AND subject_id = {key} AND action = '{action}'"

    newest = "ORDER BY number DESC LIMIT 1"
    op.execute(
        f"UPDATE refund SET turned_down = (SELECT {fact('why')} {told('refund rejected', 'refund')} {newest}) "
        "WHERE state = 'rejected'"
    )
    # Nobody's words, but the program's for a request that was taken back without any.
    op.execute("UPDATE refund SET turned_down = '' WHERE turned_down = 'Taken back.' AND decided_by IS NULL")
    taken_over = told("payment taken over", "payment")
    op.execute(
        f"UPDATE payment SET taken_over_by = (SELECT staff_id {taken_over} {newest}), "
        f"taken_over_desk_id = (SELECT desk_id {taken_over} {newest}) WHERE EXISTS (SELECT 1 {taken_over})"
    )
    of_shift = "SELECT count(*) FROM journal_entry WHERE subject = 'shift' AND subject_id = CAST(shift.id AS VARCHAR)"
    op.execute(
        f"UPDATE shift SET counted_times = ({of_shift} AND action = 'drawer counted'), "
        f"handed_out_times = ({of_shift} AND action IN ('shift report printed', 'shift report reprinted'))"
    )
    op.execute(
        "INSERT INTO former_customer (stripe_id, patient_id, deleted_at) "
        f"SELECT {fact('customer')}, min(CAST(subject_id AS BIGINT)), min(at) FROM journal_entry "
        f"WHERE action = 'customer deleted' GROUP BY {fact('customer')}"
    )


def _fill_codes() -> None:
    bind = op.get_bind()
    refund = sa.table("refund", sa.column("hospital_reason"), sa.column("reason_code"))
    reasons = sa.case(REASONS, value=refund.c.hospital_reason)
    bind.execute(sa.update(refund).where(refund.c.hospital_reason.in_(list(REASONS))).values(reason_code=reasons))
    for name, codes in CONTRADICTIONS.items():
        table = sa.table(name, sa.column("contradiction"), sa.column("contradiction_code"))
        code = sa.case(*((table.c.contradiction.like(f"{begins}%"), code) for begins, code in codes.items()))
        bind.execute(sa.update(table).where(table.c.contradiction.is_not(None)).values(contradiction_code=code))
