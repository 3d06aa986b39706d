"""Whatever is changed in the books past the program is found, by the auditor's program alone, and nothing else is."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cashier.tenders.tender import AT_STRIPE_TENDERS
from cashier_verify.anchors import Anchor
from cashier_verify.command import verify
from cashier_verify.confirmed import AT_STRIPE
from tests.verify.day import past_the_guards, write_chain_anew

MANIPULATIONS = Path(__file__).with_name("manipulations.sql").read_text(encoding="utf-8")


def manipulations() -> list[tuple[str, str, str]]:
    """Return the rule that finds it, what is done, and the statements: guards are taken out for it, and put back."""
    parts = re.split(r"^-- (\w+): (.*)$", MANIPULATIONS, flags=re.MULTILINE)[1:]
    return list(zip(parts[0::3], parts[1::3], parts[2::3], strict=True))


def test_what_was_changed_past_the_program_is_found_and_what_was_not_is_not(day, tmp_path):
    assert verify(day, []) == []

    missed = {}
    for rule, what, statements in manipulations():
        changed = Path(shutil.copy(day, tmp_path / "changed.sqlite"))
        past_the_guards(changed, statements)
        found = {finding.rule for finding in verify(changed, [])}
        if rule not in found:
            missed[what] = found
    assert missed == {}


def test_what_no_desk_may_attest_and_stripe_never_confirmed_is_found_after_an_hour(day):
    assert set(AT_STRIPE) == {tender.value for tender in AT_STRIPE_TENDERS}
    past_the_guards(
        day,
        "UPDATE payment SET created_at = datetime(created_at, '-2 hours') WHERE tender = 'checkout'",
        "UPDATE refund SET requested_at = datetime(requested_at, '-2 hours') WHERE way = 'card'",
    )
    named = [str(each).split()[:2] for each in verify(day, []) if each.rule == "unconfirmed"]
    assert named == [["unconfirmed:", "payment"], ["unconfirmed:", "refund"]]

    past_the_guards(
        day, "UPDATE payment SET confirmed_at = settled_at", "UPDATE refund SET confirmed_at = requested_at"
    )
    assert "unconfirmed" not in {each.rule for each in verify(day, [])}


@pytest.mark.parametrize(
    ("rule", "statement"),
    [
        ("chain", "UPDATE journal_entry SET facts = '{\"a\":' WHERE number = 5"),
        ("chain", "UPDATE journal_entry SET facts = x'00ff' WHERE number = 5"),
        ("chain", "UPDATE journal_entry SET at = x'35' WHERE number = 5"),
        ("chain", "UPDATE journal_entry SET at = 5 WHERE number = 5"),
        ("chain", "UPDATE journal_entry SET hash = x'00', previous_hash = 1.5 WHERE number = 5"),
        ("chain", "DELETE FROM journal_head"),
        ("receipt", "UPDATE receipt SET facts = 'nothing that is written so'"),
        ("receipt", "UPDATE receipt SET facts = x'00ff'"),
    ],
)
def test_what_cannot_be_read_is_a_finding_and_never_hides_the_others(day, rule, statement):
    past_the_guards(day, statement, "UPDATE staff SET role = 'administrator' WHERE id = 1")

    assert {rule, "staff"} <= {each.rule for each in verify(day, [Anchor("a Z report", 5, "ab" * 8)])}


def test_guards_that_are_missing_added_or_changed_are_named(day):
    with closing(sqlite3.connect(day)) as books:
        books.executescript(
            "DROP TRIGGER payment_kept; DROP TRIGGER receipt_kept; "
            "CREATE TRIGGER receipt_kept BEFORE DELETE ON receipt WHEN OLD.id > 5 "
            "BEGIN SELECT RAISE(ABORT, 'receipt is kept as it is'); END; "
            "CREATE TRIGGER mine AFTER INSERT ON payment BEGIN DELETE FROM payment WHERE 0; END"
        )

    assert [str(finding) for finding in verify(day, [])] == [
        "guards: the trigger mine was added",
        "guards: the trigger payment_kept is missing",
        "guards: the trigger receipt_kept was changed",
    ]


def test_only_an_anchor_tells_an_older_copy_a_cut_end_and_a_journal_that_was_written_anew(day, tmp_path):
    with closing(sqlite3.connect(day)) as books:
        entries = dict(books.execute("SELECT number, hash FROM journal_entry"))
    last = max(entries)
    anchors = [Anchor("a Z report", number, entries[number]) for number in (10, last)]
    assert verify(day, anchors) == []

    (found,) = verify(day, [Anchor("a Z report", last + 5, "ab" * 8)])
    assert str(found) == (
        f"anchor: a Z report saw entry {last + 5}, and the journal ends with {last}: "
        "an older copy was put back, or its end was cut together with its records"
    )
    rewritten = Path(shutil.copy(day, tmp_path / "rewritten.sqlite"))
    past_the_guards(rewritten, "UPDATE journal_entry SET staff_id = 2 WHERE number = 12")
    write_chain_anew(rewritten)
    assert "anchor" not in {each.rule for each in verify(rewritten, [])} | {
        each.rule for each in verify(day, anchors)
    }
    assert str(next(each for each in verify(rewritten, anchors) if each.rule == "anchor")) == (
        f"anchor: a Z report saw another entry {last}: the journal was written anew between 11 and {last}"
    )
