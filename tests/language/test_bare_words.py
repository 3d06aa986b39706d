"""No sentence of the program is bare: what a person reads is marked, and the rest is named here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import cashier

_PACKAGE = Path(cashier.__file__).parent
_NOT_FOR_PEOPLE = (
    _PACKAGE / "sandbox",  # speaks Stripe's language
    _PACKAGE / "language",
    _PACKAGE / "desk" / "tour",  # what a check says of itself is for whoever builds the program
    _PACKAGE / "failpoints.py",
    _PACKAGE / "invoices" / "spelling.py",  # particles of names
    _PACKAGE / "companion" / "api" / "openapi.py",  # for programmers, in English
    _PACKAGE / "hl7" / "codes.py",  # the words of the standard
    _PACKAGE / "fhir" / "names.py",  # the names of the standard
    _PACKAGE / "ledger" / "entry.py",  # names of accounts, as hledger and beancount want them
    _PACKAGE / "books",  # the stored words of deeds and constraints
    _PACKAGE / "tenders" / "card_brands.py",  # brands
    _PACKAGE / "tenders" / "methods.py",  # names of debits and vouchers
    _PACKAGE / "staff" / "actions.py",  # the stored words of rights
    _PACKAGE / "stripe_gateway" / "permissions.py",  # as Stripe's dashboard calls them, in English
    _PACKAGE / "desk" / "commands",  # keys, and what docs/KEYS.md says of them
    _PACKAGE / "desk" / "kit" / "style.py",
    _PACKAGE / "paper" / "typeface.py",
    _PACKAGE / "paper" / "faces.py",  # names of font files, and what a log has about them
)
_SAID_TO_NOBODY = frozenset({
    "Cashier", "Stripe", "Vary", "Date", "Ophthalmology", "1 Sample Quay", "Exampleton", "dd MMM yyyy",
    "cashier news", "companion ready on ", " ready on ", "every desk", "Cashier customer",
    "return after paying", "return unpaid", "no page is open", "wrong name or PIN", "locked now", "Action",
    "REPEATABLE READ", "Authorization", "Accept", "Origin", "Allow", "Location",
    "Hospital services, reference ", "Something unexpected happened (", "Server", "Settings",
    " journal entry ",  # in logs of other machines, for the auditor's program
    "Notes the newest entry of Cashier's journal",  # in Stripe's dashboard
    "the Z report",  # among the findings of the auditor's program, which are English
    "UNICODE UTF-8",  # a character set, as HL7 calls it
    "Patient portal",  # a client of the sample hospital
    "Are you sure you want to leave this page? Changes that you made may not be saved.",  # Qt's, never shown
    "# The accounts of the ledger: docs/BOOKS.md says what stands on each.",  # for programs, in English
    # Tags of the API's description.
    "Payments", "Refunds", "Saved cards", "Receipts", "Invoices", "Webhooks", "Patients", "Tokens", "Readiness",
    "Payment links", "Changes", "text/plain; version=0.0.4; charset=utf-8",
})  # fmt: skip
"""Names, formats, codes, what logs and programmers read, and what a cardholder finds on a bank's list."""
_PROGRAMMING = re.compile(
    r"-----BEGIN|PRIVATE KEY-----|<(?:section|article|span|th)\b|border-r|Bearer \$KEY"
    r"|<script|</script>|default-src|https://\*|prefers-(?:contrast|color-scheme)"
    # SQL, and what a parser of TOML says in English.
    r"|\b(?:INSERT|CONFLICT|SELECT|FROM|WHERE|ORDER BY|GROUP BY|UNION|LIMIT|AND|IN|AS|JOIN)\b"
    r"|invoice\.id, invoice\.number"
    r"|Invalid (?:value|hex|statement)|Expected (?:newline|'|\S+\$)|Unescaped"
    r"|<!DOCTYPE|border: 1px|[{}]|--host-resolver|A webhook has at most|event did not come|event was not stored"
    # For programmers who call the API.
    r"|Bearer realm|What Stripe calls|inline; filename|GET, POST|Authorization, |Location, Retry"
)
_MARKS = {"m", "mc", "mn"}
_TECHNICAL = {
    # Logs are English, bugs are for programmers, and databases have a language of their own.
    "debug", "info", "warning", "error", "exception", "getLogger", "LogRecord", "ValueError", "TypeError", "KeyError",
    "RuntimeError", "AssertionError", "text", "exec_driver_sql", "execute", "compile", "sub", "fullmatch", "search",
    "match", "split", "setObjectName", "setProperty", "findChild", "findChildren", "create_task", "strptime",
    "removeprefix", "removesuffix", "startswith", "endswith", "literal_column", "op", "field", "TypeVar", "NewType",
    "CheckConstraint", "Index", "DDL", "getattr", "replace", "Untold", "Unproved", "Literal", "LookupError",
    "OperationalError",
    # What the API says of itself to programmers.
    "Operation", "Meta",
    # What figures say of themselves to Prometheus.
    "Family", "gauge", "family",
}  # fmt: skip
_SENTENCE = re.compile(r"[A-Za-zÀ-ÿ]{2,}[,;:]? [A-Za-zÀ-ÿ]{1,}")
_WORD = re.compile(r"[A-Z][a-z]{2,}[.…!?]?")


def _bare(file: Path) -> Iterator[tuple[int, str]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    covered: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            covered.add(id(node.value))
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in _MARKS | _TECHNICAL:
                covered |= {id(each) for each in ast.walk(node)}
        elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            covered |= {id(each) for each in ast.walk(node.annotation)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in covered
            and (_SENTENCE.search(node.value) or _WORD.fullmatch(node.value))
            and node.value not in _SAID_TO_NOBODY
            and not _PROGRAMMING.search(node.value)
        ):
            yield node.lineno, node.value


def bare_words() -> Iterator[str]:
    """Find the texts that nobody marked."""
    for file in sorted(_PACKAGE.rglob("*.py")):
        if not any(file.is_relative_to(place) for place in _NOT_FOR_PEOPLE):
            for line, words in _bare(file):
                yield f"{file.relative_to(_PACKAGE.parent)}:{line}: {words[:90]}"


def test_no_sentence_is_bare():
    assert list(bare_words()) == []
