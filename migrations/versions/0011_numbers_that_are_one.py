"""One number is one invoice, one patient: those that were kept with stray blanks are tidied.

And whom an invoice is of, and in which currency, stays once it is being paid or ever had money.
"""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BATCH = 10_000

_PAID = (
    "SELECT 1 FROM invoice_hold WHERE invoice_id = OLD.id "
    "UNION ALL SELECT 1 FROM allocation WHERE invoice_id = OLD.id"
)
_ON_SQLITE = (
    "CREATE TRIGGER invoice_bound BEFORE UPDATE ON invoice "
    "WHEN (NEW.patient_id IS NOT OLD.patient_id OR NEW.currency IS NOT OLD.currency) "
    f"AND EXISTS ({_PAID}) BEGIN SELECT RAISE(ABORT, 'invoice is kept as it is'); END"
)
_FUNCTION = (
    "CREATE FUNCTION cashier_refuse_invoice_bound() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN IF EXISTS ({_PAID}) THEN "
    "RAISE EXCEPTION '% is kept as it is', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; "
    "RETURN NEW; END $$"
)
_ON_POSTGRESQL = (
    "CREATE TRIGGER invoice_bound BEFORE UPDATE ON invoice FOR EACH ROW "
    "WHEN (NEW.patient_id IS DISTINCT FROM OLD.patient_id OR NEW.currency IS DISTINCT FROM OLD.currency) "
    "EXECUTE FUNCTION cashier_refuse_invoice_bound()"
)


def upgrade() -> None:
    """Tidy the numbers that are free; those that are there twice stay, and the audit names them. Make the guard."""
    _tidy(sa.table("invoice", sa.column("id"), sa.column("number")), "number")
    _tidy(sa.table("patient", sa.column("id"), sa.column("record_number")), "record_number")
    for statement in (_FUNCTION, _ON_POSTGRESQL) if op.get_bind().dialect.name == "postgresql" else (_ON_SQLITE,):
        op.execute(statement)


def downgrade() -> None:
    """Take the guard away; the numbers stay tidy."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER invoice_bound ON invoice")
        op.execute("DROP FUNCTION cashier_refuse_invoice_bound()")
    else:
        op.execute("DROP TRIGGER invoice_bound")


def _tidy(table: sa.TableClause, name: str) -> None:
    bind, column, last = op.get_bind(), table.c[name], 0
    while True:
        some = sa.select(table.c.id, column).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        rows = bind.execute(some).all()
        if not rows:
            return
        for key, number in rows:
            tidy = " ".join(unicodedata.normalize("NFC", number).split())
            if tidy != number and not bind.execute(sa.select(table.c.id).where(column == tidy)).all():
                bind.execute(sa.update(table).where(table.c.id == key).values({name: tidy}))
        last = rows[-1].id
