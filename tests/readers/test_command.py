"""``cashier reader``: what IT types to put readers at desks, and what it is told."""

from __future__ import annotations

import pytest

from tests.surroundings.processes import run
from tests.surroundings.sample_hospital import (
    ADMINISTRATOR_NAME,
    ADMINISTRATOR_PIN,
    SUPERVISOR_NAME,
    SUPERVISOR_PIN,
)

PLACE = ("--street", "1 Sample Quay", "--postal-code", "00000", "--city", "Exampleton", "--country", "es")
BY_ADMINISTRATOR = ("--sign-in-name", ADMINISTRATOR_NAME)


@pytest.fixture
def reader_command(settings, secrets, write_settings):
    """Run ``cashier reader`` with what is typed for a PIN."""
    file = str(write_settings(settings))

    def command(*arguments, pin=ADMINISTRATOR_PIN):
        return run("reader", "--settings", file, *arguments, environment=secrets, typed=f"{pin}\n")

    return command


def test_a_reader_is_registered_listed_renamed_and_removed(reader_command, sandbox):
    registered = reader_command(
        *("register", "simulated-wpe", "--desk", "D1", "--label", "Counter 1"), *PLACE, *BY_ADMINISTRATOR
    )
    (reader,) = sandbox.ask("/v1/terminal/readers")["data"]
    listed = reader_command("list")
    renamed = reader_command("rename", reader["id"], "--label", "Left counter", *BY_ADMINISTRATOR)
    removed = reader_command("remove", reader["id"], *BY_ADMINISTRATOR)

    assert registered.output == f"Counter 1 ({reader['id']}) stands at desk D1 now.\n"
    assert listed.output.split() == ["D1", reader["id"], "Counter", "1:", "ready"]
    assert renamed.output == "Counter 1 is called Left counter now.\n"
    assert removed.output == "Left counter was taken away from desk D1.\n"
    assert reader_command("list").output == "There are no card readers.\n"
    assert {each.status for each in (registered, listed, renamed, removed)} == {0}


def test_a_reader_of_no_desk_is_listed_too(reader_command, sandbox):
    place = sandbox.ask("/v1/terminal/locations", display_name="Hall", **{"address[country]": "ES"})
    reader = sandbox.ask(
        "/v1/terminal/readers", registration_code="simulated-wpe", location=place["id"], label="Lobby"
    )

    assert reader_command("list").output.split() == ["no", "desk", reader["id"], "Lobby"]


def test_whoever_is_no_administrator_is_refused(reader_command, sandbox):
    done = reader_command(
        *("register", "simulated-wpe", "--desk", "D1", "--label", "Counter 1"),
        *(*PLACE, "--sign-in-name", SUPERVISOR_NAME),
        pin=SUPERVISOR_PIN,
    )

    assert (done.status, "is for administrators" in done.errors) == (2, True)
    assert sandbox.ask("/v1/terminal/readers")["data"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("register", "simulated-wpe", "--desk", "D9", "--label", "Counter 1"), "There is no desk D9."),
        (("register", "simulated-wpe", "--desk", "D1", "--label", "Counter 1"), "--street"),
        (("remove", "tmr_none"), "cashier reader list"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(reader_command, arguments, words):
    done = reader_command(*arguments, *BY_ADMINISTRATOR)

    assert (done.status, done.output) == (2, "")
    assert words in done.errors
