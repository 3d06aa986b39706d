"""The command line: what it says, how it ends, and what it does not load."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import keyring
import pytest

from cashier import __version__
from cashier.__main__ import COMMANDS, main
from cashier.books.deeds.deed import DeedKind
from cashier.books.schema.revision import SCHEMA_REVISION
from cashier.keychain import Secret
from cashier.settings import load
from tests.conftest import settings_text
from tests.surroundings.processes import run
from tests.surroundings.sample_hospital import SUPERVISOR_NAME
from tests.surroundings.terminal import terminal
from tests.test_keychain import MemoryKeyring


@pytest.fixture
def settings_file(tmp_path):
    """Settings with a database that is not there yet."""
    file = tmp_path / "mine.toml"
    file.write_text(f'data_folder = "{tmp_path / "data"}"\n', encoding="utf-8")
    return str(file)


@pytest.fixture
def hospital_file(hospital, tmp_path):
    """Settings with the sample hospital."""
    file = tmp_path / "mine.toml"
    file.write_text(f'[database]\nurl = "{hospital.url}"\n', encoding="utf-8")
    return str(file)


@pytest.fixture
def database_settings(database_file, tmp_path):
    """Settings with a migrated database in which nothing is set up."""
    file = tmp_path / "mine.toml"
    file.write_text(f'[database]\nurl = "sqlite:///{database_file}"\n', encoding="utf-8")
    return str(file)


HOSPITAL = (
    *("--hospital", "Quay Hospital", "--tax-id", "EX-1", "--address", r"1 Quay\nExampleton", "--currency", "eur"),
    *("--time-zone", "Europe/Madrid", "--desk-code", "D1", "--desk-name", "Main entrance"),
    *("--sign-in-name", "Ada", "--display-name", "Ada Example"),
)

needs_terminal = pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo-terminal")


def rows_of(file: str | Path, statement: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return connection.execute(statement).fetchall()


def test_help_names_every_command_and_loads_none():
    script = (
        "import sys\nfrom cashier.__main__ import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'PySide6', 'aiohttp', 'sqlalchemy', 'stripe', 'reportlab', 'alembic', 'httpx'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert all(f"    {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])

    assert ended.value.code == 0
    assert f"usage: cashier {command}" in capsys.readouterr().out


def test_a_terminal_without_our_letters_shows_what_it_can():
    done = subprocess.run(
        [sys.executable, "-m", "cashier", "setup", "--help"],
        env=os.environ | {"PYTHONIOENCODING": "ascii", "CASHIER_LANGUAGE": "es"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "a?adir una caja" in done.stdout


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])

    assert capsys.readouterr().out == f"Cashier {__version__}\n"


@pytest.mark.parametrize("command", ["desk", "companion", "migrate", "setup"])
def test_a_missing_settings_file_is_named_with_the_remedy(command, tmp_path, capsys):
    missing = tmp_path / "nowhere.toml"

    status = main([command, "--settings", str(missing)])

    errors = capsys.readouterr().err
    assert status == 2
    assert errors.startswith(f"cashier {command}: There is no settings file {missing}.\n")
    assert "leave --settings out" in errors


def test_the_settings_may_stand_on_either_side_of_the_command(settings_file, capsys):
    assert main(["--settings", settings_file, "migrate"]) == 0
    assert main(["migrate", "--settings", settings_file]) == 0

    assert "up to date" in capsys.readouterr().out


@needs_terminal
def test_what_is_missing_is_asked_for_at_a_terminal(database_settings, database_file):
    with terminal("setup", "--settings", database_settings, *HOSPITAL[:-4]) as screen:
        for question, answer in [
            ("Its legal name [Quay Hospital]: ", ""),
            ("Language (en, es, es_419) [en]: ", "es"),
            ("Sign-in name of the administrator: ", "ada"),
            ("Full name of the administrator: ", "Ada Example"),
            ("PIN: ", "480261"),
            ("PIN, once more: ", "480261"),
        ]:
            screen.wait_for(question)
            screen.type(answer)
        screen.wait_for("Quay Hospital is set up with desk D1.")

        assert screen.status() == 0
        assert "480261" not in screen.shown
    assert rows_of(database_file, "SELECT sign_in_name FROM staff") == [("ada",)]
    assert rows_of(database_file, "SELECT language FROM hospital") == [("es",)]


@needs_terminal
def test_two_different_pins_are_refused(database_settings, database_file):
    with terminal(
        "setup", "--settings", database_settings, *HOSPITAL, "--legal-name", "Quay", "--language", "en"
    ) as screen:
        screen.wait_for("PIN: ")
        screen.type("2580")
        screen.wait_for("PIN, once more: ")
        screen.type("2581")
        screen.wait_for("The two entries of the PIN differ.")

        assert screen.status() == 2
    assert rows_of(database_file, "SELECT * FROM hospital") == []


@needs_terminal
def test_ctrl_c_at_a_prompt_ends_at_once_and_without_a_traceback(database_settings, database_file):
    with terminal(
        "setup", "--settings", database_settings, *HOSPITAL, "--legal-name", "Quay", "--language", "en"
    ) as screen:
        screen.wait_for("PIN: ")

        screen.type("\x03", enter=False)

        assert screen.status() == 130
        assert "Traceback" not in screen.shown
    assert rows_of(database_file, "SELECT * FROM hospital") == []


def test_migrating_says_from_where_to_where(settings_file, tmp_path, capsys):
    assert main(["migrate", "--settings", settings_file]) == 0
    first = capsys.readouterr().out

    assert main(["migrate", "--settings", settings_file]) == 0
    second = capsys.readouterr().out

    assert first == f"The database was brought from an empty database to schema {SCHEMA_REVISION}.\n"
    assert second == f"The database is up to date (schema {SCHEMA_REVISION}).\n"
    assert rows_of(tmp_path / "data" / "cashier.sqlite", "SELECT count(*) FROM payment") == [(0,)]


def test_migrating_leaves_a_newer_database_alone(database_settings, database_file, capsys):
    with contextlib.closing(sqlite3.connect(database_file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    assert main(["migrate", "--settings", database_settings]) == 2

    assert "Update Cashier on this machine" in capsys.readouterr().err
    assert rows_of(database_file, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_migrating_a_file_that_is_no_database_says_so(tmp_path, capsys):
    (tmp_path / "cashier.sqlite").write_text("These are my holiday notes. " * 200, encoding="utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(f'data_folder = "{tmp_path}"\n', encoding="utf-8")

    assert main(["migrate", "--settings", str(file)]) == 2

    assert "damaged" in capsys.readouterr().err


def test_setting_up_makes_hospital_desk_and_administrator_and_journals_it(database_settings, database_file):
    done = run("setup", "--settings", database_settings, *HOSPITAL, typed="480261\n")

    assert (done.status, done.errors) == (0, "")
    assert rows_of(database_file, "SELECT name, legal_name, address, currency FROM hospital") == [
        ("Quay Hospital", "Quay Hospital", "1 Quay\nExampleton", "EUR")
    ]
    assert rows_of(database_file, "SELECT code, name FROM desk") == [("D1", "Main entrance")]
    ((name, role, parameters),) = rows_of(
        database_file, "SELECT sign_in_name, role, parameters FROM staff JOIN staff_secret ON staff_id = id"
    )
    assert (name, role) == ("ada", "administrator")
    assert parameters == "m=65536,t=3,p=4,l=32"
    actions = [action for (action,) in rows_of(database_file, "SELECT action FROM journal_entry ORDER BY number")]
    assert actions == [DeedKind.HOSPITAL_SET_UP, DeedKind.DESK_ADDED, DeedKind.STAFF_ADDED]


def test_a_client_of_the_api_is_nobody_who_signs_in(hospital_file):
    names = ("--sign-in-name", "portal", "--display-name", "Portal")

    done = run("setup", "--settings", hospital_file, "--add-staff", "--role", "service", *names, typed="480261\n")

    assert done.status == 2
    assert "service" in done.errors


def test_setting_up_says_which_characters_no_font_has(database_settings):
    done = run("setup", "--settings", database_settings, *HOSPITAL, "--hospital", "港口 مستشفى", typed="480261\n")

    assert (done.status, done.errors) == (0, "")
    assert done.output.splitlines()[1].endswith("on paper they are boxes: 口港")
    assert "fonts in [paper]" in done.output


def test_setting_up_twice_is_refused(hospital, hospital_file):
    done = run("setup", "--settings", hospital_file, *HOSPITAL, typed="480261\n")

    assert done.status == 2
    assert "Harbour Example Hospital is set up already" in done.errors
    assert "--add-desk" in done.errors
    assert len(rows_of(hospital.file, "SELECT * FROM desk")) == 2


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--currency", "Euros", "not a currency"),
        ("--time-zone", "Atlantis/Main", "not a time zone"),
        ("--desk-code", "D" * 13, "code has more than 12 characters"),
        ("--hospital", " ", "name is missing"),
    ],
)
def test_a_fact_that_cannot_be_kept_is_refused_and_nothing_is_saved(
    database_settings, database_file, option, value, words
):
    done = run("setup", "--settings", database_settings, *HOSPITAL, option, value, typed="480261\n")

    assert done.status == 2
    assert words in done.errors
    for table in ("hospital", "desk", "staff", "journal_entry"):
        assert rows_of(database_file, f"SELECT * FROM {table}") == []


@pytest.mark.parametrize(("typed", "words"), [("", "No PIN"), ("258\n", "too short")])
def test_no_pin_or_a_short_one_is_refused(database_settings, database_file, typed, words):
    done = run("setup", "--settings", database_settings, *HOSPITAL, typed=typed)

    assert done.status == 2
    assert words in done.errors
    assert rows_of(database_file, "SELECT * FROM hospital") == []


def test_desks_and_people_can_be_added(hospital, hospital_file):
    desk = run("setup", "--add-desk", "--settings", hospital_file, "--desk-code", "D9", "--desk-name", "Annexe")
    member = run(
        *("setup", "--add-staff", "--settings", hospital_file, "--sign-in-name", "Robin"),
        *("--display-name", "Robin Example", "--role", "auditor"),
        typed="731924\n",
    )

    assert (desk.status, member.status) == (0, 0)
    assert ("D9", "Annexe") in rows_of(hospital.file, "SELECT code, name FROM desk")
    assert ("robin", "auditor", 1) in rows_of(hospital.file, "SELECT sign_in_name, role, must_change_pin FROM staff")


def test_the_smallest_coin_can_be_said_at_any_time(hospital, hospital_file):
    changed = run("setup", "--settings", hospital_file, "--change-smallest-coin", "0.05")
    refused = run("setup", "--settings", hospital_file, "--change-smallest-coin", "0")

    assert (changed.status, "0.05" in changed.output) == (0, True)
    assert (refused.status, "has a value" in refused.errors) == (2, True)
    assert rows_of(hospital.file, "SELECT cash_step_minor FROM hospital") == [(5,)]


def test_the_hospitals_languages_can_be_changed_at_any_time(hospital, hospital_file):
    changed = run(
        "setup", "--settings", hospital_file, "--change-language", "es", "--change-paper-language", "es_419"
    )
    back = run("setup", "--settings", hospital_file, "--change-paper-language", "")

    assert (changed.status, back.status) == (0, 0)
    assert "Español (España), its papers are in Español (Latinoamérica)" in changed.output
    assert rows_of(hospital.file, "SELECT language, paper_language FROM hospital") == [("es", "")]
    facts = rows_of(hospital.file, "SELECT facts FROM journal_entry WHERE action = 'languages changed'")
    assert facts == [('{"language":"es","paper_language":"es_419"}',), ('{"language":"es","paper_language":""}',)]


def test_what_receipts_show_can_be_changed_at_any_time(hospital, hospital_file):
    changed = run("setup", "--settings", hospital_file, "--change-receipts", "services, patient_name")
    refused = run("setup", "--settings", hospital_file, "--change-receipts", "diagnosis")
    back = run("setup", "--settings", hospital_file, "--change-receipts", "")

    assert (changed.status, refused.status, back.status) == (0, 2, 0)
    assert "the patient’s name and the services of each invoice" in changed.output
    assert "patient_name, date_of_birth, services" in refused.errors
    assert "nothing besides" in back.output
    assert rows_of(hospital.file, "SELECT receipt_extras FROM hospital") == [("",)]
    facts = rows_of(hospital.file, "SELECT facts FROM journal_entry WHERE action = 'receipts changed'")
    assert facts == [('{"extras":"patient_name services"}',), ('{"extras":""}',)]


def test_the_time_zone_can_be_put_right_at_any_time(hospital, hospital_file):
    changed = run("setup", "--settings", hospital_file, "--change-time-zone", "Atlantic/Canary")
    refused = run("setup", "--settings", hospital_file, "--change-time-zone", "Mars/Base")

    assert (changed.status, "Atlantic/Canary" in changed.output) == (0, True)
    assert (refused.status, "“Mars/Base” is not a time zone" in refused.errors) == (2, True)
    assert "such as Europe/Madrid" in refused.errors
    assert rows_of(hospital.file, "SELECT time_zone FROM hospital") == [("Atlantic/Canary",)]
    assert ("time zone changed",) in rows_of(hospital.file, "SELECT action FROM journal_entry")


def test_a_code_or_name_that_is_taken_is_refused(hospital_file):
    desk = run("setup", "--add-desk", "--settings", hospital_file, "--desk-code", "D1", "--desk-name", "Annexe")
    member = run(
        *("setup", "--add-staff", "--settings", hospital_file),
        *("--sign-in-name", SUPERVISOR_NAME.upper(), "--display-name", "Somebody Else"),
        typed="731924\n",
    )

    assert (desk.status, member.status) == (2, 2)
    assert "There is a desk D1 already" in desk.errors
    assert "already" in member.errors


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("stripe-key", "pk_test_abcdef", "publishable"),
        ("stripe-key", "sk_live_abcdef", "live key"),
        ("stripe-key", "", "No stripe-key was given"),
        ("webhook-secrets", "sk_test_abcdef", "not in Stripe's form"),
    ],
)
def test_a_secret_of_the_wrong_form_is_not_kept_and_not_said(settings_file, name, value, words):
    done = run("secret", "set", name, "--settings", settings_file, typed=f"{value}\n")

    assert done.status == 2
    assert words in done.errors
    assert not (value and value in done.errors + done.output)


def test_a_good_secret_is_kept_in_the_keyring_and_not_shown(settings_file, monkeypatch, capsys):
    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    monkeypatch.setattr(sys, "stdin", io.StringIO("  rk_test_abcdef\n"))
    try:
        status = main(["secret", "set", "stripe-key", "--settings", settings_file])
    finally:
        keyring.set_keyring(before)

    assert status == 0
    assert mine.kept == {("cashier", "stripe-key"): "rk_test_abcdef"}
    assert "abcdef" not in capsys.readouterr().out


def test_listing_secrets_tells_their_place_and_never_their_value():
    done = run("secret", "list", environment={"CASHIER_STRIPE_KEY": "rk_test_abcdef"})

    assert done.status == 0
    assert "environment (CASHIER_STRIPE_KEY)" in done.output
    assert done.output.count("is not there") == len(Secret) - 1
    assert "abcdef" not in done.output


def test_importing_reports_each_line_and_ends_with_1_when_one_was_refused(hospital_file, hospital, tmp_path):
    good = {
        "number": "INV-NEW-1",
        "record_number": "MRN-7",
        "patient_name": "Zoë Sample",
        "department": "Radiology",
        "currency": "EUR",
        "issued_on": "2026-11-20",
        "due_on": "2026-12-20",
        "lines": [
            {
                "description": "X-ray",
                "quantity_milli": 1000,
                "unit_price_minor": 5000,
                "tax_basis_points": 0,
                "tax_minor": 0,
                "total_minor": 5000,
            }
        ],
    }
    file = tmp_path / "invoices.jsonl"
    file.write_text(json.dumps(good) + "\nnot json\n", encoding="utf-8")

    done = run("import", str(file), "--settings", hospital_file)

    assert done.status == 1
    assert "Line 2" in done.output
    assert rows_of(hospital.file, "SELECT total_minor FROM invoice WHERE number = 'INV-NEW-1'") == [(5000,)]


def test_the_settings_of_the_tests_are_read_as_they_were_written(settings, tmp_path):
    file = tmp_path / "written.toml"
    file.write_text(settings_text(settings), encoding="utf-8")

    assert load(file, {}) == settings
