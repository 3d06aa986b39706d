"""Sign-in inside PostgreSQL: what is kept of PINs is read by functions alone, which count attempts and give tokens.

Nobody gets a new PIN: of the hash that an older program kept, the digest of its key stays, with salt and parameters.
There is no way back from that digest, so that going back to the schema before leaves everybody without a PIN; an
administrator is then added anew by ``cashier setup --add-staff``. Better put back the backup.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import cashier.database

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_HASH = re.compile(r"\$argon2id\$v=19\$(m=\d+,t=\d+,p=\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")
_MOMENT = cashier.database.UtcDateTime(timezone=True)
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, convert what is kept of PINs, and make the functions on PostgreSQL."""
    _make_tables()
    _convert()
    for column in ("pin_hash", "failed_attempts", "locked_until", "locked_at"):
        op.drop_column("staff", column)
    op.drop_table("former_pin")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
        for statement in FUNCTIONS:
            op.execute(statement.strip())
        op.execute(_signing("    NEW.session_id := (public.cashier_who('cashier.token')).session_id;\n"))
        op.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")


def downgrade() -> None:
    """Give locks back; PINs are lost."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(_signing())
        for name in NAMES:
            op.execute(f"DROP FUNCTION {name}")
        op.execute("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
    op.create_table(
        "former_pin",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_former_pin_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "set_at", name=op.f("pk_former_pin")),
    )
    op.add_column("staff", sa.Column("pin_hash", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("staff", sa.Column("failed_attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("staff", sa.Column("locked_until", _MOMENT, nullable=True))
    op.add_column("staff", sa.Column("locked_at", _MOMENT, nullable=True))
    for column in ("failed_attempts", "locked_until", "locked_at"):
        op.execute(
            f"UPDATE staff SET {column} = (SELECT {column} FROM staff_secret WHERE staff_id = staff.id) "
            "WHERE id IN (SELECT staff_id FROM staff_secret)"
        )
    for table in (
        "account_kind",
        "salt_of_nobody",
        "staff_session",
        "staff_attempt",
        "former_secret",
        "staff_secret",
    ):
        op.drop_table(table)


def _signing(further: str = "") -> str:
    """Return how a draft of the journal is signed: with the account and, by now, with the session that wrote it."""
    return f"""
CREATE OR REPLACE FUNCTION cashier_sign_draft() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF json_typeof(NEW.facts::json) <> 'object' THEN
        RAISE EXCEPTION 'the facts of a deed are named' USING ERRCODE = 'invalid_text_representation';
    END IF;
    NEW.account := session_user;
{further}    RETURN NEW;
END
$$"""


def _convert() -> None:
    connection = op.get_bind()
    moment = {"locked_until": _MOMENT, "locked_at": _MOMENT}
    kept = sa.text("SELECT id, pin_hash, failed_attempts, locked_until, locked_at FROM staff").columns(**moment)
    made = sa.text(
        "INSERT INTO staff_secret (staff_id, salt, parameters, verifier, mark_key, former_mark, failed_attempts, "
        "locked_until, locked_at) VALUES (:id, :salt, :parameters, :verifier, :mark_key, :former_mark, "
        ":failed_attempts, :locked_until, :locked_at)"
    ).bindparams(*(sa.bindparam(name, type_=type_) for name, type_ in moment.items()))
    for row in connection.execute(kept).mappings().all():
        mark = hashlib.sha256(row["pin_hash"].encode()).hexdigest()[:16]
        parts = _parts_of(row["pin_hash"])
        connection.execute(made, {**row, **parts, "mark_key": secrets.token_bytes(16), "former_mark": mark})
    former = sa.text("SELECT staff_id, set_at, pin_hash FROM former_pin").columns(set_at=_MOMENT)
    added = sa.text(
        "INSERT INTO former_secret (staff_id, set_at, salt, parameters, verifier) "
        "VALUES (:staff_id, :set_at, :salt, :parameters, :verifier)"
    ).bindparams(sa.bindparam("set_at", type_=_MOMENT))
    for row in connection.execute(former).mappings().all():
        connection.execute(added, {**row, **_parts_of(row["pin_hash"])})
    drawn = sa.text("INSERT INTO salt_of_nobody (id, secret) VALUES (1, :secret)")
    connection.execute(drawn, {"secret": secrets.token_bytes(32)})


def _parts_of(pin_hash: str) -> dict[str, object]:
    """Part a hash as it was written until now. What is none fits no PIN, neither before nor after."""
    found = _HASH.fullmatch(pin_hash)
    if found is None:
        nothing = secrets.token_bytes(16), "m=65536,t=3,p=4,l=32", secrets.token_bytes(32)
        return dict(zip(("salt", "parameters", "verifier"), nothing, strict=True))
    key = _decoded(found[3])
    return {
        "salt": _decoded(found[2]),
        "parameters": f"{found[1]},l={len(key)}",
        "verifier": hashlib.sha256(key).digest(),
    }


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4))


def _make_tables() -> None:
    op.create_table(
        "staff_secret",
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("parameters", sa.String(length=60), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        sa.Column("mark_key", sa.LargeBinary(), nullable=False),
        sa.Column("former_mark", sa.String(length=16), nullable=True),
        sa.Column("failed_attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", _MOMENT, nullable=True),
        sa.Column("locked_at", _MOMENT, nullable=True),
        *_keys("staff_secret", "staff_id", staff="staff_id"),
    )
    op.create_table(
        "former_secret",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("parameters", sa.String(length=60), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        *_keys("former_secret", "staff_id", "set_at", staff="staff_id"),
    )
    op.create_table(
        "staff_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("desk_id", sa.Integer(), nullable=True),
        sa.Column("account", sa.String(length=63), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("made_in", _BIG, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=True),
        *_keys("staff_attempt", "id", staff="staff_id", desk="desk_id"),
    )
    op.create_index(op.f("ix_staff_attempt_at"), "staff_attempt", ["at"])
    op.create_table(
        "staff_session",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=True),
        sa.Column("account", sa.String(length=63), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("ended_in", _BIG, nullable=True),
        *_keys("staff_session", "id", staff="staff_id", desk="desk_id"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_staff_session_token_hash")),
    )
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"])
    op.create_table(
        "salt_of_nobody",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        *_keys("salt_of_nobody", "id"),
        sa.CheckConstraint("id = 1", name=op.f("ck_salt_of_nobody_one_row")),
    )
    op.create_table(
        "account_kind",
        sa.Column("account", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        *_keys("account_kind", "account"),
    )


def _keys(table: str, *primary: str, **references: str) -> Sequence[sa.Constraint]:
    refers = (
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for other, column in references.items()
    )
    return [*refers, sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{table}"))]


_CALLED = """
CREATE FUNCTION staff_called(person integer, name text, badge text) RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT p.id FROM staff p
   WHERE CASE WHEN person IS NOT NULL THEN p.id = person ELSE p.sign_in_name = name OR p.badge_digest = badge END
   ORDER BY coalesce(p.sign_in_name = name, false) DESC LIMIT 1
$$"""

_MARK = """
CREATE FUNCTION staff_mark(verifier bytea, mark_key bytea) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT left(encode(sha256(convert_to(encode(verifier, 'hex') || '.' || encode(mark_key, 'hex'), 'UTF8')), 'hex'),
    16)
$$"""

_RANDOM = """
CREATE FUNCTION staff_random() RETURNS bytea
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
$$"""

_KIND = """
CREATE FUNCTION cashier_kind() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE WHEN pg_has_role(session_user, relowner, 'MEMBER') THEN 'owner'
    ELSE (SELECT kind FROM account_kind WHERE account = session_user) END
  FROM pg_class WHERE oid = 'public.staff'::regclass
$$"""

_SALT = """
CREATE FUNCTION staff_salt(person integer, name text, badge text, OUT salt bytea, OUT parameters text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  SELECT s.salt, s.parameters INTO salt, parameters FROM staff_secret s
   WHERE s.staff_id = staff_called(person, name, badge);
  IF NOT FOUND THEN
    SELECT substr(sha256(n.secret || convert_to(coalesce(name, ''), 'UTF8')), 1, 16) INTO salt FROM salt_of_nobody n;
    SELECT s.parameters INTO parameters FROM staff_secret s ORDER BY s.staff_id LIMIT 1;
    parameters := coalesce(parameters, 'm=65536,t=3,p=4,l=32');
  END IF;
END $$"""

_TRY = """
CREATE FUNCTION staff_try(person integer, name text, badge text, key bytea, desk integer,
  OUT attempt uuid, OUT staff integer, OUT wait_seconds integer, OUT is_locked boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE s staff_secret; failures integer;
BEGIN
  is_locked := false;
  DELETE FROM staff_attempt WHERE id IN (SELECT id FROM staff_attempt
    WHERE at < clock_timestamp() - interval '1 day' ORDER BY at LIMIT 100 FOR UPDATE SKIP LOCKED);
  SELECT x.* INTO s FROM staff_secret x WHERE x.staff_id = staff_called(person, name, badge) FOR NO KEY UPDATE;
  IF FOUND THEN
    IF s.locked_at IS NOT NULL OR s.locked_until > clock_timestamp() THEN
      staff := s.staff_id;
      is_locked := s.locked_at IS NOT NULL;
      wait_seconds := floor(extract(epoch FROM s.locked_until - clock_timestamp()))::integer + 1;
      RETURN;
    END IF;
    failures := s.failed_attempts + 1;
    UPDATE staff_secret x SET failed_attempts = failures,
      locked_until = CASE WHEN failures >= 3
        THEN clock_timestamp() + least(30 * 2 ^ (failures - 3), 900) * interval '1 second' END,
      locked_at = CASE WHEN failures >= 10 THEN clock_timestamp() END
     WHERE x.staff_id = s.staff_id;
  END IF;
  INSERT INTO staff_attempt (id, staff_id, desk_id, account, proof, made_in, at)
  VALUES (gen_random_uuid(), s.staff_id, desk, session_user, sha256(key), pg_current_xact_id()::text::bigint,
    clock_timestamp()) RETURNING id INTO attempt;
END $$"""

_OPEN = """
CREATE FUNCTION staff_open(person integer, desk integer, wanted text, about text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE token bytea := staff_random();
BEGIN
  INSERT INTO staff_session (token_hash, staff_id, desk_id, account, purpose, subject, opened_at, expires_at)
  VALUES (sha256(token), person, desk, session_user, wanted, about, clock_timestamp(),
    clock_timestamp() + CASE wanted WHEN 'sign-in' THEN interval '14 hours' ELSE interval '2 minutes' END);
  RETURN encode(token, 'hex');
END $$"""

_TAKE = """
CREATE FUNCTION staff_take(attempt uuid, wanted text, about text, OUT token text, OUT staff integer,
  OUT granted text, OUT change_why text, OUT is_as_before boolean, OUT parameters text, OUT is_locked boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE a staff_attempt; p staff; s staff_secret;
BEGIN
  IF wanted IS NULL OR wanted NOT IN ('sign-in', 'unlock', 'approve', 'change-pin') THEN
    RAISE EXCEPTION 'no such purpose' USING ERRCODE = 'CA001'; END IF;
  SELECT * INTO a FROM staff_attempt t WHERE t.id = attempt AND t.account = session_user AND t.taken_at IS NULL
    AND t.at > clock_timestamp() - interval '1 minute' FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'no such attempt' USING ERRCODE = 'CA001'; END IF;
  IF a.made_in = pg_current_xact_id()::text::bigint THEN
    RAISE EXCEPTION 'the attempt is not committed' USING ERRCODE = 'CA002'; END IF;
  UPDATE staff_attempt SET taken_at = clock_timestamp() WHERE id = attempt;
  SELECT x.* INTO s FROM staff_secret x WHERE x.staff_id = a.staff_id FOR NO KEY UPDATE;
  SELECT q.* INTO p FROM staff q WHERE q.id = s.staff_id;
  staff := a.staff_id;
  IF p.id IS NULL OR NOT p.is_active OR p.role = 'service' OR s.verifier <> a.proof THEN
    is_locked := s.locked_at IS NOT NULL;
    RETURN;
  END IF;
  UPDATE staff_secret x SET failed_attempts = 0, locked_until = NULL, locked_at = NULL WHERE x.staff_id = p.id;
  is_as_before := s.former_mark IS NOT NULL; parameters := s.parameters; is_locked := false;
  granted := CASE wanted WHEN 'unlock' THEN 'sign-in' ELSE wanted END;
  IF wanted IN ('sign-in', 'approve') THEN
    change_why := CASE WHEN p.must_change_pin THEN 'first'
      WHEN p.pin_set_at < clock_timestamp() - interval '180 days' THEN 'old' END;
    IF change_why IS NOT NULL THEN granted := 'change-pin'; END IF;
  END IF;
  IF granted = 'sign-in' AND wanted = 'sign-in' AND a.desk_id IS NOT NULL THEN
    UPDATE staff_session x SET ended_at = clock_timestamp() WHERE x.desk_id = a.desk_id AND x.account = session_user
      AND x.purpose = 'sign-in' AND x.ended_at IS NULL;
  END IF;
  token := staff_open(p.id, a.desk_id, granted, coalesce(about, ''));
END $$"""

_WHO = """
CREATE FUNCTION cashier_who(setting text, OUT session_id bigint, OUT staff_id integer, OUT role text,
  OUT desk_id integer, OUT purpose text, OUT subject text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE given text := current_setting(setting, true);
BEGIN
  IF given IS NULL OR given !~ '^[0-9a-f]{64}$' THEN RETURN; END IF;
  SELECT s.id, s.staff_id, q.role, s.desk_id, s.purpose, s.subject
    INTO session_id, staff_id, role, desk_id, purpose, subject
    FROM staff_session s JOIN staff q ON q.id = s.staff_id AND q.is_active
   WHERE s.token_hash = sha256(decode(given, 'hex')) AND s.account = session_user
     AND s.expires_at > clock_timestamp()
     AND (s.ended_at IS NULL OR s.ended_in = pg_current_xact_id_if_assigned()::text::bigint)
     AND s.purpose = CASE setting WHEN 'cashier.token' THEN 'sign-in' WHEN 'cashier.approval' THEN 'approve'
       WHEN 'cashier.pin' THEN 'change-pin' END;
END $$"""

_LEAVE = """
CREATE FUNCTION staff_leave() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE w record;
BEGIN
  w := cashier_who('cashier.token');
  UPDATE staff_session SET ended_at = clock_timestamp() WHERE id = w.session_id AND ended_at IS NULL;
END $$"""

_ADMINISTERS = """
CREATE FUNCTION staff_administers() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE w record;
BEGIN
  w := cashier_who('cashier.token');
  IF w.role IS DISTINCT FROM 'administrator' AND cashier_kind() IS DISTINCT FROM 'owner' THEN
    RAISE EXCEPTION 'managing the staff is for administrators' USING ERRCODE = 'CA004'; END IF;
END $$"""

_REPLACE = """
CREATE FUNCTION staff_replace(person integer, new_salt bytea, new_parameters text, key bytea, is_first boolean)
RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE made bytea := staff_random();
BEGIN
  INSERT INTO former_secret (staff_id, set_at, salt, parameters, verifier)
    SELECT s.staff_id, p.pin_set_at, s.salt, s.parameters, s.verifier
    FROM staff_secret s JOIN staff p ON p.id = s.staff_id WHERE s.staff_id = person ON CONFLICT DO NOTHING;
  INSERT INTO staff_secret (staff_id, salt, parameters, verifier, mark_key)
    VALUES (person, new_salt, new_parameters, sha256(key), made)
    ON CONFLICT (staff_id) DO UPDATE SET salt = excluded.salt, parameters = excluded.parameters,
      verifier = excluded.verifier, mark_key = excluded.mark_key, former_mark = NULL, failed_attempts = 0,
      locked_until = NULL, locked_at = NULL;
  UPDATE staff SET pin_set_at = clock_timestamp(), must_change_pin = is_first WHERE id = person;
  UPDATE staff_session s SET ended_at = clock_timestamp() WHERE s.staff_id = person AND s.ended_at IS NULL;
  RETURN staff_mark(sha256(key), made);
END $$"""

_PUT = """
CREATE FUNCTION staff_put_secret(person integer, new_salt bytea, new_parameters text, key bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM staff_administers();
  RETURN staff_replace(person, new_salt, new_parameters, key, true);
END $$"""

_FORMER = """
CREATE FUNCTION staff_own_salts() RETURNS TABLE (salt bytea, parameters text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE w record;
BEGIN
  w := cashier_who('cashier.pin');
  IF w.staff_id IS NULL THEN RAISE EXCEPTION 'sign in first' USING ERRCODE = 'CA003'; END IF;
  RETURN QUERY SELECT s.salt, s.parameters::text FROM staff_secret s WHERE s.staff_id = w.staff_id;
  RETURN QUERY SELECT f.salt, f.parameters::text FROM former_secret f WHERE f.staff_id = w.staff_id
    ORDER BY f.set_at DESC LIMIT 5;
END $$"""

_CHANGE = """
CREATE FUNCTION staff_change_pin(new_salt bytea, new_parameters text, key bytea, known bytea[],
  OUT mark text, OUT token text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE w record;
BEGIN
  w := cashier_who('cashier.pin');
  IF w.staff_id IS NULL THEN RAISE EXCEPTION 'sign in first' USING ERRCODE = 'CA003'; END IF;
  PERFORM FROM staff p WHERE p.id = w.staff_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM (SELECT s.verifier FROM staff_secret s WHERE s.staff_id = w.staff_id
      UNION ALL (SELECT f.verifier FROM former_secret f WHERE f.staff_id = w.staff_id
        ORDER BY f.set_at DESC LIMIT 5)) had
      WHERE had.verifier IN (SELECT sha256(each) FROM unnest(known) each)) THEN RETURN; END IF;
  mark := staff_replace(w.staff_id, new_salt, new_parameters, key, false);
  token := staff_open(w.staff_id, w.desk_id, 'sign-in', '');
END $$"""

_RENEW = """
CREATE FUNCTION staff_renew_secret(new_salt bytea, new_parameters text, key bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE w record; made bytea := staff_random();
BEGIN
  w := cashier_who('cashier.token');
  UPDATE staff_secret s SET salt = new_salt, parameters = new_parameters, verifier = sha256(key), mark_key = made,
    former_mark = NULL
   WHERE s.staff_id = w.staff_id AND (s.former_mark IS NOT NULL OR s.parameters <> new_parameters)
     AND EXISTS (SELECT FROM staff_session x WHERE x.id = w.session_id
       AND x.opened_at > clock_timestamp() - interval '1 minute');
  IF NOT FOUND THEN RAISE EXCEPTION 'sign in first' USING ERRCODE = 'CA003'; END IF;
  RETURN staff_mark(sha256(key), made);
END $$"""

_UNLOCK = """
CREATE FUNCTION staff_unlock(person integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM staff_administers();
  UPDATE staff_secret s SET failed_attempts = 0, locked_until = NULL, locked_at = NULL
   WHERE s.staff_id = person AND (s.failed_attempts > 0 OR s.locked_at IS NOT NULL);
  RETURN FOUND;
END $$"""

_LOCKS = """
CREATE FUNCTION staff_locks() RETURNS TABLE (staff_id integer, locked_at timestamptz, locked_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM staff_administers();
  RETURN QUERY SELECT s.staff_id, s.locked_at, s.locked_until FROM staff_secret s
    WHERE s.locked_at IS NOT NULL OR s.locked_until IS NOT NULL;
END $$"""

_SHARED = """
CREATE FUNCTION cashier_shared_accounts() RETURNS TABLE (account text, desks bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT s.account::text, count(DISTINCT s.desk_id) FROM staff_session s JOIN account_kind k ON k.account = s.account
   WHERE k.kind = 'desk' AND s.opened_at > clock_timestamp() - interval '30 days'
   GROUP BY s.account HAVING count(DISTINCT s.desk_id) > 1 ORDER BY s.account
$$"""

FUNCTIONS = (
    _CALLED, _MARK, _RANDOM, _KIND, _WHO, _SALT, _TRY, _OPEN, _TAKE, _LEAVE, _ADMINISTERS, _REPLACE, _PUT, _FORMER,
    _CHANGE, _RENEW, _UNLOCK, _LOCKS, _SHARED,
)  # fmt: skip
NAMES = tuple(str(re.search(r"FUNCTION (\w+)", each)[1]) for each in reversed(FUNCTIONS))  # type: ignore[index]
