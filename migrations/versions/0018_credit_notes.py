"""Credit notes: invoices of less than nothing, what is left of them, and the tender by which their credit is used.

On SQLite only the text of the CHECKs changes: the table, its guards and its rows stay as they are.
"""

from __future__ import annotations

from alembic import op

from cashier.books.schema.changing import change_check

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATUSES = "'due', 'part_paid', 'paid', 'cancelled'"
TENDERS = (
    "'checkout', 'saved_card', 'phone', 'reader', 'keyed', 'cash', 'cheque', 'bank_transfer', 'external_terminal', "
    "'online'"
)

CHANGES = (
    (
        "invoice",
        "ck_invoice_invoicestatus",
        "ck_invoice_invoicestatus",
        f"status IN ({STATUSES})",
        f"status IN ({STATUSES}, 'credit', 'credit_used')",
    ),
    (
        "invoice",
        "ck_invoice_total_not_negative",
        "ck_invoice_credit_not_returned",
        "total_minor >= 0",
        "total_minor >= 0 OR returned_minor = 0",
    ),
    (
        "invoice",
        "ck_invoice_share_within_total",
        "ck_invoice_share_within_total",
        "insurer_share_minor >= 0 AND insurer_share_minor <= total_minor",
        (
            "total_minor >= 0 AND insurer_share_minor BETWEEN 0 AND total_minor "
            "OR total_minor < 0 AND insurer_share_minor BETWEEN total_minor AND 0"
        ),
    ),
    (
        "invoice",
        "ck_invoice_paid_not_negative",
        "ck_invoice_paid_by_kind",
        "paid_minor >= 0",
        "total_minor >= 0 AND paid_minor >= 0 OR total_minor < 0 AND paid_minor <= 0",
    ),
    (
        "invoice",
        "ck_invoice_balance_not_negative",
        "ck_invoice_balance_by_kind",
        "balance_minor >= 0",
        "total_minor >= 0 AND balance_minor >= 0 OR total_minor < 0 AND balance_minor <= 0",
    ),
    (
        "payment",
        "ck_payment_tender",
        "ck_payment_tender",
        f"tender IN ({TENDERS})",
        f"tender IN ({TENDERS}, 'credit_note')",
    ),
)
"""Table, name before and after, condition before and after."""


def upgrade() -> None:
    """Allow what the new conditions allow; everything until now fits them."""
    for table, name_before, name, before, after in CHANGES:
        change_check(op, table=table, name=name_before, before=before, after=after, renamed=name)


def downgrade() -> None:
    """Go back. Raises ``RuntimeError`` where there are credit notes, which the old schema has no room for."""
    notes = "SELECT count(*) FROM invoice WHERE total_minor < 0 OR status IN ('credit', 'credit_used')"
    if op.get_bind().exec_driver_sql(notes).scalar_one():
        raise RuntimeError("there are credit notes, which the schema before has no room for")
    for table, name_before, name, before, after in reversed(CHANGES):
        change_check(op, table=table, name=name, before=after, after=before, renamed=name_before)
