"""``cashier merge``: what IT types when the hospital has merged two records, and what it is told."""

from __future__ import annotations

import pytest

from tests.surroundings.processes import run
from tests.surroundings.sample_hospital import CASHIER_NAME, CASHIER_PIN, SUPERVISOR_NAME, SUPERVISOR_PIN

ANA, BJORN = "MRN-0000101", "MRN-0000102"
BY_SUPERVISOR = ("--sign-in-name", SUPERVISOR_NAME)


@pytest.fixture
def merge_command(settings, write_settings):
    """Run ``cashier merge`` with what is typed for a PIN."""
    file = str(write_settings(settings))

    def command(*arguments, pin=SUPERVISOR_PIN):
        return run("merge", "--settings", file, *arguments, typed=f"{pin}\n")

    return command


def merged(hospital):
    return hospital.execute("SELECT record_number FROM patient WHERE merged_into_id IS NOT NULL")


def test_it_says_who_is_merged_and_what_followed(merge_command, hospital):
    done = merge_command(ANA, BJORN, *BY_SUPERVISOR, "--yes")

    assert done.status == 0, done.errors
    lines = done.output.splitlines()
    assert lines[0].startswith("Old record: Ana Núñez · Born 03 Mar 1971 (")
    assert lines[1:] == [
        f"Stays: Björn Dvořák · Record no. {BJORN}",
        "Their names differ.",
        "2 invoices, 0 payments follow. This cannot be taken back.",
        f"{ANA} leads to {BJORN} now; 2 invoices, 0 payments followed.",
    ]
    assert merged(hospital) == [{"record_number": ANA}]


def test_again_it_says_that_nothing_was_changed_and_asks_nobody(merge_command):
    merge_command(ANA, BJORN, *BY_SUPERVISOR, "--yes")

    again = merge_command(ANA, BJORN)

    assert (again.status, "They are merged already; nothing was changed." in again.output) == (0, True)


def test_a_dry_run_asks_nobody_and_changes_nothing(merge_command, hospital):
    done = merge_command(ANA, BJORN, "--dry-run")

    assert (done.status, "2 invoices, 0 payments follow." in done.output) == (0, True)
    assert merged(hospital) == []


@pytest.mark.parametrize(
    ("arguments", "pin", "words"),
    [
        ((ANA, BJORN), SUPERVISOR_PIN, "Add --sign-in-name."),
        ((ANA, BJORN, *BY_SUPERVISOR), SUPERVISOR_PIN, "Add --yes."),
        ((ANA, "MRN-7", *BY_SUPERVISOR, "--yes"), SUPERVISOR_PIN, "Nobody has the record number MRN-7."),
        ((ANA, BJORN, *BY_SUPERVISOR, "--yes"), "11111111", "wrong"),
        ((ANA, BJORN, "--sign-in-name", CASHIER_NAME, "--yes"), CASHIER_PIN, "is for supervisors"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(merge_command, hospital, arguments, pin, words):
    done = merge_command(*arguments, pin=pin)

    assert (done.status, words in done.errors) == (2, True), done.errors
    assert merged(hospital) == []
