"""Readers of what we write for hledger and beancount, strict about the part of their grammars that we use.

Where the programs themselves are installed, they read it as well.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

_ACCOUNT = r"(?:Assets|Liabilities|Equity|Income|Expenses)(?::[A-Z0-9][A-Za-z0-9-]*)+"
_AMOUNT = r"-?\d+(?:\.\d+)?"
_HLEDGER = (
    ("mark", re.compile(r"decimal-mark \.")),
    ("commodity", re.compile(r"commodity \d+\.\d* (?P<currency>[A-Z]{3})")),
    ("account", re.compile(rf"account (?P<account>{_ACCOUNT})")),
    ("entry", re.compile(r"\d{4}-\d\d-\d\d \* [^;]+  ; \S.*")),
    ("leg", re.compile(rf"    (?P<account>{_ACCOUNT})  (?P<amount>{_AMOUNT}) (?P<currency>[A-Z]{{3}})(?:  ; \S.*)?")),
)
_TEXT = r'"(?:[^"\\]|\\["\\])*"'
_BEANCOUNT = (
    ("commodity", re.compile(r"\d{4}-\d\d-\d\d commodity (?P<currency>[A-Z]{3})")),
    ("account", re.compile(rf"\d{{4}}-\d\d-\d\d open (?P<account>{_ACCOUNT})")),
    ("entry", re.compile(rf"\d{{4}}-\d\d-\d\d \* {_TEXT}")),
    ("leg", re.compile(rf"  (?P<account>{_ACCOUNT})  (?P<amount>{_AMOUNT}) (?P<currency>[A-Z]{{3}})")),
    ("fact", re.compile(rf"  (?:  )?[a-z]+: {_TEXT}")),
)


def check_hledger(file: Path) -> None:
    """Fail for what hledger would not take under ``check --strict``."""
    _check(file.read_text(encoding="utf-8"), _HLEDGER)
    _ask("hledger", "-f", str(file), "check", "--strict")


def check_beancount(file: Path) -> None:
    """Fail for what bean-check would not take; it would let more be off than we do."""
    _check(file.read_text(encoding="utf-8"), _BEANCOUNT)
    _ask("bean-check", str(file))


def _check(text: str, grammar: tuple[tuple[str, re.Pattern[str]], ...]) -> None:
    used: set[str] = set()
    declared: set[str] = set()
    sums: Counter[str] = Counter()
    for line in [*text.split("\n"), ""]:
        if not line:
            assert not any(sums.values()), sums
            continue
        kind, found = next(((kind, match) for kind, rule in grammar if (match := rule.fullmatch(line))), ("", None))
        assert found is not None, f"no line of the grammar: {line!r}"
        names = {value for name, value in found.groupdict().items() if name != "amount"}
        if kind == "leg":
            used |= names
            sums[found["currency"]] += int(found["amount"].replace(".", ""))
        else:
            declared |= names
    assert used
    assert used == declared


def _ask(program: str, *arguments: str) -> None:
    if shutil.which(program):
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
