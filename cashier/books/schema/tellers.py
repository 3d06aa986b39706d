"""Tellers: triggers by which the database itself writes an event where money moves, whoever moves it.

They act in the transaction that moves the money. On PostgreSQL they write with the rights of the account that
migrates: desks and companions can neither leave an event out nor make one up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cashier.books.outgoing.event import EventKind

_ENDED = "('won', 'lost', 'warning_closed', 'prevented')"
_DEPOSIT = "NEW.amount_minor - COALESCE(NEW.asked_minor, NEW.amount_minor) + NEW.deposit_minor"
"""What is left for the patient's account where less came than was asked for: invoices are paid first."""
_PAYMENT = {
    "payment_id": "NEW.id",
    "amount_minor": "NEW.amount_minor",
    "currency": "NEW.currency",
    "state": "NEW.state",
    "tender": "NEW.tender",
}
_REFUND = {
    "payment_id": "NEW.payment_id",
    "refund_id": "NEW.id",
    "amount_minor": "NEW.amount_minor",
    "currency": "NEW.currency",
    "state": "NEW.state",
}
_DISPUTE = {
    "payment_id": "NEW.payment_id",
    "dispute_id": "NEW.stripe_id",
    "amount_minor": "NEW.amount_minor",
    "currency": "NEW.currency",
    "state": "NEW.status",
    "reason": "NEW.reason",
}


@dataclass(frozen=True, kw_only=True)
class Teller:
    """One trigger after an ``event`` of a ``table`` that meets ``condition``; ``values`` are what it writes."""

    name: str
    table: str
    event: str
    condition: str
    kind: EventKind
    values: Mapping[str, str]


def _reached(kind: EventKind, table: str, state: str, values: Mapping[str, str], given: str = "") -> list[Teller]:
    """Return tellers of rows that come into a ``state``, or begin in it, where ``given`` holds."""
    name = kind.replace(".", "_")
    is_there = f"NEW.state = '{state}'{given}"
    return [
        Teller(name=f"{name}_new", table=table, event="INSERT", condition=is_there, kind=kind, values=values),
        Teller(
            name=name,
            table=table,
            event="UPDATE OF state",
            condition=f"OLD.state <> '{state}' AND {is_there}",
            kind=kind,
            values=values,
        ),
    ]


TELLERS = (
    *_reached(EventKind.PAYMENT_SETTLED, "payment", "paid", _PAYMENT),
    *_reached(EventKind.PAYMENT_FAILED, "payment", "cancelled", _PAYMENT | {"reason": "NEW.decline_code"}),
    *_reached(
        EventKind.DEPOSIT_TAKEN,
        "payment",
        "paid",
        _PAYMENT
        | {"amount_minor": f"CASE WHEN NEW.deposit_minor < {_DEPOSIT} THEN NEW.deposit_minor ELSE {_DEPOSIT} END"},
        given=f" AND NEW.deposit_minor > 0 AND {_DEPOSIT} > 0",
    ),
    *_reached(EventKind.REFUND_SUCCEEDED, "refund", "succeeded", _REFUND),
    *_reached(EventKind.REFUND_FAILED, "refund", "failed", _REFUND),
    Teller(
        name="dispute_opened",
        table="dispute",
        event="INSERT",
        condition="",
        kind=EventKind.DISPUTE_OPENED,
        values=_DISPUTE,
    ),
    Teller(
        name="dispute_changed",
        table="dispute",
        event="UPDATE OF status, amount_minor",
        condition=(
            f"(NEW.status <> OLD.status OR NEW.amount_minor <> OLD.amount_minor) AND NEW.status NOT IN {_ENDED}"
        ),
        kind=EventKind.DISPUTE_CHANGED,
        values=_DISPUTE,
    ),
    Teller(
        name="dispute_closed",
        table="dispute",
        event="UPDATE OF status, amount_minor",
        condition=(f"(NEW.status <> OLD.status OR NEW.amount_minor <> OLD.amount_minor) AND NEW.status IN {_ENDED}"),
        kind=EventKind.DISPUTE_CLOSED,
        values=_DISPUTE,
    ),
    Teller(
        name="invoice_balance_changed",
        table="invoice",
        event="UPDATE OF balance_minor, status",
        condition=(
            "NEW.balance_minor <> OLD.balance_minor OR (NEW.status = 'cancelled') <> (OLD.status = 'cancelled')"
        ),
        kind=EventKind.INVOICE_BALANCE_CHANGED,
        values={
            "invoice_id": "NEW.id",
            "amount_minor": "NEW.balance_minor",
            "currency": "NEW.currency",
            "state": "NEW.status",
        },
    ),
)
"""Every place where money moves, by the state of its record."""


def statements(*, sqlite: bool) -> list[str]:
    """Return the statements that put every teller into a schema that has the tables and no teller."""
    return [each for teller in TELLERS for each in (_on_sqlite(teller) if sqlite else _on_postgresql(teller))]


def _on_sqlite(teller: Teller) -> list[str]:
    when = f"WHEN {teller.condition} " if teller.condition else ""
    row = _inserting(teller, "lower(hex(randomblob(16)))", "strftime('%Y-%m-%d %H:%M:%f000', 'now')")
    return [f"CREATE TRIGGER tell_{teller.name} AFTER {teller.event} ON {teller.table} {when}BEGIN {row}; END"]


def _on_postgresql(teller: Teller) -> list[str]:
    when = f"WHEN ({teller.condition}) " if teller.condition else ""
    function = f"cashier_tell_{teller.name}"
    row = _inserting(teller, "gen_random_uuid()", "clock_timestamp()")
    return [
        (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
            f"SET search_path = public, pg_temp AS $$ BEGIN {row}; RETURN NULL; END $$"
        ),
        # Whoever could hang it on a table of their own could make events up.
        f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC",
        (
            f"CREATE TRIGGER tell_{teller.name} AFTER {teller.event} ON {teller.table} "
            f"FOR EACH ROW {when}EXECUTE FUNCTION {function}()"
        ),
    ]


def _inserting(teller: Teller, new_id: str, moment: str) -> str:
    columns = {"id": new_id, "kind": f"'{teller.kind.value}'", "at": moment, **teller.values}
    into, values = ", ".join(columns), ", ".join(columns.values())
    return f"INSERT INTO outgoing_event ({into}) VALUES ({values})"  # noqa: S608 - names and values of ours
