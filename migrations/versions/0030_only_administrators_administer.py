"""On PostgreSQL, people and limits are changed only while an administrator is signed in at that account."""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

FUNCTION = """
CREATE FUNCTION cashier_administered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM staff_administers();
  RETURN NEW;
END $$"""
CHANGED = " OR ".join(
    f"NEW.{column} IS DISTINCT FROM OLD.{column}"
    for column in ("sign_in_name", "display_name", "role", "badge_digest", "is_active")
)
TRIGGERS = (
    ("staff_added", "staff", "INSERT", ""),
    ("staff_administered", "staff", "UPDATE", f"WHEN ({CHANGED}) "),
    ("approval_limit_administered", "approval_limit", "INSERT OR UPDATE", ""),
)


def upgrade() -> None:
    """Make the function and its triggers."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(FUNCTION.strip())
    op.execute("REVOKE EXECUTE ON FUNCTION cashier_administered() FROM PUBLIC")
    for name, table, event, when in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
            f"FOR EACH ROW {when}EXECUTE FUNCTION cashier_administered()"
        )


def downgrade() -> None:
    """Take them away."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for name, table, _event, _when in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute("DROP FUNCTION cashier_administered()")
