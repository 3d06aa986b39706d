"""A whole tour leaves no secret and no card number behind, and tells Stripe nothing of a patient."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

_KEY = "sk_test_5ecre75ecre75ecre75ecre75ecre75e"
_WEBHOOK_SECRET = "whsec_5ecre75ecre75ecre75ecre75ecre75e"
_TOUR = f"""
import sys
from pathlib import Path
from cashier.demo import command
from cashier.demo.surroundings import ThrowawaySecrets
command.new_secrets = lambda: ThrowawaySecrets(stripe_key="{_KEY}", webhook_secret="{_WEBHOOK_SECRET}")
sys.exit(command._run_in(Path(sys.argv[1]), Path(sys.argv[2]), 80, "", None))
"""
_STRIPES_SIDE = ("sandbox.sqlite", "sandbox.sqlite-wal", "sandbox.sqlite-shm", "stripe.jsonl")
"""What stands for Stripe's own machines, where card numbers and signing secrets have to be."""
_CLIENT_SECRET = re.compile(r"(?:pi|seti|cs)_\w+_secret_\w+")
_CARDS = [re.compile("[ -]?".join(number)) for number in ("4242424242424242", "4000000000000002", "4000002760003184")]
"""What is typed during the tour, with or without gaps."""


@dataclass(frozen=True)
class Traces:
    """What a tour left behind: our folder, the tour's own, temporary files, and the command lines that were seen."""

    data: Path
    tour: Path
    temporary: Path
    command_lines: frozenset[str]

    def files(self) -> Iterator[Path]:
        """Give every file that is ours to answer for."""
        for folder in (self.data, self.tour, self.temporary):
            for file in folder.rglob("*"):
                if file.is_file() and file.name not in _STRIPES_SIDE and file.suffix != ".png":
                    yield file

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Read the desk's database."""
        with contextlib.closing(sqlite3.connect(self.data / "cashier.sqlite")) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """Hold the tour, and watch the command lines of everything that runs meanwhile."""
    base = tmp_path_factory.mktemp("leaks")
    for name in ("data", "tour", "tmp"):
        (base / name).mkdir()
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    with (
        (base / "tour" / "output.txt").open("w") as output,
        subprocess.Popen(
            [sys.executable, "-c", _TOUR, str(base / "data"), str(base / "tour")],
            env=environment | {"TMPDIR": str(base / "tmp")},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as running,
    ):
        seen: set[str] = set()
        while running.poll() is None:
            seen |= set(_command_lines())
            time.sleep(0.2)
    assert running.returncode == 0, (base / "tour" / "output.txt").read_text()
    return Traces(base / "data", base / "tour", base / "tmp", frozenset(seen))


def _command_lines() -> Iterator[str]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if "command.new_secrets" not in line:  # this test's own
                yield line


@pytest.mark.timeout(240)
def test_no_secret_is_in_a_file_or_a_command_line(traces: Traces) -> None:
    for secret in (_KEY, _WEBHOOK_SECRET):
        assert [file.name for file in traces.files() if secret.encode() in file.read_bytes()] == []
        assert [line for line in traces.command_lines if secret in line] == []


def test_no_client_secret_is_kept(traces: Traces) -> None:
    for file in traces.files():
        assert _CLIENT_SECRET.findall(file.read_bytes().decode("latin-1")) == [], file.name


def test_no_card_number_is_kept(traces: Traces) -> None:
    texts = {file.name: file.read_bytes().decode("latin-1") for file in traces.files()}
    tables = [str(name) for (name,) in traces.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    texts |= {table: repr(traces.rows(f"SELECT * FROM {table}")) for table in tables}

    assert "4242" in texts["payment"], "the last four digits are kept"
    assert [(name, card.pattern) for name, text in texts.items() for card in _CARDS if card.search(text)] == []


def test_stripe_hears_nothing_of_a_patient(traces: Traces) -> None:
    exchanges = [json.loads(line) for line in (traces.tour / "stripe.jsonl").read_text(encoding="utf-8").splitlines()]
    said = " ".join(
        unquote_plus(f"{each['path']} {each['request_body']} {each['request_headers']}")
        for each in exchanges
        if not each.get("webhook")
    )
    private = {str(value) for row in traces.rows("SELECT record_number, phone, email FROM patient") for value in row}
    private |= {str(number) for (number,) in traces.rows("SELECT number FROM invoice")}
    private |= {str(text) for (text,) in traces.rows("SELECT description FROM invoice_line")}
    private |= {str(text) for (text,) in traces.rows("SELECT DISTINCT department FROM invoice")}
    names = {part for (name,) in traces.rows("SELECT name FROM patient") for part in str(name).split()}

    assert len(exchanges) > 50
    assert [each for each in private if each and each in said] == []
    assert [each for each in names if re.search(rf"\b{re.escape(each)}\b", said)] == []


def test_what_the_journal_keeps_names_no_patient(traces: Traces) -> None:
    kept = repr(traces.rows("SELECT * FROM journal_entry"))

    assert [name for (name,) in traces.rows("SELECT name FROM patient") if str(name) in kept] == []
