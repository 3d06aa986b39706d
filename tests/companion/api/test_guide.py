"""The examples of the integration guide, sent in their order to a running companion, in each of its languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cashier.assembly import open_services
from tests.companion.api.conftest import STRIPE
from tests.documents.reading import FOLDERS, GUIDE, table_under, text_of

_PAIR = re.compile(r"```http\n(?P<ask>.*?)```\n\n```json\n(?P<answer>.*?)```", re.DOTALL)


def examples(language: str) -> Iterator[tuple[str, str, dict[str, str], str, Any]]:
    """Read what is asked (method, path, headers, body) and what is answered at least."""
    for pair in _PAIR.finditer(text_of(language, GUIDE)):
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


@pytest.mark.parametrize("language", FOLDERS)
async def test_the_guides_examples_are_answered_as_it_says(portal, sandbox, settings, keychain, hospital, language):
    async with open_services(settings, keychain) as services:
        await services.client_limits.set("Patient portal", "15.00", "40.00", hospital.administrator)
    intent = ""
    seen = []
    for method, path, headers, body, expected in examples(language):
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
        wanted = json.loads(json.dumps(expected).replace("{intent}", intent))
        assert told(answer.json(), wanted), f"{method} {path}: {answer.text}"
        seen.append(path)
        if path == f"{STRIPE}/payment-intents" and answer.status_code == 201:
            intent = answer.json()["id"]
            # The payer's browser, by Stripe.js.
            sandbox.ask(f"/v1/payment_intents/{intent}/confirm", payment_method="pm_card_visa")
    assert len(seen) == 16


async def test_the_guides_declined_cards_are_declined_over_the_api_in_its_words(portal, sandbox):
    rows = table_under("en", GUIDE, "Number")
    words = {name.strip("`"): quoted[1] for _, name, what in rows if (quoted := re.search(r"declined.*“(.+)”", what))}
    intent = (await portal.begin(invoice_id="INV-2026-000001")).json()["id"]

    for name, said in words.items():
        with pytest.raises(AssertionError, match=r"declin|expired|incorrect|error"):
            sandbox.ask(f"/v1/payment_intents/{intent}/confirm", payment_method=name)
        status = (await portal("GET", f"{STRIPE}/payment-intents/{intent}")).json()
        assert (status["status"], status["last_payment_error"]["message"]) == ("requires_payment_method", said), name
    assert len(words) >= 6
