"""Clients of the API: who they are, their keys, and what they asked lately; payments away from every desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cashier.books.schema.changing import change_check
from cashier.database import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TENDERS = (
    "checkout", "saved_card", "phone", "reader", "keyed", "cash", "cheque", "bank_transfer", "external_terminal",
)  # fmt: skip
_ROLES = ("cashier", "supervisor", "administrator", "auditor")
_KEPT = ("api_client", "api_key")


def upgrade() -> None:
    """Make the tables; a desk that was there is a counter, a payment that was there saved no card by itself."""
    op.create_table(
        "api_client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("scopes", sa.String(length=400), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["desk_id"], ["desk.id"], name=op.f("fk_api_client_desk_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_api_client_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_client")),
        sa.UniqueConstraint("desk_id", name=op.f("uq_api_client_desk_id")),
        sa.UniqueConstraint("name", name=op.f("uq_api_client_name")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_api_client_staff_id")),
    )
    _make_keys()
    op.create_table(
        "api_request",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_api_request_client_id")),
        sa.PrimaryKeyConstraint("client_id", "key", name=op.f("pk_api_request")),
    )
    op.create_index("ix_api_request_at", "api_request", ["at"])
    op.add_column("desk", sa.Column("is_counter", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("payment", sa.Column("saves_card", sa.Boolean(), nullable=False, server_default=sa.false()))
    _change("payment", "ck_payment_tender", "tender", _TENDERS, (*_TENDERS, "online"))
    for table in ("staff", "approval_limit"):
        _change(table, f"ck_{table}_role", "role", _ROLES, (*_ROLES, "service"))
    for table in _KEPT:
        _guard(table)


def downgrade() -> None:
    """Take them away. What clients of the API did is lost with them, so there must be none."""
    _change("payment", "ck_payment_tender", "tender", (*_TENDERS, "online"), _TENDERS)
    for table in ("staff", "approval_limit"):
        _change(table, f"ck_{table}_role", "role", (*_ROLES, "service"), _ROLES)
    op.drop_column("payment", "saves_card")
    op.drop_column("desk", "is_counter")
    for table in ("api_request", "api_token", "api_key", "api_client"):
        op.drop_table(table)


def _make_keys() -> None:
    op.create_table(
        "api_key",
        sa.Column("public_id", sa.String(length=9), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_api_key_client_id")),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_api_key")),
    )
    op.create_index("ix_api_key_client_id", "api_key", ["client_id"])
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "api_token",
        sa.Column("public_id", sa.String(length=9), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("patient_id", big, nullable=False),
        sa.Column("invoice_id", big, nullable=True),
        sa.Column("scopes", sa.String(length=400), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["api_client.id"], name=op.f("fk_api_token_client_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoice.id"], name=op.f("fk_api_token_invoice_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_api_token_patient_id")),
        sa.PrimaryKeyConstraint("public_id", name=op.f("pk_api_token")),
    )
    op.create_index("ix_api_token_client_id", "api_token", ["client_id"])
    op.create_index("ix_api_token_ends_at", "api_token", ["ends_at"])


def _change(table: str, name: str, column: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    conditions = [f"{column} IN ({', '.join(repr(each) for each in members)})" for members in (before, after)]
    change_check(op, table=table, name=name, before=conditions[0], after=conditions[1])


def _guard(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is kept as it is'); END"
        )
        return
    op.execute(f"CREATE TRIGGER {table}_kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION cashier_refuse()")
