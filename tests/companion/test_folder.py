"""The companion takes in what another system writes into this machine's folder."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from cashier.companion.server import running
from cashier.settings import InvoiceSettings
from tests.invoices.test_file_import import a_line_of_the_file


async def test_the_companion_takes_what_lies_in_its_folder_and_logs_no_name(
    settings, keychain, tmp_path: Path, sandbox, hospital, caplog
):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "Dabek.jsonl").write_bytes(a_line_of_the_file("INV-1"))
    watching = msgspec.structs.replace(settings, invoices=InvoiceSettings(folder=str(inbox), settles_seconds=1))
    async with running(watching, keychain):
        for _ in range(1200):
            if (inbox / "done" / "Dabek.jsonl").exists():
                break
            await asyncio.sleep(0.05)

    assert len(hospital.execute("SELECT id FROM invoice WHERE number = 'INV-1'")) == 1
    assert "Dabek" not in caplog.text
    assert "INV-1" not in caplog.text
