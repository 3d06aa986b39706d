"""What shifts do to the accounts: a float and movements against the safe, and what was counted at the end.

A drawer that is closed is empty: what was counted goes to the safe, and the next float comes from there.
"""

from __future__ import annotations

from cashier.books.deeds.deed import DeedKind
from cashier.books.shift import Shift
from cashier.ledger.entry import Account, Draft, Role, money_in
from cashier.ledger.known import Known, Told


def opened(known: Known, told: Told) -> Draft:
    """Book the float."""
    draft, shift, drawer, safe = _begin(known, told)
    draft.move(told.facts["float_minor"], shift.currency, debit=drawer, credit=safe)
    return draft


def cash_moved(known: Known, told: Told) -> Draft:
    """Book cash that was put in or taken out besides payments and refunds."""
    draft, shift, drawer, safe = _begin(known, told)
    sign = 1 if told.kind is DeedKind.CASH_MOVED_IN else -1
    draft.move(sign * told.facts["amount_minor"], shift.currency, debit=drawer, credit=safe)
    return draft


def closed(known: Known, told: Told) -> Draft:
    """Book what the count was off by, and empty the drawer."""
    draft, shift, drawer, safe = _begin(known, told)
    counted_minor, expected_minor = told.facts["counted_minor"], told.facts["expected_minor"]
    draft.move(expected_minor - counted_minor, shift.currency, debit=Account(Role.OVER_SHORT), credit=drawer)
    draft.move(counted_minor, shift.currency, debit=safe, credit=drawer)
    return draft


def _begin(known: Known, told: Told) -> tuple[Draft, Shift, Account, Account]:
    shift = known.shifts[int(told.subject_id)]
    desk = known.desks[shift.desk_id]
    drawer = money_in(Role.DRAWER, desk=desk, is_training=shift.is_training)
    return Draft(desk=desk), shift, drawer, money_in(Role.SAFE, desk="", is_training=shift.is_training)
