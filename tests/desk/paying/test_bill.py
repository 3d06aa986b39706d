"""What is being paid: amounts are spread over invoices without losing or making a cent."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashier.desk.paying.choosing.bill import Bill, BillLine
from cashier.errors import Refused
from cashier.money import Money


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


def bill_of(*balances: int, held: frozenset[int] = frozenset()) -> Bill:
    lines = tuple(
        BillLine(
            invoice_id=key,
            number=f"INV-{key}",
            department="Radiology",
            issued_on=date(2026, 11, key),
            balance=eur(balance),
            pays_now=eur(0),
            is_held=key in held,
        )
        for key, balance in enumerate(balances, start=1)
    )
    return Bill.of(7, "EUR", lines)


ALL = frozenset(range(1, 30))
BALANCES = st.lists(st.integers(1, 1_000_000), min_size=1, max_size=12)


@given(balances=BALANCES, amount_minor=st.integers(1, 20_000_000))
def test_what_is_paid_is_spread_to_the_cent_and_never_above_what_is_due(balances, amount_minor):
    bill = bill_of(*balances).choosing(ALL).paying(eur(amount_minor), rest_on_account=True)

    assert bill.amount == eur(amount_minor)
    assert all(line.pays_now <= line.balance for line in bill.lines)
    assert sum(share.amount.amount_minor for share in bill.shares) + bill.deposit.amount_minor == amount_minor
    assert bill.due == bill.left + Money(sum(share.amount.amount_minor for share in bill.shares), "EUR")


@given(balances=BALANCES, amount_minor=st.integers(1, 20_000_000))
def test_the_oldest_invoice_is_paid_before_a_newer_one(balances, amount_minor):
    bill = bill_of(*balances).choosing(ALL).paying(eur(amount_minor), rest_on_account=True)

    for older, newer in zip(bill.lines, bill.lines[1:], strict=False):
        assert not newer.pays_now or older.pays_now == older.balance


def test_more_than_is_due_is_refused_unless_it_goes_on_account():
    bill = bill_of(1_000).choosing(ALL)

    with pytest.raises(Refused, match=r"Only 10\.00 € are due"):
        bill.paying(eur(1_001), rest_on_account=False)

    assert bill.paying(eur(1_001), rest_on_account=True).deposit == eur(1)


def test_only_chosen_invoices_are_paid():
    bill = bill_of(1_000, 2_000, 3_000).choosing(frozenset({2}))

    assert (bill.due, [share.invoice_id for share in bill.shares]) == (eur(2_000), [2])


def test_an_invoice_that_somebody_else_is_paying_is_not_chosen():
    bill = bill_of(1_000, 2_000, held=frozenset({1})).choosing(ALL)

    assert [share.invoice_id for share in bill.shares] == [2]


def test_a_share_can_be_changed_by_hand_up_to_what_is_due():
    bill = bill_of(1_000, 2_000).choosing(ALL).with_share(1, eur(400))

    assert (bill.amount, bill.left) == (eur(2_400), eur(600))
    with pytest.raises(Refused, match=r"Only 10\.00 € are due on INV-1"):
        bill.with_share(1, eur(1_001))


def test_an_invoice_with_nothing_of_the_amount_left_for_it_takes_no_part():
    bill = bill_of(1_000, 2_000).choosing(ALL).paying(eur(900), rest_on_account=False)

    assert [(share.invoice_id, share.amount) for share in bill.shares] == [(1, eur(900))]
    assert bill.left == eur(2_100)


def test_a_bill_without_invoices_is_a_deposit():
    bill = bill_of().paying(eur(5_000), rest_on_account=True)

    assert (bill.amount, bill.deposit, bill.shares) == (eur(5_000), eur(5_000), ())


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nothing_cannot_be_paid(amount_minor):
    with pytest.raises(Refused, match="above zero"):
        bill_of(1_000).choosing(ALL).paying(eur(amount_minor), rest_on_account=False)
