"""The description of the API: everything that is served, by the names that the hospital's system knows."""

from __future__ import annotations

from typing import Any

import pytest

from cashier.companion.api.openapi import WEBHOOKS, describe
from cashier.companion.api.operation import GROUPS
from cashier.companion.api.table import OPERATIONS

TEN = (
    "StripePaymentIntentCreate",
    "StripePaymentIntentResponse",
    "StripePaymentConfirm",
    "StripePaymentIntentStatus",
    "StripeRefundCreate",
    "StripeRefundResponse",
    "StripePaymentMethodResponse",
    "StripeCustomerResponse",
    "StripeWebhookEvent",
    "StripeReceiptResponse",
)
URL = "https://pay.hospital.example"


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The document, as it is served."""
    return describe(OPERATIONS, url=URL)


def references(value: Any) -> set[str]:
    """Return every shape that is named in ``value``."""
    if isinstance(value, dict):
        own = {value["$ref"].removeprefix("#/components/schemas/")} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(each) for each in value.values()))
    return set().union(*(references(each) for each in value)) if isinstance(value, list | tuple) else set()


def test_the_ten_shapes_are_there_by_name_and_used(described):
    shapes, used = described["components"]["schemas"], references(described)

    assert set(TEN) <= set(shapes)
    assert used == set(shapes), "named and not there, or there and not named"


def test_it_says_where_how_and_by_which_licence_it_is_served(described):
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": URL}]
    assert described["info"]["license"]["identifier"] == "MIT"
    assert described["security"] == [{"key": []}]
    assert described["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


def test_every_operation_has_a_name_of_its_own_a_group_and_words(described):
    operations = [each for path in described["paths"].values() for each in path.values()]

    assert len({each["operationId"] for each in operations}) == len(operations) == len(OPERATIONS) + 1
    assert {tag for each in operations for tag in each["tags"]} == {tag["name"] for tag in described["tags"]}
    assert {tag["name"] for tag in described["tags"]} <= set(GROUPS)
    assert all(each["summary"] and each["description"] for each in operations)
    assert all(shape["description"] for shape in described["components"]["schemas"].values())


def test_it_is_made_of_the_table_that_serves(described):
    told = {(path, method.upper()) for path, methods in described["paths"].items() for method in methods}

    assert told == {(each.path, each.method) for each in OPERATIONS} | {(WEBHOOKS, "POST")}


async def test_it_is_served_without_a_key_at_the_companions_address(companion, settings):
    answer = await companion.get("/api/v1/openapi.json")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["servers"] == [{"url": settings.companion.url}]
