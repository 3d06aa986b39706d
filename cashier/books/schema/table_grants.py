"""Least rights on PostgreSQL: what the accounts of desks and of the companion may do with each table.

The account that migrates owns the tables; nobody else changes or deletes what tells about money. Locking a
row needs the right to update one of its columns, so such a column is named even where nothing is written. Whoever
signs in is known to the functions of ``signing_in.py``, whose tables no account may read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from cashier.books.schema.revision import metadata
from cashier.books.schema.signing_in import CALLED_BY_ACCOUNTS
from cashier.database import driver_url
from cashier.database.troubles import translated_errors
from cashier.errors import Refused
from cashier.language import m


class Account(StrEnum):
    """The kinds of accounts besides the one that migrates."""

    DESK = "desk"
    COMPANION = "companion"


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What an account may do with a table; ``update`` names columns, and so may ``insert``."""

    reads: bool = True
    insert: bool | tuple[str, ...] = False
    update: tuple[str, ...] = ()
    delete: bool = False


_NONE = Rights(reads=False)
_READ = Rights()
_ADD = Rights(insert=True)
_SETTLES: Mapping[str, Rights] = {
    "account_kind": _READ,
    "allocation": _ADD,
    "api_client": _READ,
    "api_key": _READ,
    "api_request": _READ,
    "api_token": _READ,
    "card_reader": Rights(insert=True, update=("desk_id", "label", "removed_at")),
    "approval_limit": Rights(
        insert=True, update=("amount_minor_max", "day_total_minor_max", "payment_age_days_max")
    ),
    "cash_movement": _ADD,
    "client_refund_limit": _READ,
    "comparison": Rights(
        insert=True,
        update=("since", "until", "compared_at", "foreign_charges", "foreign_disputes", "set_aside"),
    ),
    "deposit_use": _ADD,
    "desk": _READ,
    "desk_use": Rights(
        insert=True, delete=True, update=("instance", "machine", "account", "staff_id", "since", "seen_at")
    ),
    "difference": Rights(insert=True, update=("resolved_at", "resolved_by", "resolution")),
    "dispute": Rights(
        insert=True,
        update=("amount_minor", "reason", "status", "respond_by", "learned_at", "evidence_sent_at"),
    ),
    "former_customer": _ADD,
    "hl7_message": _READ,
    "former_secret": _NONE,
    "hospital": _READ,
    "invoice": Rights(update=("paid_minor", "returned_minor", "balance_minor", "status")),
    "invoice_hold": Rights(insert=True, delete=True),
    "invoice_key": _READ,
    "invoice_line": _READ,
    "invoice_word": _READ,
    "journal_draft": Rights(insert=("staff_id", "desk_id", "action", "subject", "subject_id", "facts")),
    "journal_entry": _READ,
    "journal_head": _READ,
    "lease": Rights(insert=True, update=("holder", "until"), delete=True),
    "outgoing_delivery": _READ,
    "outgoing_endpoint": _READ,
    "outgoing_event": _READ,
    "outgoing_head": _READ,
    "patient": _ADD,
    "patient_word": _ADD,
    "payment": Rights(
        insert=True,
        update=(
            "state", "settled_at", "amount_minor", "asked_minor", "unallocated_minor", "pending_since",
            "pending_until", "stripe_session_id", "stripe_intent_id", "stripe_charge_id",
            "decline_code", "card_brand", "card_last_four", "contradiction",
            "contradiction_code", "contradiction_values", "taken_over_by", "taken_over_desk_id",
        ),
    ),
    "payment_item": _ADD,
    "payment_link": Rights(insert=True, update=("ended_at",)),
    "receipt": _ADD,
    "receipt_document": _ADD,
    "receipt_print": _ADD,
    "receipt_translation": _ADD,
    "receipt_series": Rights(insert=True, update=("last_number",)),
    "refund": Rights(
        insert=True,
        update=(
            "state", "reopens", "decided_by", "decided_at", "decided_desk_id", "shift_id", "reference",
            "stripe_refund_id", "failure", "contradiction", "contradiction_code", "contradiction_values",
            "turned_down",
        ),
    ),
    "refund_item": Rights(insert=True, delete=True),
    "reversal": _ADD,
    "salt_of_nobody": _NONE,
    "saved_card": Rights(
        insert=True,
        update=("brand", "last_four", "expires_month", "expires_year", "is_default", "removed_at"),
    ),
    "shift": Rights(
        insert=True,
        update=(
            "closed_at", "closed_by", "expected_minor", "counted_minor", "difference_reason",
            "difference_approved_by", "journal_number", "journal_hash", "facts", "counted_times", "handed_out_times",
        ),
    ),
    "shift_count": _ADD,
    "staff": Rights(
        insert=True,
        update=("display_name", "role", "is_active", "badge_digest", "language"),
    ),
    "staff_attempt": _NONE,
    "staff_secret": _NONE,
    "staff_session": _NONE,
    "stripe_customer": Rights(insert=True, update=("stripe_id", "created_at")),
    "stripe_event": Rights(insert=True, update=("processed_at", "due_at", "attempts", "last_error")),
    "sweep_mark": Rights(insert=True, update=("read_until",)),
}  # fmt: skip

_WITHOUT_WEBHOOKS: Mapping[str, Rights] = {
    "lease": _READ, "stripe_event": _READ, "sweep_mark": _READ,
}  # fmt: skip
_WITH_INTAKE: Mapping[str, Rights] = {
    "invoice": Rights(insert=True, update=(
        "patient_id", "department", "currency", "issued_on", "due_on", "total_minor", "insurer",
        "insurer_share_minor", "paid_minor", "returned_minor", "balance_minor", "status",
    )),
    "api_key": Rights(update=("last_used_at",)),
    "api_request": Rights(insert=True, update=("status",), delete=True),
    "api_token": Rights(insert=True, delete=True),
    "client_refund_limit": Rights(update=("set_at",)),
    "hl7_message": Rights(insert=True, update=(
        "state", "about", "attempts", "problem_code", "problem_at", "problem", "settled_at", "settled_by",
    )),
    "invoice_key": Rights(insert=True, delete=True),
    "invoice_line": Rights(insert=True, delete=True),
    "invoice_word": Rights(insert=True, delete=True),
    "outgoing_delivery": Rights(
        insert=True, update=("state", "due_at", "attempts", "last_status", "last_error", "ended_at")
    ),
    "outgoing_endpoint": Rights(update=("off_at", "off_reason", "rests_until")),
    "outgoing_event": Rights(update=("position",)),
    "outgoing_head": Rights(update=("position",)),
    "patient": Rights(insert=True, update=("name", "born", "phone", "email", "merged_into_id")),
    "payment": Rights(insert=True, update=(*_SETTLES["payment"].update, "patient_id", "confirmed_at")),
    "patient_word": Rights(insert=True, delete=True),
    "payment_link": Rights(insert=True, update=("ended_at", "opened_times")),
    "refund": Rights(insert=True, update=(*_SETTLES["refund"].update, "rule_client_id", "confirmed_at")),
}  # fmt: skip

RIGHTS: Mapping[Account, Mapping[str, Rights]] = {
    Account.DESK: {**_SETTLES, **_WITHOUT_WEBHOOKS},
    Account.COMPANION: {**_SETTLES, **_WITH_INTAKE},
}
"""The rights of each account on each table; a test holds it against the models."""


def grant(url: str, account: Account, role: str, *, password: str | None = None) -> None:
    """Give ``role`` exactly the rights of ``account``, taking away what it had. Safe to repeat.

    Run by the account that migrates, after every migration. Raises ``Refused`` on SQLite, which has no
    accounts, and for a role that does not exist or that may do everything anyway.
    """
    parsed = driver_url(url, password=password)
    if parsed.get_backend_name() == "sqlite":
        raise Refused(m("SQLite has no accounts."), advice=m("Rights are for PostgreSQL."))
    engine = sa.create_engine(parsed, poolclass=sa.NullPool)
    quoted = engine.dialect.identifier_preparer.quote_identifier(role)
    try:
        with translated_errors(), engine.begin() as connection:
            _check_role(connection, role)
            for statement in statements(account, quoted):
                connection.exec_driver_sql(statement)
            connection.execute(sa.text(_KNOWN_AS), {"account": role, "kind": account.value})
    finally:
        engine.dispose()


_KNOWN_AS = (
    "INSERT INTO account_kind (account, kind) VALUES (:account, :kind) "
    "ON CONFLICT (account) DO UPDATE SET kind = excluded.kind"
)


def _check_role(connection: sa.Connection, role: str) -> None:
    exists = sa.text("SELECT count(*) FROM pg_roles WHERE rolname = :role")
    if not connection.execute(exists, {"role": role}).scalar_one():
        raise Refused(
            m("The database has no account “{role}”.", role=role),
            advice=m('Make it first: CREATE ROLE "{role}" LOGIN PASSWORD …', role=role),
        )
    owns = sa.text(
        "SELECT bool_or(pg_has_role(:role, tableowner, 'MEMBER')) FROM pg_tables WHERE schemaname = 'public'"
    )
    if connection.execute(owns, {"role": role}).scalar_one():
        raise Refused(
            m("The account “{role}” owns the tables, so nothing can be kept from it.", role=role),
            advice=m("Use one account for migrating and others for the desks and the companion."),
        )


def statements(account: Account, role: str) -> list[str]:
    """Write the statements that give ``role`` (quoted already) the rights of ``account``."""
    found = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}",
        f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {role}",
        "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
        *(f"GRANT EXECUTE ON FUNCTION {name} TO {role}" for name in CALLED_BY_ACCOUNTS),
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"GRANT SELECT ON alembic_version TO {role}",
    ]
    for table in metadata.sorted_tables:
        rights = RIGHTS[account][table.name]
        if rights.reads:
            found.append(f"GRANT SELECT ON {table.name} TO {role}")
        if rights.insert:
            columns = f" ({', '.join(rights.insert)})" if isinstance(rights.insert, tuple) else ""
            found.append(f"GRANT INSERT{columns} ON {table.name} TO {role}")
        if rights.update:
            found.append(f"GRANT UPDATE ({', '.join(rights.update)}) ON {table.name} TO {role}")
        if rights.delete:
            found.append(f"GRANT DELETE ON {table.name} TO {role}")
    return found
