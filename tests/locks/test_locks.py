"""Nobody waits in a circle: all verbs lock in one order, and every verb goes beside every other, on PostgreSQL."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

import cashier
from cashier.assembly import open_services
from cashier.books.api_client import Scope
from cashier.books.journal import staff_at
from cashier.errors import CashierError, Party, Unreachable
from tests.locks.trace import Transaction, locks_of
from tests.locks.verbs import (
    VERBS,
    Desk,
    Shared,
    Verb,
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
    """Three desks that run, each with somebody signed in, all with drawers."""
    hospital.execute("INSERT INTO desk (code, name, is_active, is_counter) VALUES ('D3', 'North', true, true)")
    async with contextlib.AsyncExitStack() as stack:
        found: list[Desk] = []
        for number, staff_id in (
            (1, hospital.cashier_id),
            (2, hospital.supervisor_id),
            (3, hospital.administrator_id),
        ):
            own = msgspec.structs.replace(settings.desk, code=f"D{number}", shifts=True)
            services = await stack.enter_async_context(
                open_services(msgspec.structs.replace(settings, desk=own), keychain)
            )
            found.append((services, staff_at(staff_id=staff_id, desk_id=number)))
        yield found


@pytest.fixture
async def shared(desks, hospital, sandbox) -> Shared:
    """Records that all desks act on."""
    services, _ = desks[0]
    made = await services.clients.add("Portal", "WEB", tuple(Scope), hospital.administrator)
    caller = await services.clients.identify(made.text)
    assert caller is not None
    found = Shared(hospital=hospital, sandbox=sandbox, client=caller.actor)
    await found.prepare(desks)
    return found


async def attempt(verb: Verb, shared: Shared, desk: Desk) -> CashierError | None:
    """Do it; return how it was refused, if it was."""
    refused: CashierError | None = None
    try:
        await verb(shared, desk)
    except CashierError as error:
        refused = error
    assert refused is None or refused.by is not Party.DATABASE, f"{verb.__name__}: {refused}"
    return refused


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
    starts = _starts(len(VERBS))
    for step in range(len(VERBS)):
        verbs = [VERBS[(start + step) % len(VERBS)] for start in starts]
        async with asyncio.timeout(30):
            await asyncio.gather(*(attempt(verb, shared, desks[place % 3]) for place, verb in enumerate(verbs)))

    assert await contradictions_in(desks[0][0].database) == []


def _starts(count: int) -> list[int]:
    """Return where in a ring of ``count`` verbs several begin, so that each verb comes to stand beside every other.

    That is so once every distance between two places of the ring is one between two beginnings; 0 as well, as a
    verb goes beside itself.
    """
    starts = [0, 0]
    while len(_distances(starts, count)) < count:
        starts.append(max(range(count), key=lambda start: len(_distances([*starts, start], count))))
    return starts


def _distances(starts: list[int], count: int) -> set[int]:
    return {(one - other) % count for one, other in itertools.permutations(starts, 2)}


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


def test_whatever_moves_money_in_a_transaction_is_done_again_after_a_circle():
    package = Path(cashier.__file__).parent
    lacking = [
        f"{file.relative_to(package)}: {function.name}"
        for room in ("payments", "refunds", "shifts", "receipts", "disputes", "cards", "invoices", "reconciliation")
        for file in sorted((package / room).rglob("*.py"))
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(function, ast.AsyncFunctionDef)
        and any(isinstance(each, ast.Attribute) and each.attr == "transaction" for each in ast.walk(function))
        and "again_after_circle" not in [ast.unparse(each) for each in function.decorator_list]
    ]
    assert lacking == []
