"""Nobody waits in a circle: all verbs lock in one order, and every verb goes beside every other, on PostgreSQL."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import cashier
from cashier.errors import Unreachable
from tests.locks.mixing import attempt, mix, shared_by, three_desks
from tests.locks.trace import Transaction, locks_of
from tests.locks.verbs import (
    VERBS,
    Desk,
    Shared,
    change_shifts,
    give_cash_back,
    hand_out_a_receipt,
    pay_in_cash,
    use_the_account,
)
from tests.surroundings.balanced_books import contradictions_in

on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"])

ORDER = (
    "desk_use", "stripe_event", "difference", "card_reader", "api_client", "staff", "stripe_customer", "payment",
    "refund", "approval_limit", "client_refund_limit", "invoice", "patient", "shift", "receipt_series",
    "journal_head",
)  # fmt: skip
"""In which order rows are locked; docs/ARCHITECTURE.md has the part of it that matters."""


@pytest.fixture
async def desks(settings, keychain, hospital) -> AsyncIterator[list[Desk]]:
    async with three_desks(settings, keychain, hospital) as found:
        yield found


@pytest.fixture
async def shared(desks, hospital, sandbox) -> Shared:
    return await shared_by(desks, hospital, sandbox)


@on_postgresql
async def test_every_verb_locks_in_one_order_and_the_journal_last(desks, shared):
    wrong: list[str] = []
    for verb in VERBS:
        with locks_of(desks[0][0].database) as transactions:
            refused = await attempt(verb, shared, desks[0])
        assert refused is None, f"{verb.__name__}: {refused}"
        wrong += [f"{verb.__name__}: {each.tables}" for each in transactions if not _is_in_order(each)]

    assert wrong == []


def _is_in_order(transaction: Transaction) -> bool:
    places = [ORDER.index(table) for table in transaction.tables]
    return places == sorted(places)


@on_postgresql
async def test_every_verb_goes_beside_every_other_without_waiting_in_a_circle(desks, shared):
    await mix(shared, desks)

    assert await contradictions_in(desks[0][0].database) == []
    (ended,) = shared.hospital.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    assert ended == {"deadlocks": 0}


_CIRCLE = """
CREATE SEQUENCE circles;
CREATE FUNCTION circle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('circles') <= {times} THEN
        RAISE EXCEPTION 'ended so that others can go on' USING ERRCODE = 'deadlock_detected';
    END IF;
    RETURN NEW;
END $$;
GRANT USAGE ON SEQUENCE circles TO PUBLIC;
CREATE TRIGGER circle BEFORE INSERT ON journal_entry FOR EACH ROW EXECUTE FUNCTION circle();
"""


@on_postgresql
@pytest.mark.parametrize("verb", [pay_in_cash, use_the_account, give_cash_back, hand_out_a_receipt, change_shifts])
async def test_what_the_database_ends_for_others_is_done_again_by_itself_and_once(desks, shared, hospital, verb):
    hospital.execute(_CIRCLE.format(times=2))

    refused = await attempt(verb, shared, desks[0])

    assert refused is None
    assert await contradictions_in(desks[0][0].database) == []


@on_postgresql
async def test_what_the_database_ends_again_and_again_is_told_and_leaves_nothing(desks, shared, hospital):
    hospital.execute(_CIRCLE.format(times=1_000))
    before = hospital.execute("SELECT count(*) AS payments, sum(amount_minor) AS amount FROM payment")

    with pytest.raises(Unreachable, match="this was not saved"):
        await pay_in_cash(shared, desks[0])

    assert hospital.execute("SELECT count(*) AS payments, sum(amount_minor) AS amount FROM payment") == before


def _own(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """Yield what is in ``function``, and not what is in functions within it: they are looked at for themselves."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        each = waiting.pop()
        yield each
        if not isinstance(each, ast.AsyncFunctionDef):
            waiting += ast.iter_child_nodes(each)


def test_whatever_moves_money_in_a_transaction_is_done_again_after_a_circle():
    package = Path(cashier.__file__).parent
    lacking = [
        f"{file.relative_to(package)}: {function.name}"
        for room in ("payments", "refunds", "shifts", "receipts", "disputes", "cards", "invoices", "reconciliation")
        for file in sorted((package / room).rglob("*.py"))
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.AsyncFunctionDef)
        and any(isinstance(each, ast.Attribute) and each.attr == "transaction" for each in _own(function))
        and "again_after_circle" not in [ast.unparse(each) for each in function.decorator_list]
    ]
    assert lacking == []
