"""The sandbox's Checkout page with its script running, in the desk's web view, typed by real keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt, QUrl
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cashier.desk.checkout.checkout_view import CheckoutView
from cashier.desk.checkout.page_rules import PageRules
from cashier.desk.tour.page import Page
from cashier.desk.tour.script import Script, Wait
from tests.desk.surroundings.acting import act
from tests.surroundings.running_sandbox import RunningSandbox

RETURN_BASE = "http://127.0.0.1:1"


@pytest.fixture
def session(sandbox: RunningSandbox) -> Any:
    """An open Checkout Session."""
    return sandbox.ask(
        "/v1/checkout/sessions",
        **{
            "mode": "payment",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "eur",
            "line_items[0][price_data][unit_amount]": "12500",
            "line_items[0][price_data][product_data][name]": "Hospital services",
            "success_url": f"{RETURN_BASE}/paid",
            "cancel_url": f"{RETURN_BASE}/back",
        },
    )


@pytest.fixture
def view(qtbot: QtBot, sandbox: RunningSandbox, session: Any) -> Iterator[CheckoutView]:
    view = CheckoutView(PageRules(return_base=QUrl(RETURN_BASE), sandbox=QUrl(sandbox.url)))
    view.resize(900, 640)
    view.show()
    view.open(session["url"])
    yield view
    view.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(view))


@pytest.fixture
def page(view: CheckoutView) -> Page:
    return Page(lambda: view.page_view)


def holds_value(page: Page, field: str, value: str) -> Script:
    condition = f"document.getElementById({json.dumps(field)}).value === {json.dumps(value)}"
    yield Wait(f"“{field}” to read “{value}”", page.holds(condition))


def says(page: Page, element: str, words: str) -> Script:
    condition = (
        f"(document.querySelector({json.dumps(element)}) || document.body).textContent === {json.dumps(words)}"
    )
    yield Wait(f"“{element}” to say “{words}”", page.holds(condition))


@pytest.mark.parametrize(
    ("field", "typed", "shown"),
    [
        ("cardNumber", "4242424242424242", "4242 4242 4242 4242"),
        ("cardNumber", "4242 4242 4242 4242", "4242 4242 4242 4242"),
        ("cardNumber", "378282246310005", "3782 822463 10005"),
        ("cardExpiry", "1240", "12 / 40"),
        ("cardExpiry", "12/40", "12 / 40"),
        ("cardExpiry", "12 / 40", "12 / 40"),
    ],
)
def test_what_is_typed_fast_is_put_in_groups(qtbot: QtBot, page: Page, field: str, typed: str, shown: str) -> None:
    act(qtbot, page.type_into(f"#{field}", typed))
    act(qtbot, holds_value(page, field, shown))


def test_mistakes_are_said_without_losing_what_was_typed(qtbot: QtBot, page: Page, sandbox: RunningSandbox) -> None:
    act(qtbot, page.type_into("#cardNumber", "4242424242424241"))
    act(qtbot, page.type_into("#cardExpiry", "1220"))
    act(qtbot, page.click("#pay"))

    act(qtbot, says(page, "#cardNumber-error", "Your card number is invalid."))
    act(qtbot, says(page, "#cardExpiry-error", "Your card's expiration date is in the past."))
    act(qtbot, says(page, "#cardCvc-error", "Your card's security code is incomplete."))
    act(qtbot, holds_value(page, "cardNumber", "4242 4242 4242 4241"))
    assert sandbox.ask("/v1/payment_intents")["data"] == []


def test_a_mistake_that_is_put_right_is_not_held_against_the_customer(qtbot: QtBot, page: Page) -> None:
    act(qtbot, page.click("#pay"))
    act(qtbot, says(page, "#cardNumber-error", "Your card number is incomplete."))
    act(qtbot, page.type_into("#cardNumber", "4"))

    act(qtbot, says(page, "#cardNumber-error", ""))


def test_two_presses_while_the_answer_is_slow_charge_once(
    qtbot: QtBot, page: Page, view: CheckoutView, sandbox: RunningSandbox, session: Any
) -> None:
    sandbox.order("troubles", path="/c/pay/", method="POST", latency_seconds=0.5, when="after")
    act(qtbot, page.type_into("#cardNumber", "4242424242424242"))
    act(qtbot, page.type_into("#cardExpiry", "1240"))
    act(qtbot, page.type_into("#cardCvc", "123"))

    act(qtbot, page.click("#pay"))
    act(qtbot, says(page, "#pay", "Processing…"))
    target = view.page_view.focusProxy()
    assert target is not None
    QTest.keyClick(target, Qt.Key.Key_Return)

    def is_paid() -> bool:
        return bool(sandbox.ask(f"/v1/checkout/sessions/{session['id']}")["status"] == "complete")

    qtbot.waitUntil(is_paid, timeout=5000)
    assert len(sandbox.ask("/v1/charges")["data"]) == 1
