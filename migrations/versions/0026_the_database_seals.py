"""The database seals the journal: drafts become entries inside COMMIT. What is kept is not emptied either.

The chain goes on: entries of before have no account, and their hashes stay as they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = [
    "allocation",
    "api_client",
    "api_key",
    "card_reader",
    "cash_movement",
    "client_refund_limit",
    "deposit_use",
    "difference",
    "dispute",
    "former_customer",
    "invoice",
    "journal_entry",
    "journal_head",
    "outgoing_endpoint",
    "outgoing_event",
    "outgoing_head",
    "patient",
    "payment",
    "payment_item",
    "payment_link",
    "receipt",
    "receipt_document",
    "receipt_print",
    "receipt_series",
    "receipt_translation",
    "refund",
    "reversal",
    "shift",
    "shift_count",
    "staff",
    "stripe_customer",
    "stripe_event",
]
"""Tables that are never emptied."""

SEALING = (
    # No draft outlives its transaction: after a crash there is nothing to bring back, so nothing is logged for it.
    "ALTER TABLE journal_draft SET UNLOGGED",
    # The same JSON as journal.hash_of, to the letter.
    """
CREATE FUNCTION cashier_journal_hash(
    number bigint, at timestamptz, staff_id integer, desk_id integer, action text, subject text, subject_id text,
    facts text, previous_hash text, account text, session_id bigint
) RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(
        '[' || number
        || ', "' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00"'
        || ', ' || coalesce(staff_id::text, 'null')
        || ', ' || coalesce(desk_id::text, 'null')
        || ', ' || to_json(action) || ', ' || to_json(subject) || ', ' || to_json(subject_id)
        || ', ' || to_json(facts) || ', ' || to_json(previous_hash)
        || CASE WHEN account IS NULL THEN ''
           ELSE ', ' || to_json(account) || ', ' || coalesce(session_id::text, 'null') END
        || ']', 'UTF8')), 'hex')
$$""",
    """
CREATE FUNCTION cashier_sign_draft() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF json_typeof(NEW.facts::json) <> 'object' THEN
        RAISE EXCEPTION 'the facts of a deed are named' USING ERRCODE = 'invalid_text_representation';
    END IF;
    NEW.account := session_user;
    RETURN NEW;
END
$$""",
    # Both tables are small and change without end: among their dead rows the index alone is fast.
    """
CREATE FUNCTION cashier_seal_draft() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    head journal_head;
    moment timestamptz;
    seal text;
BEGIN
    SELECT * INTO STRICT head FROM journal_head WHERE id = 1 FOR NO KEY UPDATE;
    moment := clock_timestamp();
    seal := public.cashier_journal_hash(
        head.number + 1, moment, NEW.staff_id, NEW.desk_id, NEW.action, NEW.subject, NEW.subject_id, NEW.facts,
        head.hash, NEW.account, NEW.session_id
    );
    INSERT INTO journal_entry (
        number, at, staff_id, desk_id, action, subject, subject_id, facts, previous_hash, hash, account, session_id
    ) VALUES (
        head.number + 1, moment, NEW.staff_id, NEW.desk_id, NEW.action, NEW.subject, NEW.subject_id, NEW.facts,
        head.hash, seal, NEW.account, NEW.session_id
    );
    UPDATE journal_head SET number = head.number + 1, hash = seal WHERE id = 1;
    DELETE FROM journal_draft WHERE id = NEW.id;
    RETURN NULL;
END
$$""",
    "REVOKE EXECUTE ON FUNCTION cashier_seal_draft() FROM PUBLIC",
    """
CREATE TRIGGER journal_draft_signed BEFORE INSERT ON journal_draft
FOR EACH ROW EXECUTE FUNCTION cashier_sign_draft()""",
    """
CREATE CONSTRAINT TRIGGER journal_draft_sealed AFTER INSERT ON journal_draft DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION cashier_seal_draft()""",
)
"""Drafts are signed as they are written, and made entries of at the end of their transaction."""

FUNCTIONS_OF_OURS = """
DO $$
DECLARE
    each regprocedure;
BEGIN
    FOR each IN
        SELECT oid FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND proowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
    LOOP
        EXECUTE format('{verb} EXECUTE ON FUNCTION %%s {whom} PUBLIC', each);
    END LOOP;
END
$$"""
"""What is done to the rights on every function that the account that migrates has made."""


def upgrade() -> None:
    """Make the table of drafts, and let PostgreSQL seal them; SQLite has one writer, who does it by itself."""
    op.create_table(
        "journal_draft",
        sa.Column("id", BIG, nullable=False),
        sa.Column("staff_id", sa.Integer()),
        sa.Column("desk_id", sa.Integer()),
        sa.Column("action", sa.String(48), nullable=False),
        sa.Column("subject", sa.String(24), nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("account", sa.String(63)),
        sa.Column("session_id", BIG),
        sa.PrimaryKeyConstraint("id", name="pk_journal_draft"),
    )
    op.add_column("journal_entry", sa.Column("account", sa.String(63)))
    op.add_column("journal_entry", sa.Column("session_id", BIG))
    if _is_sqlite():
        return
    connection = op.get_bind()
    # Whoever may connect may call a new function, unless that is said otherwise.
    connection.exec_driver_sql("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    for statement in SEALING:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(FUNCTIONS_OF_OURS.format(verb="REVOKE", whom="FROM"))
    for table in KEPT:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION cashier_refuse()"
        )


def downgrade() -> None:
    """Go back. To the older program, entries that were signed look changed: what their hash covers is gone."""
    if not _is_sqlite():
        for table in KEPT:
            op.execute(f"DROP TRIGGER {table}_not_emptied ON {table}")
    op.drop_table("journal_draft")
    for column in ("session_id", "account"):
        op.drop_column("journal_entry", column)
    if not _is_sqlite():
        op.execute("DROP FUNCTION cashier_seal_draft(), cashier_sign_draft()")
        op.execute("DROP FUNCTION cashier_journal_hash")
        op.execute("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
        op.get_bind().exec_driver_sql(FUNCTIONS_OF_OURS.format(verb="GRANT", whom="TO"))


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")
