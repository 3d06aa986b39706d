"""Holding a log of exchanges against the description of Stripe's API, which lies beside the checkout."""

from __future__ import annotations

import functools
import importlib.util
import json
import tempfile
import warnings
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from cashier.sandbox.engine.api_description import read_document

CHECKER = Path(__file__).parents[3] / "shared" / "stripe" / "conformance.py"
_KINDS_MAX = 30

Side = Literal["request", "response"]


def contradictions_to_stripe(log: Path, *, side: Side | None = None, warnings_too: bool = False) -> str:
    """Return what in ``log`` contradicts Stripe's API, nothing where all is well.

    ``side`` judges only requests or only responses and webhooks. Without the checker nothing is checked.
    """
    if not CHECKER.exists() or not log.exists():
        return ""
    checker, description = _checker_and_description()
    found: Counter[tuple[str, ...]] = Counter()
    seen: dict[Any, Any] = {}
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            exchange = json.loads(line)
            for judged, level, *what in checker.check(exchange, description, checker.V(description), seen):
                if side in (None, judged) and (level == "E" or warnings_too):
                    where = f"{exchange.get('method', 'webhook')} {exchange['path']}"
                    found[judged, where, *map(str, what)] += 1
    return "\n".join(f"{' '.join(kind)} ({times} times)" for kind, times in found.most_common(_KINDS_MAX))


@functools.cache
def _checker_and_description() -> tuple[ModuleType, Any]:
    """Load the checker and what it checks against once: a test's log is short, the description is long."""
    specification = importlib.util.spec_from_file_location("conformance", CHECKER)
    assert specification is not None
    assert specification.loader is not None
    checker = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(checker)
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file, warnings.catch_warnings():
        json.dump(read_document(CHECKER.with_name("stripe-openapi-subset.json.gz")), file)
        file.flush()
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves the file to the garbage collector
        return checker, checker.Spec(file.name)
