"""The examples of the integration guide, sent in their order to a running companion."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.companion.api.conftest import STRIPE

_GUIDE = Path(__file__).parents[3] / "docs" / "STRIPE.md"
_PAIR = re.compile(r"```http\n(?P<ask>.*?)```\n\n```json\n(?P<answer>.*?)```", re.DOTALL)


def examples() -> Iterator[tuple[str, str, dict[str, str], str, Any]]:
    """Read what is asked (method, path, headers, body) and what is answered at least."""
    for pair in _PAIR.finditer(_GUIDE.read_text(encoding="utf-8")):
        head, _, body = pair["ask"].partition("\n\n")
        first, *headers = head.splitlines()
        method, path = first.split()
        yield method, path, dict(line.split(": ", 1) for line in headers), body.strip(), json.loads(pair["answer"])


def told(answer: Any, expected: Any) -> bool:
    """Tell whether everything that the guide shows is in the answer."""
    if isinstance(expected, dict):
        return isinstance(answer, dict) and all(
            name in answer and told(answer[name], value) for name, value in expected.items()
        )
    if isinstance(expected, list):
        return isinstance(answer, list) and all(told(one, other) for one, other in zip(answer, expected, strict=True))
    return bool(answer == expected)


async def test_the_guides_examples_are_answered_as_it_says(portal, sandbox):
    intent = ""
    seen = []
    for method, path, headers, body, expected in examples():
        filled = [each.replace("{key}", portal.key).replace("{intent}", intent) for each in headers.values()]
        content = body.replace("{intent}", intent)
        if content:
            headers["Content-Type"] = "application/json"
            filled.append("application/json")
        answer = await portal.http.request(
            method,
            path.replace("{intent}", intent),
            headers=dict(zip(headers, filled, strict=True)),
            content=content.encode() or None,
        )
        assert told(answer.json(), expected), f"{method} {path}: {answer.text}"
        seen.append(path)
        if path == f"{STRIPE}/payment-intents" and answer.status_code == 201:
            intent = answer.json()["id"]
            # The payer's browser, by Stripe.js.
            sandbox.ask(f"/v1/payment_intents/{intent}/confirm", payment_method="pm_card_visa")
    assert len(seen) == 7
