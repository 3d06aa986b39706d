"""An entry of the ledger: accounts, legs, and how amounts go from one account to another."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self

from cashier.tenders.purse import Purse

TRAINING = "Training"
"""What ends the name of an account of what was done in training."""


class Root(StrEnum):
    """The five kinds of accounts; the values are how hledger and beancount begin their names."""

    ASSETS = "Assets"
    LIABILITIES = "Liabilities"
    EQUITY = "Equity"
    INCOME = "Income"
    EXPENSES = "Expenses"


class Role(StrEnum):
    """What an account is for; the values stand in the file that gives each a number and a name."""

    _value_: str
    root: Root
    is_by_invoice: bool

    def __new__(cls, code: str, root: Root, is_by_invoice: bool = False) -> Self:
        """Make the member of one row."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.root = root
        member.is_by_invoice = is_by_invoice
        return member

    STRIPE = "stripe", Root.ASSETS
    """What Stripe owes the hospital: taken, less what went back."""
    DRAWER = "drawer", Root.ASSETS
    """Cash in the drawer of a desk."""
    SAFE = "safe", Root.ASSETS
    """Where a float comes from, and where cash goes that leaves a drawer."""
    CHEQUES = "cheques", Root.ASSETS
    TERMINALS = "terminals", Root.ASSETS
    BANK = "bank", Root.ASSETS
    DISPUTED = "disputed", Root.ASSETS
    """What banks hold while cardholders contest it, and what was lost and nobody decided about yet."""
    PATIENTS = "patients", Root.ASSETS, True
    """What patients owe of their invoices; what is left of credit notes counts against it."""
    INSURERS = "insurers", Root.ASSETS, True
    """What insurers owe of invoices."""
    ON_ACCOUNT = "on_account", Root.LIABILITIES
    """Deposits, and what no invoice took: it is the patients'."""
    REFUNDS_DUE = "refunds_due", Root.LIABILITIES
    """What was approved to go back and has not gone yet."""
    INVOICED = "invoiced", Root.INCOME, True
    """What invoices come to."""
    GIVEN_BACK = "given_back", Root.INCOME, True
    """What was given back for good: it is not owed again, and takes away from what was invoiced."""
    DISPUTE_LOSSES = "dispute_losses", Root.EXPENSES
    OVER_SHORT = "over_short", Root.EXPENSES
    """What drawers were short of; what they had too much takes away from it."""
    ROUNDING = "rounding", Root.EXPENSES
    """What was lost by the rounding of cash; what was won takes away from it."""


ROLE_OF_PURSE = {
    Purse.STRIPE: Role.STRIPE,
    Purse.DRAWER: Role.DRAWER,
    Purse.CHEQUES: Role.CHEQUES,
    Purse.TERMINALS: Role.TERMINALS,
    Purse.BANK: Role.BANK,
}
"""The account of each place in which money can be; credit that brings no money has none."""
_OF_MONEY = frozenset({*ROLE_OF_PURSE.values(), Role.SAFE, Role.DISPUTED})


@dataclass(frozen=True, order=True)
class Account:
    """One account: a role; of drawers, the desk's code; and apart from real money, what was done in training."""

    role: Role
    desk: str = ""
    is_training: bool = False


def money_in(role: Role, *, desk: str, is_training: bool) -> Account:
    """Return the account in which money of ``role`` is."""
    return Account(role, desk if role is Role.DRAWER else "", is_training and role in _OF_MONEY)


@dataclass(frozen=True, kw_only=True)
class Leg:
    """One line of an entry: above zero a debit, below zero a credit, in minor units of ``currency``."""

    account: Account
    amount_minor: int
    currency: str
    invoice: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one deed did to the accounts. ``number`` is its entry in the journal, ``event`` what it is called there.

    ``day`` is the hospital's. What is not known, or has no place, is empty.
    """

    number: int
    day: date
    event: str
    legs: tuple[Leg, ...]
    desk: str = ""
    tender: str = ""
    payment: str = ""
    refund: str = ""
    receipt: str = ""


@dataclass(kw_only=True)
class Draft:
    """An entry while it is made: every amount leaves one account for another, so that it cannot be off."""

    desk: str = ""
    tender: str = ""
    payment: uuid.UUID | None = None
    refund: uuid.UUID | None = None
    receipt: str = ""
    _sums: Counter[tuple[Account, str, str]] = field(default_factory=Counter)

    def move(self, amount_minor: int, currency: str, *, debit: Account, credit: Account, invoice: str = "") -> None:
        """Let so much go from ``credit`` to ``debit``, or the other way where it is below zero."""
        for account, sign in ((debit, 1), (credit, -1)):
            about = invoice if account.role.is_by_invoice else ""
            self._sums[account, currency, about] += sign * amount_minor

    @property
    def legs(self) -> tuple[Leg, ...]:
        """What is left on each account: debits first, in the order of the roles."""
        roles = list(Role)
        found = [
            Leg(account=account, amount_minor=amount_minor, currency=currency, invoice=invoice)
            for (account, currency, invoice), amount_minor in self._sums.items()
            if amount_minor
        ]
        return tuple(
            sorted(
                found,
                key=lambda leg: (
                    leg.currency, leg.amount_minor < 0, roles.index(leg.account.role), leg.account.desk,
                    leg.account.is_training, leg.invoice,
                ),
            )
        )  # fmt: skip
