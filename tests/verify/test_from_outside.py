"""``cashier doctor --audit`` asks the auditor's program as well, with what Z reports say, on both kinds of books."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import msgspec
import pytest

from cashier.settings import DatabaseSettings
from tests.surroundings.processes import run
from tests.verify.day import past_the_guards, work_a_day


def audit(settings, secrets, write_settings, *heads):
    asked = [word for head in heads for word in ("--head", head)]
    file = str(write_settings(settings))
    done = run("doctor", "--audit", *asked, "--json", "--settings", file, environment=secrets)
    return done.status, {check["name"]: check for check in json.loads(done.output)["checks"]}["From outside"]


def test_heads_of_z_reports_are_compared_and_what_was_changed_is_found(day, settings, secrets, write_settings):
    settings = msgspec.structs.replace(settings, database=DatabaseSettings(url=f"sqlite:///{day}"))
    with closing(sqlite3.connect(day)) as books:
        number, digits = books.execute("SELECT journal_number, journal_hash FROM shift").fetchone()

    status, found = audit(settings, secrets, write_settings, f"{number}:{digits[:32]}")
    assert (status, found["message"]) == (0, "Nothing was changed past the program; compared with 1 anchor.")

    past_the_guards(day, "UPDATE staff SET role = 'administrator' WHERE id = 1")
    status, found = audit(settings, secrets, write_settings, f"{number}:{'ab' * 16}")
    assert status == 1
    assert "the Z report saw another entry" in found["message"]
    assert "staff: 1 is administrator, by the journal cashier" in found["message"]
    status, found = audit(settings, secrets, write_settings, "12")
    assert (status, "no number and hash" in found["message"]) == (1, True)


@pytest.mark.parametrize("database_kind", ["postgresql"])
async def test_books_in_postgresql_are_exported_for_it(
    services, hospital, sandbox, settings, secrets, write_settings
):
    await work_a_day(services, hospital)

    status, found = audit(settings, secrets, write_settings)
    assert (status, found["level"]) == (0, "ok")
    # A function that does the same, and looks where whoever calls it says.
    hospital.execute("ALTER FUNCTION cashier_seal_draft() RESET search_path")
    status, found = audit(settings, secrets, write_settings)
    assert (status, "cashier_seal_draft" in found["message"]) == (1, True)
