"""``cashier import --errors FILE``: the refused lines as they were, whole or not at all, and nothing else lost."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from cashier.errors import Refused
from cashier.invoices.arriving.report import ImportReport
from cashier.invoices.refused_lines import open_refused
from tests.invoices.test_file_import import a_line_of_the_file
from tests.surroundings.processes import run

GOOD, CORRECTED = a_line_of_the_file("INV-7"), a_line_of_the_file("INV-8")
BAD = CORRECTED.replace(b'"EUR"', b'"EUX"')


@pytest.fixture
def command(write_settings, settings) -> tuple[str, ...]:
    """Run the command on the sample hospital."""
    return ("--settings", str(write_settings(settings)), "import")


@pytest.mark.both_databases
def test_the_refused_lines_are_corrected_and_imported(command, tmp_path: Path, hospital):
    file, errors = tmp_path / "invoices.jsonl", tmp_path / "refused.jsonl"
    file.write_bytes(GOOD + BAD)

    tried = run(*command, str(file), "--dry-run", "--errors", str(errors))
    assert (
        "1 invoices would be added, 0 brought up to date, 0 left as they are, 1 refused. Nothing was changed."
        in tried.output
    )
    assert (tried.status, errors.read_bytes()) == (1, BAD)
    done = run(*command, str(file), "--errors", str(errors))
    assert (done.status, errors.read_bytes()) == (1, BAD)
    assert "Line 2: The currency of INV-8 is “EUX”" in done.output
    assert errors.stat().st_mode & 0o077 == 0

    errors.write_bytes(CORRECTED)
    again = run(*command, str(errors))

    assert (again.status, again.output.strip()) == (
        0,
        "1 invoices added, 0 brought up to date, 0 unchanged, 0 refused.",
    )
    numbers = {row["number"] for row in hospital.execute("SELECT number FROM invoice")}
    assert {"INV-7", "INV-8"} <= numbers


def test_when_nothing_was_refused_no_older_lines_are_left(tmp_path: Path):
    errors = tmp_path / "refused.jsonl"
    errors.write_bytes(BAD)

    with open_refused(errors, source="-") as keep:
        keep(ImportReport())

    assert errors.read_bytes() == b""
    assert list(tmp_path.iterdir()) == [errors]


def test_an_import_that_ends_early_leaves_the_older_lines(tmp_path: Path):
    errors = tmp_path / "refused.jsonl"
    errors.write_bytes(BAD)

    with pytest.raises(ZeroDivisionError), open_refused(errors, source="-"):
        raise ZeroDivisionError

    assert (errors.read_bytes(), list(tmp_path.iterdir())) == (BAD, [errors])


def test_the_imported_file_itself_is_never_written_over(tmp_path: Path):
    file = tmp_path / "invoices.jsonl"
    file.write_bytes(BAD)
    (tmp_path / "link.jsonl").symlink_to(file)

    with (
        pytest.raises(Refused, match="is the file that is imported"),
        open_refused(tmp_path / "link.jsonl", source=str(file)),
    ):
        pass

    assert file.read_bytes() == BAD


@pytest.mark.parametrize("place", [".", "/dev/null", "missing/refused.jsonl"])
def test_a_place_that_takes_no_file_is_refused_before_the_import(tmp_path: Path, place: str):
    with pytest.raises(Refused), open_refused(tmp_path / place, source="-"):
        pytest.fail("it was begun")


def test_an_import_that_is_killed_on_the_way_is_whole_and_once_after_it_was_repeated(
    command, tmp_path: Path, hospital
):
    file = tmp_path / "invoices.jsonl"
    file.write_bytes(b"".join(a_line_of_the_file(f"KILL-{index:05}") for index in range(2500)))
    counted = "SELECT count(*) AS n, count(DISTINCT number) AS numbers FROM invoice WHERE number LIKE 'KILL-%'"
    process = subprocess.Popen([sys.executable, "-m", "cashier", *command, str(file)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while hospital.execute(counted)[0]["n"] == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()

    kept = hospital.execute(counted)[0]["n"]
    again = run(*command, str(file))

    assert kept % 500 == 0, "a hundred of it is in, or not"
    assert again.output.strip() == (
        f"{2500 - kept} invoices added, 0 brought up to date, {kept} unchanged, 0 refused."
    )
    assert hospital.execute(counted)[0] == {"n": 2500, "numbers": 2500}
    assert (
        hospital.execute(
            "SELECT count(*) AS n FROM invoice_line JOIN invoice i ON i.id = invoice_id WHERE i.number LIKE 'KILL-%'"
        )[0]["n"]
        == 2500
    )
