"""The command ``cashier-verify``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from cashier_verify import confirmed, money, papers, people
from cashier_verify.anchors import Anchor, of_file, typed
from cashier_verify.at_stripe import STRIPE, AtStripe
from cashier_verify.books import opened
from cashier_verify.chain import chain
from cashier_verify.check import ask
from cashier_verify.finding import Finding, Unreadable
from cashier_verify.schema import guards
from cashier_verify.tables import export_script

KEY = "CASHIER_VERIFY_STRIPE_KEY"
"""The variable of the environment that holds the key for Stripe: never a word of the command line."""
_CHECKS = (*money.CHECKS, *confirmed.CHECKS, *papers.CHECKS, *people.CHECKS)


def main(arguments: list[str] | None = None) -> int:
    """Read the books and say what does not fit; return 0 for nothing, 1 for findings, 2 for what cannot be read."""
    asked = _parser().parse_args(arguments)
    if asked.export_script:
        sys.stdout.write(export_script())
        return 0
    if asked.books is None:
        sys.stderr.write("cashier-verify: name the file, or the folder of an export. See cashier-verify --help.\n")
        return 2
    try:
        anchors = [typed(text) for text in asked.anchor] + [each for path in asked.anchors for each in of_file(path)]
        stripe = _at_stripe(asked.stripe, asked.stripe_url)
        findings = verify(asked.books, anchors, stripe)
    except Unreadable as problem:
        sys.stderr.write(f"cashier-verify: {problem}\n")
        return 2
    count = len(anchors) + (len(stripe.anchors) if stripe else 0)
    sys.stdout.write(_as_json(findings, count) if asked.json else _as_text(findings, count))
    return 1 if findings else 0


def verify(path: Path, anchors: list[Anchor], stripe: AtStripe | None = None) -> list[Finding]:
    """Return everything that does not fit in the books at ``path``. Raises ``Unreadable``; changes nothing."""
    with opened(path) as books:
        at_stripe = stripe.anchors if stripe else []
        findings = [*chain(books, [*anchors, *at_stripe]), *guards(books), *ask(books, _CHECKS)]
        return [*findings, *stripe.unknown(books)] if stripe else findings


def _at_stripe(days: int | None, base: str) -> AtStripe | None:
    if days is None:
        return None
    key = os.environ.get(KEY, "").strip()
    if not key:
        raise Unreadable(f"There is no key for Stripe: put a restricted one that only reads into {KEY}.")
    stripe = AtStripe(key, days=days, base=base)
    stripe.read()
    return stripe


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cashier-verify",
        description="Read Cashier's books from outside, and say what was changed past the program.",
        epilog="What each finding means stands in docs/AUDITING.md.",
    )
    parser.add_argument("books", type=Path, nargs="?", help="the SQLite file, or the folder of an export")
    parser.add_argument(
        "--anchor",
        action="append",
        default=[],
        metavar="N:HASH",
        help="an entry's number and hash, as a Z report has them; may be repeated",
    )
    parser.add_argument(
        "--anchors",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="a file with many of them: a CSV, or the log of another machine",
    )
    parser.add_argument(
        "--stripe",
        type=int,
        metavar="DAYS",
        help=f"also ask Stripe, for so many days back, with the key in {KEY}",
    )
    parser.add_argument("--stripe-url", default=STRIPE, help=argparse.SUPPRESS)
    parser.add_argument("--export-script", action="store_true", help="write the script for psql that makes an export")
    parser.add_argument("--json", action="store_true", help="write the findings for a program")
    return parser  # fmt: skip


def _as_json(findings: list[Finding], anchors: int) -> str:
    content = {"anchors": anchors, "findings": [{"rule": each.rule, "text": each.text} for each in findings]}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _as_text(findings: list[Finding], anchors: int) -> str:
    lines = [str(each) for each in findings]
    compared = f"compared with {anchors} anchor{'' if anchors == 1 else 's'}"
    if findings:
        lines.append(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}, {compared}.")
    else:
        lines.append(f"Nothing was changed past the program, as far as the books tell; {compared}.")
    return "\n".join(lines) + "\n"
