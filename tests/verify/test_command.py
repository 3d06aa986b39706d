"""The auditor's program runs by itself, without any other package or settings, on both kinds of books."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cashier_verify
from cashier_verify.anchors import of_file, typed
from cashier_verify.command import KEY, verify
from cashier_verify.finding import Unreadable
from cashier_verify.schema import EXPECTED
from tests.surroundings.running_sandbox import STRIPE_KEY
from tests.verify.day import copy_of, past_the_guards, work_a_day, write_chain_anew
from tests.verify.expected import export, text_of


def run(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the program in a Python without any other package."""
    if not (folder / "cashier_verify").exists():
        shutil.copytree(Path(cashier_verify.__file__).parent, folder / "cashier_verify")
    return subprocess.run(
        [sys.executable, "-S", "-W", "error", "-m", "cashier_verify", *map(str, arguments)],
        cwd=folder, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def test_it_needs_no_other_package_changes_nothing_and_leaves_nothing_beside_the_books(day, tmp_path):
    day.chmod(0o400)
    before = day.read_bytes()

    found = run(tmp_path, day)

    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout == (
        "Nothing was changed past the program, as far as the books tell; compared with 0 anchors.\n"
    )
    assert day.read_bytes() == before
    assert not list(tmp_path.glob("day.sqlite-*"))


def test_what_is_found_is_a_line_each_or_json_and_the_code_tells_a_program(day, tmp_path):
    past_the_guards(day, "UPDATE staff SET role = 'administrator' WHERE id = 1")

    found = run(tmp_path, day)
    assert found.returncode == 1
    assert found.stdout.splitlines()[0] == "staff: 1 is administrator, by the journal cashier"
    finding = {"rule": "staff", "text": "1 is administrator, by the journal cashier"}
    assert json.loads(run(tmp_path, day, "--json").stdout) == {"anchors": 0, "findings": [finding]}


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_an_export_of_postgresql_tells_the_same(services, hospital, sandbox, tmp_path):
    await work_a_day(services, hospital)
    assert verify(export(hospital.url, tmp_path / "export"), []) == []

    hospital.execute("ALTER TABLE payment DISABLE TRIGGER payment_written_once")
    hospital.execute("UPDATE payment SET tender = 'cheque', tendered_minor = NULL WHERE tender = 'cash'")
    hospital.execute("UPDATE staff SET role = 'administrator' WHERE id = 1")
    found = [str(each) for each in verify(export(hospital.url, tmp_path / "again"), [])]

    assert "guards: the trigger payment_written_once was changed" in found
    assert "staff: 1 is administrator, by the journal cashier" in found
    assert {each.partition(":")[0] for each in found} == {"guards", "payment", "staff"}


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_the_guards_that_it_expects_are_those_of_this_release(database_url, migrated_file, tmp_path):
    fresh = text_of(migrated_file, export(database_url, tmp_path / "export"))

    assert EXPECTED.read_text(encoding="utf-8") == fresh, "run: python -m tests.verify.expected"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file"),
        (b"", "cannot be opened as Cashier's books"),
        (b"PK\x03\x04 no database", "cannot be opened as Cashier's books"),
        ("folder", "has no journal_entry.csv"),
        ("half an export", "is not as the export writes it"),
    ],
)
def test_what_is_no_book_of_ours_is_said_and_is_no_finding(tmp_path, content, words):
    path = tmp_path / "books"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
        if content != "folder":
            (path / "journal_entry.csv").write_text("number,at\n1,2\n", encoding="utf-8")

    found = run(tmp_path, path)
    assert (found.returncode, found.stdout) == (2, "")
    assert words in found.stderr
    assert "Traceback" not in found.stderr


def test_anchors_are_read_as_people_and_machines_write_them(tmp_path):
    digits = "0f" * 16
    assert typed(f"1 234:{digits.upper()[:20]} {digits[20:]}").number == 1234
    assert typed(f"1.234:{digits}").hash == digits
    table = tmp_path / "anchors.csv"
    table.write_text(f"\ufeffsource,number,hash\nZ report D1-7,12,{digits}\n", encoding="utf-8")
    log = tmp_path / "syslog"
    log.write_text(f"Nov 26 10:00:00 till cashier[7]: journal entry=15:{digits} \n\x00garbage\n", encoding="utf-8")

    assert [(each.source, each.number) for each in of_file(table)] == [("Z report D1-7", 12)]
    assert [(each.source, each.number) for each in of_file(log)] == [("syslog, line 1", 15)]
    for wrong in ("12", "12:abc", "x:" + digits, "12:" + "z" * 32):
        with pytest.raises(Unreadable, match="no number and hash"):
            typed(wrong)
    (tmp_path / "empty.txt").write_text("nothing here", encoding="utf-8")
    with pytest.raises(Unreadable, match="no anchors"):
        of_file(tmp_path / "empty.txt")


def test_a_key_for_stripe_is_never_a_word_of_the_command_line_and_stripe_has_to_answer(day, free_port, tmp_path):
    without = run(tmp_path, day, "--stripe", 30)
    silent = run(tmp_path, day, "--stripe", 30, "--stripe-url", f"http://127.0.0.1:{free_port}", **{KEY: STRIPE_KEY})

    assert (without.returncode, without.stdout) == (2, "")
    assert KEY in without.stderr
    assert (silent.returncode, silent.stderr[:38]) == (2, "cashier-verify: Stripe does not answer")


async def test_stripe_tells_of_a_journal_that_was_written_anew_and_of_payments_that_are_not_there(
    services, hospital, sandbox, tmp_path
):
    await work_a_day(services, hospital)
    file = copy_of(hospital.file, tmp_path / "day.sqlite")
    asked = (file, "--stripe", 30, "--stripe-url", sandbox.url)
    untouched = run(tmp_path, *asked, **{KEY: STRIPE_KEY})
    # A payment and a refund were made there, each with its own entry.
    assert untouched.stdout.endswith("compared with 2 anchors.\n")
    assert untouched.returncode == 0

    await services.staff.note_sign_out(1, desk_id=1)
    await services.anchors.notary.run()
    older = run(tmp_path, *asked, **{KEY: STRIPE_KEY}).stdout
    assert older.startswith("anchor: the notary at Stripe (")
    assert "an older copy was put back" in older

    sandbox.ask(
        "/v1/payment_intents", amount="500", currency="eur", confirm="true", payment_method="pm_card_visa",
        **{"metadata[cashier_payment]": "0190c6f0-0000-7000-8000-000000000001",
           "allowed_payment_method_types[0]": "card"},
    )  # fmt: skip
    past_the_guards(file, "UPDATE journal_entry SET staff_id = 2 WHERE action = 'approval limit set'")
    write_chain_anew(file)

    found = run(tmp_path, *asked, **{KEY: STRIPE_KEY}).stdout
    assert "saw another entry" in found
    assert "payment: 0190c6f0000070008000000000000001 succeeded at Stripe" in found
