"""Patients that the hospital merges: the old record number stays, and leads to the patient that it was merged into.

Money keeps its patient, but for one way: what was an old record's may become that patient's whom it was merged into.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

IS_MERGED = "SELECT 1 FROM patient WHERE id = OLD.patient_id AND merged_into_id = NEW.patient_id"
PAID = (
    "SELECT 1 FROM invoice_hold WHERE invoice_id = OLD.id "
    "UNION ALL SELECT 1 FROM allocation WHERE invoice_id = OLD.id"
)
PAID_AND_NOT_MERGED = f"{PAID} AND (NEW.currency <> OLD.currency OR NOT EXISTS ({IS_MERGED}))"
NOT_MERGED = f"SELECT 1 WHERE NOT EXISTS ({IS_MERGED})"
NOT_FURTHER = (
    "SELECT 1 WHERE OLD.merged_into_id IS NOT NULL AND NOT EXISTS "
    "(SELECT 1 FROM patient WHERE id = OLD.merged_into_id AND merged_into_id = NEW.merged_into_id)"
)
OF_INVOICE = ("patient_id", "currency")
OF_PAYMENT = ("amount_minor", "currency", "tender", "tendered_minor", "rounding_minor")


def upgrade() -> None:
    """Add the column, and let what belongs to an old record follow it."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(
        f"ALTER TABLE patient ADD COLUMN merged_into_id {'INTEGER' if is_sqlite else 'BIGINT'} "
        "CONSTRAINT fk_patient_merged_into_id REFERENCES patient (id) "
        "CONSTRAINT ck_patient_merged_into_another CHECK (merged_into_id <> id)"
    )
    is_merged = sa.text("merged_into_id IS NOT NULL")
    op.create_index(
        "ix_patient_merged_into_id", "patient", ["merged_into_id"], sqlite_where=is_merged, postgresql_where=is_merged
    )
    _drop_bound("invoice")
    _make_bound("invoice", OF_INVOICE, PAID_AND_NOT_MERGED)
    op.execute("DROP TRIGGER payment_written_once" + ("" if is_sqlite else " ON payment"))
    _make_written_once(OF_PAYMENT)
    _make_bound("payment", ("patient_id",), NOT_MERGED)
    _make_bound("patient", ("merged_into_id",), NOT_FURTHER)


def downgrade() -> None:
    """Take it away; what followed an old record stays where it is, and the old number leads nowhere."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _drop_bound("patient")
    _drop_bound("payment")
    op.execute("DROP TRIGGER payment_written_once" + ("" if is_sqlite else " ON payment"))
    _make_written_once(("patient_id", *OF_PAYMENT))
    _drop_bound("invoice")
    _make_bound("invoice", OF_INVOICE, PAID)
    op.drop_index("ix_patient_merged_into_id", "patient")
    if not is_sqlite:
        op.execute("ALTER TABLE patient DROP CONSTRAINT ck_patient_merged_into_another")
    op.execute("ALTER TABLE patient DROP COLUMN merged_into_id")


def _drop_bound(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {table}_bound")
    else:
        op.execute(f"DROP TRIGGER {table}_bound ON {table}")
        op.execute(f"DROP FUNCTION cashier_refuse_{table}_bound()")


def _make_bound(table: str, columns: tuple[str, ...], given: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_bound BEFORE UPDATE ON {table} "
            f"WHEN ({_changed(columns, 'IS NOT')}) AND EXISTS ({given}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is kept as it is'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION cashier_refuse_{table}_bound() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF EXISTS ({given}) THEN "
        "RAISE EXCEPTION '% is kept as it is', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_bound BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN ({_changed(columns, 'IS DISTINCT FROM')}) EXECUTE FUNCTION cashier_refuse_{table}_bound()"
    )


def _make_written_once(columns: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER payment_written_once BEFORE UPDATE ON payment WHEN {_changed(columns, 'IS NOT')} "
            "BEGIN SELECT RAISE(ABORT, 'payment is kept as it is'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER payment_written_once BEFORE UPDATE ON payment FOR EACH ROW "
        f"WHEN ({_changed(columns, 'IS DISTINCT FROM')}) EXECUTE FUNCTION cashier_refuse()"
    )


def _changed(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in columns)
