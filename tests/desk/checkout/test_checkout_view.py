"""The web view against a small site on loopback that takes Stripe's place, as the sandbox does in training."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtQuick import QSGRendererInterface
from PySide6.QtQuickWidgets import QQuickWidget
from PySide6.QtWidgets import QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.checkout.checkout_view import CheckoutView
from cashier.desk.checkout.page_rules import PageRules
from tests.desk.surroundings.acting import act, wait_for
from tests.desk.surroundings.closed_browser import (
    RETURN_BASE,
    START,
    open_start,
    page_of,
    press,
    shown_view,
    wait_for_words,
    words_of,
)
from tests.desk.surroundings.small_site import SmallSite, running_site, write_own_certificate


def test_the_page_is_shown_with_its_host_above_it(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    page = open_start(qtbot, view, site)

    wait_for(qtbot, page.shows("#hello"))

    assert words_of(view, "checkout_host") == site.host


def test_the_first_page_leaves_the_window_that_it_is_shown_in_as_it_is(qtbot: QtBot, site: SmallSite) -> None:
    window = QStackedWidget()
    qtbot.addWidget(window)
    window.addWidget(QWidget())
    window.show()
    before = window.winId()
    for view in shown_view(qtbot, site):
        window.addWidget(view)
        window.setCurrentWidget(view)
        open_start(qtbot, view, site)
        (drawn,) = view.page_view.findChildren(QQuickWidget)

        # What is drawn by OpenGL wants a window made for that, where there is a screen: here there is none.
        assert drawn.quickWindow().rendererInterface().graphicsApi() is QSGRendererInterface.GraphicsApi.Software
        assert (window.winId(), os.environ["QT_QUICK_BACKEND"]) == (before, "software")


def test_keys_arrive_in_the_page(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    page = open_start(qtbot, view, site)

    act(qtbot, page.type_into("#field", "4242424242424242"))


def test_leading_to_the_paid_address_is_told_and_never_requested(
    qtbot: QtBot, view: CheckoutView, site: SmallSite
) -> None:
    site.pages["/done?"] = f"→{RETURN_BASE}/paid/1"
    page = open_start(qtbot, view, site, "<form action=/done><button id=go>Pay</button></form>")

    with qtbot.waitSignal(view.payment_finished):
        act(qtbot, page.click("#go"))

    wait_for(qtbot, page.shows("#go"))


def test_going_back_is_told(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    page = open_start(qtbot, view, site, f"<a id=go href={RETURN_BASE}/back/1>Back</a>")

    with qtbot.waitSignal(view.patient_went_back):
        act(qtbot, page.click("#go"))


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/x", "https://shop.example/", "file:///etc/hostname"])
def test_another_host_is_refused_and_the_page_stays(
    qtbot: QtBot, view: CheckoutView, site: SmallSite, target: str
) -> None:
    page = open_start(qtbot, view, site, f"<button id=go onclick=\"location.href='{target}'\">x</button>")

    act(qtbot, page.click("#go"))

    if not target.startswith("file:"):  # Chromium itself stops that one, before anybody is asked
        wait_for_words(qtbot, view, "checkout_notice_text", "was not opened")
    wait_for(qtbot, page.shows("#go"))
    assert view.page_view.url().toString() == f"{site.url}/"


def test_a_file_is_refused_even_when_opened_directly(qtbot: QtBot, view: CheckoutView) -> None:
    view.open("file:///etc/hostname")

    wait_for_words(qtbot, view, "checkout_trouble_what", "was not opened")


def test_a_frame_with_another_host_is_refused(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    open_start(qtbot, view, site, "<h1>x</h1><iframe src='http://127.0.0.1:9/'></iframe>")

    wait_for_words(qtbot, view, "checkout_notice_text", "was not opened")


def test_a_page_fetches_nothing_from_another_host(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    with running_site({"/secret": "x"}) as other:
        script = f"fetch('{other.url}/secret', {{mode: 'no-cors'}}).finally(() => document.body.id = 'tried')"
        page = open_start(qtbot, view, site, f"<h1>x</h1><script>{script}</script><img src={other.url}/secret>")

        wait_for(qtbot, page.shows("#tried"))

        assert other.asked == []


def test_a_download_is_refused_and_the_page_stays(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    site.pages["/file"] = "↓content"
    page = open_start(qtbot, view, site, "<a id=go href=/file>file</a>")

    act(qtbot, page.click("#go"))

    wait_for_words(qtbot, view, "checkout_notice_text", "wanted to save a file")
    wait_for(qtbot, page.shows("#go"))


def test_a_popup_is_shown_with_its_host_and_can_be_closed(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    site.pages["/3ds/1"] = "<h1 id=bank>Confirm</h1>"
    page = open_start(qtbot, view, site, "<button id=go onclick=\"window.open('/3ds/1')\">x</button>")

    with qtbot.waitSignal(view.challenge_shown, check_params_cb=lambda is_challenge: is_challenge is True):
        act(qtbot, page.click("#go"))
    wait_for(qtbot, page.shows("#bank"))
    assert "pop-up" in words_of(view, "checkout_remark")
    with qtbot.waitSignal(view.challenge_shown, check_params_cb=lambda is_challenge: is_challenge is False):
        press(view, "checkout_close_popup")

    wait_for(qtbot, page.shows("#go"))
    assert "pop-up" not in words_of(view, "checkout_remark")


def test_a_popup_that_closes_itself_gives_way_to_the_page(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    site.pages["/bank"] = "<button id=ok onclick='opener.told(); window.close()'>OK</button>"
    script = "<script>window.told = () => document.getElementById('p').id = 'told'</script><p id=p>told</p>"
    page = open_start(qtbot, view, site, f"<button id=go onclick=\"window.open('/bank')\">x</button>{script}")
    act(qtbot, page.click("#go"))

    act(qtbot, page.click("#ok"))

    wait_for(qtbot, page.shows("#told"))


def test_a_page_that_never_answers_can_be_loaded_again(qtbot: QtBot, site: SmallSite) -> None:
    for view in shown_view(qtbot, site, answer_milliseconds=300):
        view.open(f"{site.url}/late")
        wait_for_words(qtbot, view, "checkout_trouble_what", "does not answer")
        site.pages["/late"] = START

        press(view, "checkout_load_again")

        wait_for(qtbot, page_of(view).shows("#hello"))


def test_a_page_that_cannot_be_reached_says_so(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    with running_site({}) as gone:
        pass
    rules_of_gone = PageRules(return_base=QUrl(RETURN_BASE), sandbox=QUrl(gone.url))
    other = CheckoutView(rules_of_gone)
    qtbot.addWidget(other)
    other.show()

    other.open(f"{gone.url}/")

    wait_for_words(qtbot, other, "checkout_trouble_what", "cannot be reached")


def test_a_page_that_crashes_can_be_loaded_again(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    page = open_start(qtbot, view, site)

    view.page_view.page().load(QUrl("chrome://crash"))

    wait_for_words(qtbot, view, "checkout_trouble_what", "stopped working")
    press(view, "checkout_load_again")
    wait_for(qtbot, page.shows("#hello"))


def test_a_certificate_that_nobody_vouches_for_is_refused(qtbot: QtBot, tmp_path: Path) -> None:
    with running_site({"/": START}, certificate=write_own_certificate(tmp_path)) as site:
        for view in shown_view(qtbot, site):
            view.open(f"{site.url}/")

            wait_for_words(qtbot, view, "checkout_notice_text", "genuine")
            wait_for_words(qtbot, view, "checkout_trouble_what", "cannot be reached")
            assert site.asked == []


def test_a_question_of_the_page_stops_nothing(qtbot: QtBot, view: CheckoutView, site: SmallSite) -> None:
    page = open_start(qtbot, view, site, "<h1 id=h></h1><script>h.textContent = 'was ' + confirm('Sure?')</script>")

    wait_for_words(qtbot, view, "checkout_notice_text", "Sure?")
    wait_for(qtbot, page.shows("#h"))


@pytest.mark.parametrize(
    "script",
    [
        "navigator.clipboard.readText()",
        "new Promise((yes, no) => navigator.geolocation.getCurrentPosition(yes, no))",
        "navigator.mediaDevices.getUserMedia({video: true})",
        "Notification.requestPermission().then((answer) => answer === 'granted' || Promise.reject())",
    ],
)
def test_a_page_gets_no_permission(qtbot: QtBot, view: CheckoutView, site: SmallSite, script: str) -> None:
    code = f"(async () => {script})().then(() => document.body.id = 'given', () => document.body.id = 'denied')"
    page = open_start(qtbot, view, site, f"<button id=go onclick={json.dumps(code)}>x</button>")

    act(qtbot, page.click("#go"))

    wait_for(qtbot, page.shows("#denied"))


def test_nothing_of_one_payment_is_there_for_the_next(qtbot: QtBot, site: SmallSite) -> None:
    keep = "<script>document.body.id = localStorage.kept || document.cookie || 'new';"
    keep += "localStorage.kept = 'old'; document.cookie = 'a=old'</script>"
    for _ in range(2):
        for view in shown_view(qtbot, site):
            page = open_start(qtbot, view, site, f"<h1>x</h1>{keep}")

            wait_for(qtbot, page.shows("#new"))


def test_the_view_can_go_while_the_page_loads(qtbot: QtBot, site: SmallSite) -> None:
    for view in shown_view(qtbot, site):
        view.open(f"{site.url}/never")

        qtbot.waitUntil(lambda: "/never" in site.asked)
