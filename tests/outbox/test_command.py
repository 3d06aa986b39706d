"""``cashier events``: what an administrator types to have another system told, and what is said."""

from __future__ import annotations

import pytest

from cashier.outbox.signing import read_secrets
from tests.surroundings.processes import run
from tests.surroundings.sample_hospital import ADMINISTRATOR_NAME, ADMINISTRATOR_PIN


@pytest.fixture
def events(settings, secrets, write_settings, hospital):
    """Run ``cashier events`` as an administrator."""
    file = str(write_settings(settings))

    def command(*arguments):
        asked = (*arguments, "--sign-in-name", ADMINISTRATOR_NAME)
        return run("events", "--settings", file, *asked, environment=secrets, typed=f"{ADMINISTRATOR_PIN}\n")

    return command


def test_an_endpoint_is_added_tried_listed_and_switched_off(events):
    added = events("add", "hmis", "http://127.0.0.1:9/events")
    tried = events("test", "hmis")
    off = events("off", "hmis")
    listed = events("list")

    assert list(read_secrets(added.output.splitlines()[1])) == ["hmis"]
    assert (tried.status, tried.output) == (1, "hmis did not take it: ConnectError.\n")
    assert off.output == "No events are sent to hmis any more.\n"
    assert listed.output.splitlines()[0] == "hmis: http://127.0.0.1:9/events"
    assert "somebody decided so" in listed.output
    assert "waiting: 0, given up: 0" in listed.output


def test_what_is_not_there_is_told(events):
    assert events("given-up").output == "No event was given up.\n"
    assert "There is no endpoint “lab”" in events("replay", "lab", "--since", "2026-11-23T08:00").errors
    assert "no moment" in events("replay", "lab", "--since", "yesterday").errors
