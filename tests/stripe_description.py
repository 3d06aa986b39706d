"""Holding a log of exchanges against the description of Stripe's API, which lies beside the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cashier.sandbox.api_description import read_document

_CHECKER = Path(__file__).parents[2] / "shared" / "stripe" / "conformance.py"


def contradictions_to_stripe(log: Path, *options: str) -> str:
    """Return what in ``log`` contradicts Stripe's API, nothing where all is well.

    Without the checker nothing is checked. With ``--strict`` its warnings count too.
    """
    if not _CHECKER.exists() or not log.exists():
        return ""
    with tempfile.TemporaryDirectory(prefix="stripe-description-") as folder:
        description = Path(folder) / "description.json"
        document = read_document(_CHECKER.with_name("stripe-openapi-subset.json.gz"))
        description.write_text(json.dumps(document), encoding="utf-8")
        command = [sys.executable, str(_CHECKER), "--spec", str(description), *options, str(log)]
        verdict = subprocess.run(command, capture_output=True, text=True, check=False)
    return verdict.stdout + verdict.stderr if verdict.returncode else ""
