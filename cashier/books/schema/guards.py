"""Guards: triggers by which the database itself keeps records as they are, whoever writes.

This is what holds today, and a test compares it with the migrated schema. A migration writes its guards out by
itself, because it stays as it was; on SQLite one that rebuilds a table loses the table's guards and puts them back.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cashier.books.schema import by_token, signing_in, tellers
from cashier.books.schema.replacing import guards_against_replacing
from cashier.books.schema.sealing import SEALING

NEVER_CHANGED = (
    "allocation",
    "cash_movement",
    "deposit_use",
    "former_customer",
    "journal_entry",
    "payment_item",
    "receipt",
    "receipt_document",
    "receipt_print",
    "receipt_translation",
    "reversal",
    "shift_count",
)
"""Tables whose rows are never changed, nor deleted."""

NEVER_DELETED = (
    *NEVER_CHANGED,
    "api_client",
    "api_key",
    "card_reader",
    "client_refund_limit",
    "difference",
    "dispute",
    "hl7_message",
    "invoice",
    "journal_head",
    "outgoing_endpoint",
    "outgoing_event",
    "outgoing_head",
    "patient",
    "payment",
    "payment_link",
    "receipt_series",
    "refund",
    "shift",
    "staff",
    "stripe_customer",
    "stripe_event",
)

"""Tables whose rows are never deleted, nor emptied by TRUNCATE, which PostgreSQL has."""

ONLY_FORWARD = {"journal_head": "number", "receipt_series": "last_number"}
"""Columns that count one by one."""

WRITTEN_ONCE = {
    "outgoing_event": (
        "id", "kind", "at", "invoice_id", "payment_id", "refund_id", "dispute_id", "amount_minor", "currency",
        "state", "tender", "reason",
    ),
    "hl7_message": (
        "application", "facility", "control_id", "digest", "kind", "sent_at", "content", "received_at",
    ),
    "payment": ("currency", "tender", "tendered_minor", "rounding_minor", "methods"),
    "payment_link": ("digest", "invoice_id", "client_id", "made_by", "expires_at"),
    "refund": ("payment_id", "amount_minor", "currency", "way", "rounding_minor", "requested_by"),
    "shift": ("desk_id", "number", "currency", "float_minor", "opened_by"),
}  # fmt: skip
"""Columns that stay as they were inserted: what a record was made for."""

OTHER_AMOUNT = (
    "(NEW.amount_minor <> OLD.amount_minor OR NEW.asked_minor {differs} OLD.asked_minor) AND NOT "
    "(OLD.asked_minor IS NULL AND COALESCE(NEW.asked_minor, 0) = OLD.amount_minor "
    "AND OLD.state <> 'paid' AND NEW.state = 'paid')"
)
"""What may not happen to a payment's amount: it changes at most once, in the moment in which another amount came, and
what was asked for stays beside it."""

FINAL = {
    "outgoing_event": ("position",),
    "hl7_message": ("settled_at", "state", "settled_by"),
    "payment_link": ("ended_at",),
    "refund": ("decided_by", "rule_client_id"),
    "shift": ("closed_at", "closed_by", "expected_minor", "counted_minor", "difference_approved_by", "facts"),
}
"""Columns that stay once the first of them is filled: how a record ended."""


_PAID = (
    "SELECT 1 FROM invoice_hold WHERE invoice_id = OLD.id "
    "UNION ALL SELECT 1 FROM allocation WHERE invoice_id = OLD.id"
)
_IS_MERGED = "SELECT 1 FROM patient WHERE id = OLD.patient_id AND merged_into_id = NEW.patient_id"
BOUND = {
    "invoice": (
        ("patient_id", "currency"),
        f"{_PAID} AND (NEW.currency <> OLD.currency OR NOT EXISTS ({_IS_MERGED}))",
    ),
    "patient": (
        ("merged_into_id",),
        (
            "SELECT 1 WHERE OLD.merged_into_id IS NOT NULL AND NOT EXISTS "
            "(SELECT 1 FROM patient WHERE id = OLD.merged_into_id AND merged_into_id = NEW.merged_into_id)"
        ),
    ),
    "payment": (("patient_id",), f"SELECT 1 WHERE NOT EXISTS ({_IS_MERGED})"),
}
"""Columns that stay while a query finds something: whom an invoice is of, once it is being paid or ever had money,
and whose a payment is. Both follow an old record into the patient that it was merged into, and only there."""

CONFIRMED = {
    "payment": (
        "paid",
        ("confirmed_at", "state", "amount_minor", "asked_minor", "stripe_intent_id", "stripe_charge_id"),
    ),
    "refund": ("succeeded", ("confirmed_at", "stripe_refund_id")),
}
"""The state in which a record is confirmed, never as it is inserted; and what then stays, because Stripe was asked
about that."""

PENDING = "SELECT 1 FROM payment WHERE id = OLD.payment_id AND state = 'processing'"
"""What keeps an invoice held: a bank that has still to decide."""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One trigger before an addition (``INSERT``), change or removal (``DELETE``) of a row that meets ``condition``.

    ``{differs}`` in a condition stands for how the database tells values apart that may be missing. With ``given``, a
    query, it holds only where that finds something.
    """

    name: str
    table: str
    event: str
    condition: str = ""
    given: str = ""


def guards() -> list[Guard]:
    """Return every guard of the schema."""
    return [
        *(Guard(name=f"{table}_unchanged", table=table, event="UPDATE") for table in NEVER_CHANGED),
        *(Guard(name=f"{table}_kept", table=table, event="DELETE") for table in NEVER_DELETED),
        *(
            Guard(name=f"{table}_forward", table=table, event="UPDATE", condition=f"NEW.{column} <> OLD.{column} + 1")
            for table, column in ONLY_FORWARD.items()
        ),
        *(
            Guard(name=f"{table}_written_once", table=table, event="UPDATE", condition=_changed(columns))
            for table, columns in WRITTEN_ONCE.items()
        ),
        Guard(name="payment_amount", table="payment", event="UPDATE", condition=OTHER_AMOUNT),
        Guard(name="invoice_hold_pending", table="invoice_hold", event="DELETE", given=PENDING),
        *(
            Guard(
                name=f"{table}_final",
                table=table,
                event="UPDATE",
                condition=f"OLD.{columns[0]} IS NOT NULL AND ({_changed(columns)})",
            )
            for table, columns in FINAL.items()
        ),
        *(each for table, confirmed in CONFIRMED.items() for each in _guards_of_confirmed(table, *confirmed)),
        *(
            Guard(name=f"{table}_bound", table=table, event="UPDATE", condition=_changed(columns), given=given)
            for table, (columns, given) in BOUND.items()
        ),
    ]


def statements(metadata: sa.MetaData, *, sqlite: bool) -> list[str]:
    """Return the statements that put guards and tellers into a schema that has only the tables of ``metadata``."""
    return [*_guarding(metadata, sqlite=sqlite), *tellers.statements(sqlite=sqlite)]


def _guarding(metadata: sa.MetaData, *, sqlite: bool) -> list[str]:
    if sqlite:
        replacing = guards_against_replacing(metadata, NEVER_DELETED, NEVER_CHANGED)
        return [*(_on_sqlite(guard) for guard in guards()), *(statement for _, statement in replacing)]
    refuse = (
        "CREATE FUNCTION cashier_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is kept as it is', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    emptied = (
        f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION cashier_refuse()"
        for table in NEVER_DELETED
    )
    return [
        refuse,
        *(each for guard in guards() for each in _on_postgresql(guard)),
        *emptied,
        *SEALING,
        *signing_in.statements(),
        *by_token.statements(),
    ]


def _guards_of_confirmed(table: str, state: str, columns: tuple[str, ...]) -> tuple[Guard, Guard]:
    too_early = f"OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL AND NEW.state <> '{state}'"
    changed = f"OLD.confirmed_at IS NOT NULL AND ({_changed(columns)})"
    return (
        Guard(name=f"{table}_unconfirmed", table=table, event="INSERT", condition="NEW.confirmed_at IS NOT NULL"),
        Guard(name=f"{table}_confirmed", table=table, event="UPDATE", condition=f"{too_early} OR {changed}"),
    )


def _changed(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"NEW.{column} {{differs}} OLD.{column}" for column in columns)


def _on_sqlite(guard: Guard) -> str:
    condition = guard.condition.format(differs="IS NOT")
    if guard.given:
        condition = f"({condition}) AND EXISTS ({guard.given})" if condition else f"EXISTS ({guard.given})"
    when = f"WHEN {condition} " if condition else ""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{guard.table} is kept as it is'); END"
    )


def _on_postgresql(guard: Guard) -> list[str]:
    when = f"WHEN ({guard.condition.format(differs='IS DISTINCT FROM')}) " if guard.condition else ""
    # A condition may not look into other tables there, so that a function does.
    function = f"cashier_refuse_{guard.name}" if guard.given else "cashier_refuse"
    looks = (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF EXISTS ({guard.given}) THEN "
        "RAISE EXCEPTION '% is kept as it is', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END IF; "
        f"RETURN {'OLD' if guard.event == 'DELETE' else 'NEW'}; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} "
        f"FOR EACH ROW {when}EXECUTE FUNCTION {function}()"
    )
    return [looks, trigger] if guard.given else [trigger]
