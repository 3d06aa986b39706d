"""What is read of the books: the tables and columns that rules are about, and how PostgreSQL writes them out.

An export has one CSV file for each of them. Ids come without hyphens, moments as UTC, yes and no as 1 and 0, papers
as their SHA-256, so that both kinds of books look alike to the rules.
"""

from __future__ import annotations

TABLES: dict[str, str] = {
    "journal_entry": (
        "number at:moment staff_id desk_id action subject subject_id facts previous_hash hash account session_id"
    ),
    "journal_head": "number hash",
    "staff": "id role badge_digest is_active:truth",
    "staff_secret": "staff_id verifier:bytes mark_key:bytes",
    "approval_limit": "role amount_minor_max day_total_minor_max payment_age_days_max",
    "api_client": "id name scopes ended_at:moment",
    "api_key": "public_id client_id digest ends_at:moment",
    "client_refund_limit": "client_id currency amount_minor_max day_total_minor_max",
    "patient": "id merged_into_id",
    "invoice": "id number patient_id currency total_minor insurer_share_minor paid_minor status",
    "invoice_line": "id invoice_id total_minor",
    "deposit_use": "id:id invoice_id amount_minor staff_id",
    "payment": (
        "id:id patient_id desk_id staff_id tender shift_id state amount_minor asked_minor deposit_minor "
        "unallocated_minor tendered_minor rounding_minor reference currency created_at:moment "
        "settled_at:moment stripe_intent_id stripe_charge_id confirmed_at:moment"
    ),
    "allocation": "id payment_id:id invoice_id deposit_use_id:id amount_minor at:moment",
    "receipt": "id series number kind payment_id:id refund_id:id amount_minor currency issued_at:moment facts",
    "receipt_print": "receipt_id copy printed_at:moment staff_id desk_id",
    "receipt_document": "receipt_id pdf:paper",
    "receipt_translation": "receipt_id language pdf:paper",
    "refund": (
        "id:id payment_id:id amount_minor currency way state origin requested_by decided_by rule_client_id "
        "requested_at:moment stripe_refund_id confirmed_at:moment"
    ),
    "reversal": "id payment_id:id dispute_id refund_id:id outcome amount_minor currency reason decided_by",
    "shift": (
        "id desk_id number float_minor opened_at:moment opened_by closed_at:moment closed_by expected_minor "
        "counted_minor difference_reason difference_approved_by journal_number journal_hash facts"
    ),
    "shift_count": "shift_id value_minor pieces",
    "cash_movement": "id:id shift_id kind amount_minor reason staff_id",
}
"""Each table and its columns; after a colon, of which kind a column is that is not written out as it is."""

_WRITTEN = {
    "": "{name}",
    "id": "replace(cast({name} AS text), '-', '') AS {name}",
    "moment": "to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') AS {name}",
    "truth": "cast({name} AS int) AS {name}",
    "bytes": "pg_catalog.encode({name}, 'hex') AS {name}",
    "paper": "pg_catalog.encode(pg_catalog.sha256({name}), 'hex') AS {name}",
}

_TRIGGERS = (
    "SELECT 'trigger ' || tgname AS name, "
    "pg_catalog.pg_get_triggerdef(oid) || ' ' || cast(tgenabled AS text) AS text "
    "FROM pg_catalog.pg_trigger WHERE NOT tgisinternal"
)
_FUNCTIONS = (
    "SELECT 'function ' || proname AS name, concat_ws(' ', prosrc, prosecdef, proconfig) AS text "
    "FROM pg_catalog.pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'"
)
SCHEMA = "schema_object"
"""The file of an export that says which guards there are."""
REVISION = "alembic_version"
"""The file of an export that says of which schema the books are."""


_WRITTEN_AS = "WITH (FORMAT csv, HEADER, NULL '\\N')"


def copied(asked: str) -> str:
    """Return how PostgreSQL is told to write out the answer to ``asked``, as a file of an export."""
    return f"COPY ({asked}) TO STDOUT {_WRITTEN_AS}"


def columns_of(table: str) -> list[tuple[str, str]]:
    """Return each column of ``table`` with its kind, empty where it is written out as it is."""
    return [(name, kind) for name, _, kind in (each.partition(":") for each in TABLES[table].split())]


def statements() -> dict[str, str]:
    """Return, for each file of an export, what PostgreSQL has to be asked for it."""
    asked = {}
    for table in TABLES:
        written = (_WRITTEN[kind].format(name=name) for name, kind in columns_of(table))
        asked[table] = f"SELECT {', '.join(written)} FROM {table}"
    return {**asked, SCHEMA: f"{_TRIGGERS} UNION ALL {_FUNCTIONS}", REVISION: f"SELECT version_num FROM {REVISION}"}


def export_script() -> str:
    """Return the script for ``psql`` that writes an export into the folder that it runs in, at one moment."""
    lines = [f"\\copy ({asked}) TO '{name}.csv' {_WRITTEN_AS}" for name, asked in statements().items()]
    return "\n".join(
        ["\\set ON_ERROR_STOP on", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;", *lines, "COMMIT;", ""]
    )
