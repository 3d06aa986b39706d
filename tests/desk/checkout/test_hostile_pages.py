"""What a page tries to get at the desk by pop-ups, questions and floods, in the real browser."""

from __future__ import annotations

import json
import logging

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from cashier.desk.checkout.checkout_parts import PageView
from cashier.desk.checkout.checkout_view import CheckoutView
from cashier.desk.checkout.reading_window import ReadingWindow
from cashier.desk.tour.page import Page
from tests.desk.surroundings.acting import act, wait_for
from tests.desk.surroundings.closed_browser import open_start, press, wait_for_words, words_of
from tests.desk.surroundings.small_site import SmallSite

TERMS = "<a id=terms target=_blank href=/legal/terms>Terms</a>"


def button(script: str, name: str = "go") -> str:
    return f"<button id={name} onclick={json.dumps(script)}>x</button>"


def popups_of(view: CheckoutView) -> list[PageView]:
    return view.findChildren(PageView, "checkout_popup")


@pytest.mark.parametrize(
    "script",
    [
        "for (let i = 0; i < 3; i++) window.open('https://shop.example/')",
        "for (let i = 0; i < 3; i++) { const w = window.open(''); w.location = 'https://shop.example/' }",
    ],
)
def test_a_refused_popup_leaves_nothing_behind(
    qtbot: QtBot, view: CheckoutView, site: SmallSite, script: str
) -> None:
    site.pages["/3ds/1"] = "<h1 id=bank>Confirm</h1>"
    page = open_start(qtbot, view, site, button(script) + button("window.open('/3ds/1')", "then"))
    challenges: list[bool] = []
    view.challenge_shown.connect(challenges.append)

    act(qtbot, page.click("#go"))

    wait_for_words(qtbot, view, "checkout_notice_text", "was not opened")
    qtbot.waitUntil(lambda: not popups_of(view))
    assert challenges == []
    act(qtbot, page.click("#then"))
    wait_for(qtbot, page.shows("#bank"))
    assert challenges == [True]


def test_a_popup_takes_the_keyboard_from_the_page_alone(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    site.pages["/3ds/1"] = "<h1 id=bank>Confirm</h1>"
    page = open_start(qtbot, view, site, "<h1>x</h1><script>window.go = () => window.open('/3ds/1')</script>")
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)

    view.page_view.page().runJavaScript("go()")

    qtbot.waitUntil(lambda: view.page_view in popups_of(view))
    assert field.hasFocus()
    press(view, "checkout_close_popup")
    assert field.hasFocus()
    wait_for(qtbot, page.shows("h1"))


def test_terms_are_read_beside_the_payment_and_end_with_it(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    site.pages["/legal/terms"] = "<h1 id=read>Terms</h1><script>document.body.className = String(opener)</script>"
    challenges: list[bool] = []
    view.challenge_shown.connect(challenges.append)
    page = open_start(qtbot, view, site, TERMS)

    act(qtbot, page.click("#terms"))

    qtbot.waitUntil(lambda: any(each.isVisible() for each in view.findChildren(ReadingWindow)))
    (window,) = view.findChildren(ReadingWindow)
    (reading,) = window.findChildren(PageView)
    # It has no way back to the page with the link.
    wait_for(qtbot, Page(lambda: reading).shows("body.null #read"))
    wait_for(qtbot, page.shows("#terms"))
    assert challenges == []
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    view.activateWindow()
    act(qtbot, page.click("#terms"))
    qtbot.waitUntil(window.isVisible)
    view.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(window))


def test_nothing_is_put_before_the_payment_to_read_unless_somebody_clicked(
    qtbot: QtBot, view: CheckoutView, site: SmallSite
) -> None:
    opens = "<script>setTimeout(() => window.open('/legal/terms'), 100)</script>"
    open_start(qtbot, view, site, f"<h1>x</h1>{opens}")

    wait_for_words(qtbot, view, "checkout_notice_text", "was not opened")

    assert view.findChildren(ReadingWindow) == []


def test_a_question_for_a_password_is_refused_once(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    site.pages["/staff"] = "⚿<h1 id=refused>Not for you</h1>"
    page = open_start(qtbot, view, site, button("location.href = '/staff'"))

    act(qtbot, page.click("#go"))

    wait_for(qtbot, page.shows("#refused"))
    wait_for_words(qtbot, view, "checkout_notice_text", "asked for a name and a password")
    assert site.asked.count("/staff") == 1


def test_a_page_is_told_that_there_are_no_passkeys(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    ask = "navigator.credentials.get({publicKey: {challenge: new Uint8Array(16)}})"
    script = f"{ask}.then(() => document.body.id = 'got', () => document.body.id = typeof PublicKeyCredential)"
    page = open_start(qtbot, view, site, button(script))

    act(qtbot, page.click("#go"))

    wait_for(qtbot, page.shows("#undefined"))


def test_what_a_page_says_is_one_short_line(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    open_start(qtbot, view, site, "<h1>x</h1><script>alert('Paid.\\n\\n\\u202eGive' + ' back'.repeat(500))</script>")

    wait_for_words(qtbot, view, "checkout_notice_text", "says: Paid. Give back")

    said = words_of(view, "checkout_notice_text")
    assert said.isprintable()
    assert len(said) < 250


def test_no_page_keeps_itself_from_being_left(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    site.pages["/next"] = "<h1 id=next>Next</h1>"
    stays = "<script>addEventListener('beforeunload', (event) => event.preventDefault())</script>"
    page = open_start(qtbot, view, site, stays + button("location.href = '/next'"))

    act(qtbot, page.click("#go"))
    wait_for(qtbot, page.shows("#next"))

    assert words_of(view, "checkout_notice_text") == ""


@pytest.mark.logs("web page closed: it asks without end")
@pytest.mark.parametrize(
    "script",
    [
        "while (true) alert(Math.random())",
        "setInterval(() => { for (let i = 0; i < 50; i++) window.open('https://shop.example/' + i) })",
        "setInterval(() => { for (let i = 0; i < 50; i++) print() })",
        "while (true) console.log('x'.repeat(1000))",
    ],
)
def test_a_page_that_asks_without_end_is_closed_and_the_desk_goes_on(
    qtbot: QtBot, view: CheckoutView, site: SmallSite, caplog: pytest.LogCaptureFixture, script: str
) -> None:
    caplog.set_level(logging.INFO)
    page = open_start(qtbot, view, site, button(script))
    beats: list[int] = []
    heart = QTimer(view, interval=20)
    heart.timeout.connect(lambda: beats.append(1))
    heart.start()

    act(qtbot, page.click("#go"))

    wait_for_words(qtbot, view, "checkout_trouble_what", "without end")
    assert len(beats) > 1
    assert len([record for record in caplog.records if record.name.startswith("cashier")]) <= 41
    press(view, "checkout_load_again")
    wait_for(qtbot, page.shows("#go"))


def test_floods_that_reach_nothing_change_nothing(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    flood = (
        "for (let i = 0; i < 300; i++) { history.pushState({}, '', '#' + i); fetch('http://a' + i + '.example/');"
        " document.documentElement.requestFullscreen().catch(() => 0); }"
    )
    page = open_start(qtbot, view, site, button(f"{flood} document.body.id = 'done'"))

    act(qtbot, page.click("#go"))

    wait_for(qtbot, page.shows("#done"))
    assert words_of(view, "checkout_notice_text") == ""
