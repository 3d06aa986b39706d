"""``cashier books``: what is typed, and what it answers."""

from __future__ import annotations

import io

import pytest

from cashier.__main__ import main
from cashier.ledger.chart import written
from tests.ledger.strict import check_hledger
from tests.surroundings.sample_hospital import ADMINISTRATOR_NAME, ADMINISTRATOR_PIN, CASHIER_NAME, CASHIER_PIN


@pytest.fixture
def books(hospital, settings, write_settings, monkeypatch, capsys):
    """Run the command, with a PIN piped in; return its status, its output and its errors."""
    file = write_settings(settings)

    def run(*arguments, pin=ADMINISTRATOR_PIN):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
        status = main(["--settings", str(file), "books", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_it_writes_what_is_asked_for_and_says_whether_it_will_be_the_same(books, tmp_path):
    file, accounts = tmp_path / "all.journal", tmp_path / "accounts.toml"
    accounts.write_text(written().replace("Assets:Bank", "Assets:Savings"), encoding="utf-8")
    name = ("--sign-in-name", ADMINISTRATOR_NAME)

    status, out, err = books("hledger", str(file), *name, "--accounts", str(accounts))
    assert (status, err) == (0, "")
    assert out == "1 entry was written to all.journal. The last day is not over yet, and may get more entries.\n"
    check_hledger(file)

    assert "There is a file all.journal already" in books("hledger", str(file), *name)[2]
    assert "“1.11.” is no day" in books("csv", str(tmp_path / "x.csv"), *name, "--from", "1.11.")[2]
    cashier = books("csv", str(tmp_path / "x.csv"), "--sign-in-name", CASHIER_NAME, pin=CASHIER_PIN)
    assert (cashier[0], "auditors" in cashier[2]) == (2, True)
    assert books("totals", str(tmp_path / "x.csv"), *name, "--until", "2020-01-01")[0] == 2
    assert books("accounts") == (0, written(), "")
