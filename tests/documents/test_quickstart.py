"""The quick start with the sandbox, typed to the letter: what the page promises is there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents.reading import QUICK, blocks_of, sections_of
from tests.surroundings.ports import free_port

_WINDOW = "cashier desk\n"
_END = "kill %1 %2\n"


def typed(after: str, until: str) -> str:
    """Return what is typed below the headings from ``after`` to ``until``, but for the window."""
    titles = [section.title for section in sections_of("en", QUICK)]
    chosen = sections_of("en", QUICK)[titles.index(after) : titles.index(until)]
    return "\n".join(
        block.text for section in chosen for block in section.blocks if block.kind == "sh" and block.text != _WINDOW
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which nothing is, beside a command ``cashier``."""
    command = tmp_path / "bin" / "cashier"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cashier "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return tmp_path


def test_it_comes_to_a_paid_payment_and_its_receipt(home):
    """Only the ports are others: everybody on this machine may be using those of the page."""
    commands = typed("With the sandbox", "With a Stripe account")
    assert commands.count(_END) == 1
    for port in ("8420", "8400"):
        commands = commands.replace(port, str(free_port()))
    companion = re.findall(r"127\.0\.0\.1:(\d+)/health", commands)[0]
    settings = f'\n[companion]\nport = {companion}\nurl = "http://127.0.0.1:{companion}"\n'
    commands = commands.replace('code = "D1"\n', f'code = "D1"\n{settings}', 1)
    kept = commands.replace(_END, f"cp ~/cashier-training/receipt.pdf ~/receipt.pdf\n{_END}wait\n")

    done = subprocess.run(
        ["bash", "-e"],
        input=kept,
        env={"HOME": str(home), "PATH": f"{home / 'bin'}:{os.environ['PATH']}", "LANG": "C.UTF-8", "NO_PROXY": "*"}
        | {name: value for name, value in os.environ.items() if name in ("PYTHONPATH", "LD_LIBRARY_PATH")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert '{"status": "ok"' in done.stdout
    answers = [json.loads(text) for text in re.findall(r'\{"id":.*?\}(?=\{|\n|$)', done.stdout)]
    assert (answers[-1]["status"], answers[-1]["receipt_number"]) == ("succeeded", "T-WEB-000001")
    assert (home / "receipt.pdf").read_bytes().startswith(b"%PDF")
    assert not (home / "cashier-training").exists()


def test_with_stripe_the_same_is_sent():
    """The bodies of requests, the hospital and the invoice are those that are tried above."""
    sandbox = typed("With the sandbox", "With a Stripe account")
    stripe = typed("With a Stripe account", "When something does not work")
    for pattern in (
        r"^\{.*\}$",
        r"cashier setup(?:.*\\\n)*.*",
        r"cashier keys add(?:.*\\\n)*.*",
        r"--header \S+ \S+",
    ):
        told = set(re.findall(pattern, stripe, re.MULTILINE))
        assert told
        assert told <= set(re.findall(pattern, sandbox, re.MULTILINE)), pattern


def test_everything_that_is_typed_is_a_line_of_the_shell():
    for text in blocks_of("en", QUICK, "sh"):
        done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
