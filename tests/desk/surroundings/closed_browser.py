"""The closed browser over a small site on loopback, which takes Stripe's place as the sandbox does in training."""

from __future__ import annotations

from collections.abc import Iterator

import shiboken6
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from cashier.desk.checkout.checkout_view import CheckoutView
from cashier.desk.checkout.page_rules import PageRules
from cashier.desk.tour.page import Page
from tests.desk.surroundings.acting import wait_for
from tests.desk.surroundings.small_site import SmallSite

RETURN_BASE = "http://127.0.0.1:1"
START = "<h1 id=hello>Pay 12.00</h1><input id=field><p id=typed></p>"


def shown_view(qtbot: QtBot, site: SmallSite, answer_milliseconds: int = 8000) -> Iterator[CheckoutView]:
    rules = PageRules(return_base=QUrl(RETURN_BASE), sandbox=QUrl(site.url))
    view = CheckoutView(rules, answer_milliseconds=answer_milliseconds)
    view.resize(800, 500)
    view.show()
    yield view
    if shiboken6.isValid(view):
        view.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(view))


def page_of(view: CheckoutView) -> Page:
    return Page(lambda: view.page_view)


def open_start(qtbot: QtBot, view: CheckoutView, site: SmallSite, body: str = START) -> Page:
    site.pages["/"] = body
    view.open(f"{site.url}/")
    page = page_of(view)
    wait_for(qtbot, page.shows("body *"))
    return page


def words_of(view: CheckoutView, name: str) -> str:
    """What a person reads there; nothing while it is hidden."""
    label = view.findChild(QLabel, name)
    assert label is not None
    return label.text() if label.isVisible() else ""


def wait_for_words(qtbot: QtBot, view: CheckoutView, name: str, part: str) -> None:
    def assert_said() -> None:
        assert part in words_of(view, name)

    qtbot.waitUntil(assert_said, timeout=8000)


def press(view: CheckoutView, name: str) -> None:
    button = view.findChild(QPushButton, name)
    assert button is not None
    assert button.isVisible()
    button.click()
