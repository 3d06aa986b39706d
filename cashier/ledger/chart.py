"""The chart of accounts: the number and the name of each role, from a file of the hospital's or as it is by itself.

The same names stand in all files, so they are such as hledger and beancount take: parts with colons between, each
begun by a capital or a digit. Of drawers there is one account for each desk, below that of all drawers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import msgspec

from cashier.errors import Misconfigured, why_not
from cashier.language import Message, m, verbatim
from cashier.ledger.columns import CsvForm, check_form
from cashier.ledger.entry import TRAINING, Account, Role

_PART = r"[A-Z0-9][A-Za-z0-9-]*"
_NAME = re.compile(rf"{_PART}(:{_PART})+")


class AccountRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account; ``desks`` are the numbers of desks' own accounts, by their codes."""

    number: str
    name: str
    desks: dict[str, str] = {}


DEFAULT_ACCOUNTS: Mapping[Role, AccountRow] = {
    Role.DRAWER: AccountRow(number="1000", name="Assets:Cash:Drawers"),
    Role.SAFE: AccountRow(number="1010", name="Assets:Cash:Safe"),
    Role.CHEQUES: AccountRow(number="1020", name="Assets:Cheques"),
    Role.BANK: AccountRow(number="1100", name="Assets:Bank"),
    Role.TERMINALS: AccountRow(number="1110", name="Assets:Card-terminals"),
    Role.STRIPE: AccountRow(number="1120", name="Assets:Stripe:Clearing"),
    Role.DISPUTED: AccountRow(number="1130", name="Assets:Stripe:Disputed"),
    Role.PATIENTS: AccountRow(number="1200", name="Assets:Receivable:Patients"),
    Role.INSURERS: AccountRow(number="1210", name="Assets:Receivable:Insurers"),
    Role.ON_ACCOUNT: AccountRow(number="2100", name="Liabilities:Patients:On-account"),
    Role.REFUNDS_DUE: AccountRow(number="2110", name="Liabilities:Patients:Refunds-due"),
    Role.INVOICED: AccountRow(number="4000", name="Income:Invoiced"),
    Role.GIVEN_BACK: AccountRow(number="4010", name="Income:Given-back"),
    Role.DISPUTE_LOSSES: AccountRow(number="6100", name="Expenses:Dispute-losses"),
    Role.OVER_SHORT: AccountRow(number="6110", name="Expenses:Cash-over-short"),
    Role.ROUNDING: AccountRow(number="6120", name="Expenses:Cash-rounding"),
}
"""The chart of a hospital that has none of its own."""


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """What each account is called, and how the hospital wants its CSV files."""

    accounts: Mapping[Role, AccountRow]
    csv: CsvForm

    def number_of(self, account: Account) -> str:
        """Return the account's number; in training it ends with T, so that nobody takes it for a real one."""
        row = self.accounts[account.role]
        return row.desks.get(account.desk, row.number) + ("T" if account.is_training else "")

    def name_of(self, account: Account) -> str:
        """Return the account's name, with its desk, and apart from the real one in training."""
        parts = [self.accounts[account.role].name]
        if account.desk:
            parts.append(_as_part(account.desk))
        if account.is_training:
            parts.append(TRAINING)
        return ":".join(parts)


DEFAULT_CHART = Chart(accounts=DEFAULT_ACCOUNTS, csv=CsvForm())


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    accounts: dict[str, AccountRow]
    csv: CsvForm = CsvForm()


def load_chart(path: Path) -> Chart:
    """Read the hospital's chart.

    Raises ``Misconfigured``, which says what to change, for a file that cannot be read, a role that does not exist or
    has no account, a number or name that is there twice, and a name that hledger or beancount does not take.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _wrong(path, m("it cannot be read ({reason})", reason=why_not(error))) from error
    except ValueError as error:
        raise _wrong(path, m("it is not TOML: {reason}", reason=verbatim(str(error)))) from error
    try:
        file = msgspec.convert(raw, _File)
    except msgspec.ValidationError as error:
        raise _wrong(path, verbatim(str(error))) from error
    problem = next(chain(_problems(file.accounts), check_form(file.csv)), None)
    if problem is not None:
        raise _wrong(path, problem)
    return Chart(accounts={role: file.accounts[role] for role in Role}, csv=file.csv)


def written(chart: Chart = DEFAULT_CHART) -> str:
    """Write ``chart`` as the file that ``load_chart`` reads."""
    lines = ["# The accounts of the ledger: docs/BOOKS.md says what stands on each.", ""]
    for role, row in chart.accounts.items():
        lines += [f"[accounts.{role}]", f'number = "{row.number}"', f'name = "{row.name}"', ""]
    return "\n".join(lines)


def _problems(accounts: Mapping[str, AccountRow]) -> Iterator[Message]:
    for code in accounts:
        if code not in set(Role):
            yield m("there is no role “{role}”; there are {roles}", role=verbatim(code), roles=", ".join(Role))
    for role in Role:
        if role not in accounts:
            yield m("the role “{role}” has no account", role=role.value)
    seen: dict[str, str] = {}
    for code, row in accounts.items():
        for number in (row.number, *row.desks.values()):
            if not number or not number.isascii() or not number.isprintable():
                yield m("“{number}” of “{role}” is no number of an account", number=verbatim(number), role=code)
            if number in seen:
                yield m(
                    "the number {number} is there twice, for “{role}” and “{other}”",
                    number=verbatim(number), role=seen[number], other=code,
                )  # fmt: skip
            seen[number] = code
    yield from _wrong_names(accounts)


def _wrong_names(accounts: Mapping[str, AccountRow]) -> Iterator[Message]:
    names: dict[str, str] = {}
    roots = {role.value: role.root.value for role in Role}
    for code, row in accounts.items():
        root = roots[code]
        if not _NAME.fullmatch(row.name) or row.name.split(":")[0] != root:
            yield m(
                "“{name}” of “{role}” is no name: it begins with {root}: and has parts of letters, digits and "
                "hyphens, each begun by a capital or a digit",
                name=verbatim(row.name), role=code, root=root,
            )  # fmt: skip
        if row.name in names:
            yield m(
                "the name {name} is there twice, for “{role}” and “{other}”",
                name=verbatim(row.name), role=names[row.name], other=code,
            )  # fmt: skip
        names[row.name] = code


def _wrong(path: Path, problem: Message) -> Misconfigured:
    return Misconfigured(
        m("The accounts in {file} cannot be used: {problem}.", file=path.name, problem=problem),
        advice=m("“cashier books accounts” writes a file to begin with; docs/BOOKS.md explains it."),
    )


def _as_part(code: str) -> str:
    """Write a desk's code as a part of a name; two codes never come to the same one."""
    part = "".join(letter if re.fullmatch(r"[A-Za-z0-9]", letter) else f"-{ord(letter):x}-" for letter in code)
    return part if re.fullmatch(_PART, part) else f"X--{part}"
