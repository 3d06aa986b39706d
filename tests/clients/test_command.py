"""``cashier keys``: what an administrator types to let other systems ask, and what is told."""

from __future__ import annotations

import pytest

from tests.surroundings.processes import run
from tests.surroundings.sample_hospital import ADMINISTRATOR_NAME, ADMINISTRATOR_PIN, SUPERVISOR_NAME, SUPERVISOR_PIN

PORTAL = "Patient portal"


@pytest.fixture
def keys(settings, secrets, write_settings, hospital):
    """Run ``cashier keys`` with what is typed for a PIN."""
    file = str(write_settings(settings))

    def command(*arguments, name=ADMINISTRATOR_NAME, pin=ADMINISTRATOR_PIN):
        asked = (*arguments, "--sign-in-name", name)
        return run("keys", "--settings", file, *asked, environment=secrets, typed=f"{pin}\n")

    return command


def test_a_client_is_added_listed_and_given_a_limit_of_refunds(keys):
    scopes = ("--scope", "refunds:request", "--scope", "refunds:approve")
    added = keys("add", PORTAL, "--desk-code", "WEB", *scopes)
    limited = keys("limit", PORTAL, "--each", "50", "--day", "200.00")
    listed = keys("list")
    ended = keys("limit", PORTAL, "--each", "0", "--day", "0")

    assert added.output.splitlines()[1].startswith("cashier_test_")
    assert limited.output == "Patient portal may refund up to 50.00 € each and 200.00 € a day by itself.\n"
    assert listed.output.splitlines()[:2] == [
        "Patient portal (WEB): refunds:request refunds:approve",
        "  Patient portal may refund up to 50.00 € each and 200.00 € a day by itself.",
    ]
    assert ended.output == "Somebody decides about every refund that Patient portal asks for.\n"
    assert "may refund" not in keys("list").output


def test_a_limit_is_an_administrators(keys):
    keys("add", PORTAL, "--desk-code", "WEB", "--scope", "refunds:request", "--scope", "refunds:approve")

    refused = keys("limit", PORTAL, "--each", "50", "--day", "50", name=SUPERVISOR_NAME, pin=SUPERVISOR_PIN)

    assert refused.status != 0
    assert "administrators" in refused.errors
