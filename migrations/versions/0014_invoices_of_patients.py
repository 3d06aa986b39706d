"""Invoices of patients by status, newest first: what a keystroke looks through."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index, and take away the one that it contains."""
    op.create_index("ix_invoice_patient_id_status_id", "invoice", ["patient_id", "status", "id"])
    op.drop_index(op.f("ix_invoice_patient_id"), table_name="invoice")


def downgrade() -> None:
    """Put the smaller index back."""
    op.create_index(op.f("ix_invoice_patient_id"), "invoice", ["patient_id"])
    op.drop_index("ix_invoice_patient_id_status_id", table_name="invoice")
