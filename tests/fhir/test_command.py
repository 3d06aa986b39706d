"""``cashier fhir``: invoices from files."""

from __future__ import annotations

import json

import pytest

from cashier.__main__ import main
from tests.fhir.samples import GERMANY_R4, invoice, written


@pytest.fixture
def command(hospital, tmp_path, capsys):
    """Run ``cashier fhir`` on a file with this content; return its status, and what it says."""
    settings = tmp_path / "cashier.toml"
    settings.write_text(
        f'data_folder = "{tmp_path}"\n[database]\nurl = "{hospital.url}"\n[fhir]\ndepartment = "Outpatients"\n',
        encoding="utf-8",
    )

    def run(content):
        file = tmp_path / "invoices.json"
        file.write_bytes(content)
        status = main(["--settings", str(settings), "fhir", str(file), "--fhir-version", "r4"])
        return status, capsys.readouterr().out

    return run


def test_a_file_has_one_resource_or_one_a_line(command):
    pretty = json.dumps(json.loads(written(GERMANY_R4)), indent=2).encode()
    lines = b"\n".join([written(invoice("L-1")), b"", written(invoice("L-2", status="draft")), b"rubbish",
                        written(invoice("L-3", status="balanced"))])  # fmt: skip

    no_resource = (
        "This is no resource of FHIR as JSON. "
        "Send one JSON object in UTF-8, each element once, with its resourceType."
    )

    assert command(pretty) == (0, "1 invoice taken in.\n")
    status, said = command(lines)

    assert status == 1
    assert said.splitlines() == [
        "2: The invoice is a draft still. Send it when it is issued, balanced, cancelled or entered-in-error.",
        f"3: {no_resource}",
        "4: L-3 is balanced elsewhere, so it is not owed here.",
        "2 invoices taken in.",
    ]
    assert command(b"")[0] == 1
