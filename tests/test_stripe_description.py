"""What is said to Stripe's stand-in, and by it, is really held against the description of Stripe's API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.surroundings.running_sandbox import RunningSandbox
from tests.surroundings.stripe_description import CHECKER, contradictions_to_stripe

pytestmark = pytest.mark.skipif(not CHECKER.exists(), reason="the description lies beside the checkout only")


@pytest.fixture
def changed_log(sandbox: RunningSandbox, tmp_path: Path) -> Callable[..., Path]:
    """Make a log of one true exchange, in which something is another."""

    def change(**changes: Any) -> Path:
        sandbox.ask("/v1/customers", name="P-1")
        exchange = sandbox.exchanges()[-1] | changes
        log = tmp_path / "changed.jsonl"
        log.write_text(json.dumps(exchange) + "\n", encoding="utf-8")
        return log

    return change


def test_what_stripe_says_is_no_contradiction(changed_log: Callable[..., Path]) -> None:
    assert contradictions_to_stripe(changed_log()) == ""


def test_an_answer_that_stripe_does_not_give_is_found(changed_log: Callable[..., Path]) -> None:
    log = changed_log(response_body=json.dumps({"id": "cus_1", "object": "customer", "created": "today"}))

    assert "created" in contradictions_to_stripe(log, side="response")


def test_a_request_that_stripe_does_not_know_is_found(changed_log: Callable[..., Path]) -> None:
    log = changed_log(request_body="colour=blue")

    assert "colour" in contradictions_to_stripe(log, side="request")
