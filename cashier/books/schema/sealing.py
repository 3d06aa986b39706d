"""How PostgreSQL seals the journal: drafts become entries inside COMMIT, numbered, hashed and signed by the database.

An account may add drafts and nothing else; whose they are says the database. The head is locked only while a COMMIT
runs, where no program can stand still, so that nobody who freezes holds others up. This is what holds today, and a
test compares it with the migrated schema; a migration writes it out by itself.

Whoever runs these functions has set what it likes for its session, so they name where they look, the temporary tables
of that session last. https://www.postgresql.org/docs/15/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
"""

from __future__ import annotations

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
    NEW.session_id := (public.cashier_who('cashier.token')).session_id;
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
"""The statements that put it into a schema that has the journal's tables."""
