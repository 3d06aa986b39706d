"""Every operation of the API's description is known to the sandbox."""

from __future__ import annotations

import re

import pytest

from cashier.sandbox import catalogue
from cashier.sandbox.engine.api_description import description
from cashier.sandbox.engine.operations import unanswered

OPERATIONS = sorted(description().operations)


def test_nothing_described_is_without_an_answer():
    assert catalogue.RESOURCES
    assert unanswered() == []


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part)
async def test_an_operation_answers_or_says_what_is_wrong(wire, method, path):
    """Asked about things that do not exist, with nothing given, no operation breaks or claims not to exist."""
    asked = re.sub(r"\{\w+\}", "none_0000", path)

    answer = await wire.send(method, asked, {} if method == "POST" else None)

    assert answer.status in (200, 400, 404), answer.body
    if answer.status != 200:
        assert answer.error["type"] == "invalid_request_error"
        assert answer.error["message"]
        assert "Unrecognized request URL" not in answer.error["message"]


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part)
async def test_no_operation_takes_an_unknown_parameter(wire, method, path):
    asked = re.sub(r"\{\w+\}", "none_0000", path)
    form = {"bogus": "1"}

    if method == "POST":
        answer = await wire.send(method, asked, form)
    else:
        answer = await wire.send(method, f"{asked}?bogus=1", None)

    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, "parameter_unknown", "bogus")
