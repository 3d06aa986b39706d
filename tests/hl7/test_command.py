"""``cashier hl7``: messages from files, and what is left settled at the command line."""

from __future__ import annotations

import io

import pytest

from cashier.__main__ import main
from tests.hl7.samples import charge, charges
from tests.surroundings.sample_hospital import CASHIER_NAME, CASHIER_PIN, SUPERVISOR_NAME, SUPERVISOR_PIN


@pytest.fixture
def command(hospital, tmp_path, monkeypatch, capsys):
    """Run ``cashier hl7`` with what is typed for a PIN; return its status, and what it says."""
    file = tmp_path / "cashier.toml"
    file.write_text(
        f'data_folder = "{tmp_path}"\n[database]\nurl = "{hospital.url}"\n'
        '[hl7]\ninvoice_number = "FT1-2"\ncurrency = "EUR"\n',
        encoding="utf-8",
    )

    def run(*arguments, name=SUPERVISOR_NAME, pin=SUPERVISOR_PIN):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
        signed = () if arguments[0] == "import" else ("--sign-in-name", name)
        status = main(["--settings", str(file), "hl7", *arguments, *signed])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


def test_what_a_file_leaves_is_listed_shown_and_settled(command, hospital, tmp_path):
    file = tmp_path / "day.hl7"
    bad = charges(charge("98.00", kind="PY", text="HIV test"), control_id="M2")
    file.write_bytes(b"rubbish\r" + charges() + bad)

    status, said = command("import", str(file))
    assert (status, said.splitlines()[0]) == (1, "1: This is no message of HL7 version 2.")
    assert said.splitlines()[1].startswith("3: FT1-6 is neither a charge nor a credit nor an adjustment.")
    assert said.splitlines()[2] == "1 message taken in, 2 not."

    status, said = command("list")
    assert status == 1
    assert "HIS/HARBOUR  M2  DFT^P03  FT1-6  FT1-6 is neither" in said
    status, said = command("show", "2")
    assert "FT1-11: 98.00\n" in said
    assert "PID-5: …\n" in said
    assert "HIV" not in said
    assert "US1^HIV test" in command("show", "2", "--whole")[1]

    assert command("retry", "2")[0] == 1
    assert command("set-aside", "2", "--reason", "A payment.") == (0, "Message 2 is set aside.\n")
    assert command("list") == (0, "Every message is settled.\n")
    assert command("retry", "2")[0] == command("show", "77")[0] == 2
    assert command("list", name=CASHIER_NAME, pin=CASHIER_PIN)[0] == 2
    assert command("import", str(tmp_path / "none.hl7"))[0] == 2


def test_without_a_place_for_the_number_nothing_is_begun(command, monkeypatch):
    monkeypatch.setenv("CASHIER_HL7_INVOICE_NUMBER", "")

    status, said = command("list")

    assert status == 2
    assert "hl7.invoice_number is not set." in said
