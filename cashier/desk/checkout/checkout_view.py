"""Stripe's page inside a window: with its host above it, and never a blank area.

What is true about the payment comes from the database; this only shows the patient's page and says when Stripe led
away from it. It can be deleted at any moment.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtWebEngineCore import (
    QWebEngineDownloadRequest,
    QWebEngineLoadingInfo,
    QWebEngineNewWindowRequest,
    QWebEngineScript,
)
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from cashier.desk.checkout.checkout_page import CheckoutPage
from cashier.desk.checkout.checkout_parts import PageView, PlaceStrip, TroublePage, WaitingPage
from cashier.desk.checkout.page_rules import PageRules
from cashier.desk.checkout.reading_window import ReadingWindow
from cashier.desk.checkout.refusals import Refusals, Wish
from cashier.desk.checkout.web_profile import PaymentProfile
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.kit.controls import Notice, Tone
from cashier.language import Message, m, verbatim

_ANSWER_MILLISECONDS_MAX = 20_000
_POPUPS_MAX = 2
_GO_TO_CARD = """(() => {
  const isThere = () => {
    const field = document.getElementById('cardNumber');
    if (!field || !field.getClientRects().length) return false;
    if (!document.activeElement || document.activeElement === document.body) field.focus();
    return true;
  };
  if (isThere()) return;
  const watch = new MutationObserver(() => { if (isThere()) watch.disconnect(); });
  watch.observe(document, {childList: true, subtree: true, attributes: true});
  setTimeout(() => watch.disconnect(), 20000);
})()"""
"""Gives the keyboard to the card's number as soon as it is there, unless something else of the page has it already.

It runs in a world of its own, which the page cannot see, and neither reads nor changes anything.
"""
_NOTHING_LOST = m("Nothing is lost: what the patient has paid is known without this page.")


class CheckoutView(QWidget):
    """Shows one payment page, the bank's page after it, and pop-ups over it."""

    payment_finished = Signal()
    """Stripe led to the address for a paid payment."""
    patient_went_back = Signal()
    challenge_shown = Signal(bool)
    """The patient's bank asks something (True), or Stripe's own page is there again."""

    def __init__(
        self, rules: PageRules, parent: QWidget | None = None, *, answer_milliseconds: int = _ANSWER_MILLISECONDS_MAX
    ) -> None:
        """Make the view; ``answer_milliseconds`` is how long a page may take to begin to answer."""
        super().__init__(parent)
        self.setObjectName("checkout_view")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._rules = rules
        self._start = QUrl()
        self._is_challenge = False
        # Not a child of ours: children go in the order of their making, and pages have to go before their profile.
        self._refusals = Refusals()
        self._profile = PaymentProfile(rules, self._refusals, QApplication.instance())
        self.destroyed.connect(self._profile.deleteLater)
        self._view = PageView("checkout_page")
        self._popups: list[PageView] = []
        """Those that go nowhere yet as well, which are not seen."""
        self._reading: ReadingWindow | None = None
        self._strip = PlaceStrip(is_training=rules.sandbox is not None)
        self._notice = Notice(name="checkout_notice")
        self._waiting = WaitingPage()
        self._trouble = TroublePage()
        self._stack = QStackedWidget()
        self._silence = QTimer(self, singleShot=True, interval=answer_milliseconds)
        self._lay_out()
        self._connect()
        self._page = self._new_page()

    @property
    def page_view(self) -> PageView:
        """What the patient types into: the topmost pop-up, or Stripe's page."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, PageView) else self._view

    def open(self, url: str) -> None:
        """Show the page at ``url``. The same one again changes nothing."""
        if QUrl(url) != self._start:
            self._start = QUrl(url)
            self.load_again()

    def load_again(self) -> None:
        """Load the payment's page from its beginning, in a new one: never by sending a form once more.

        The page that was there has no say in it, and whatever it opened goes with it.
        """
        self._notice.fall_silent()
        self._refusals.begin_anew()
        self._show(self._waiting)
        self._begin_anew()
        self._silence.start()
        self._page.load(self._start)

    def _lay_out(self) -> None:
        for each in (self._waiting, self._view, self._trouble):
            self._stack.addWidget(each)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._strip)
        layout.addWidget(self._notice)
        layout.addWidget(self._stack, 1)
        self.setFocusProxy(self._view)

    def _connect(self) -> None:
        # Queued: nobody may delete a page from inside its own call to us.
        self._refusals.flooded.connect(self._tell_flood, Qt.ConnectionType.QueuedConnection)
        self._refusals.told.connect(self._tell)
        self._profile.downloadRequested.connect(self._refuse_download)
        self._silence.timeout.connect(self._tell_silence)
        self._trouble.again.clicked.connect(self.load_again)
        self._strip.close_popup.clicked.connect(self._close_popup)
        self._strip.smaller.clicked.connect(self._zoom_out)
        self._strip.larger.clicked.connect(self._zoom_in)
        listen(self, {Command.PAGE_SMALLER: self._zoom_out, Command.PAGE_LARGER: self._zoom_in})

    def _new_page(self) -> CheckoutPage:
        page = CheckoutPage(self._profile, self._rules, self._refusals, self._view)
        self._connect_page(page, self._view)
        page.loadingChanged.connect(self._follow_loading)
        page.urlChanged.connect(self._show_page)
        page.renderProcessTerminated.connect(self._tell_crash)
        self._view.setPage(page)
        return page

    def _begin_anew(self) -> None:
        """Put an empty page in the place of the one that is there, which ends, whatever it is busy with."""
        self._close_all_popups()
        before, zoom = self._page, self._view.zoomFactor()
        self._page = self._new_page()
        self._view.setZoomFactor(zoom)
        before.deleteLater()

    def _connect_page(self, page: CheckoutPage, view: PageView) -> None:
        # Queued: nobody may delete a page from inside its own call to us.
        queued = Qt.ConnectionType.QueuedConnection
        page.payment_finished.connect(self.payment_finished, queued)
        page.patient_went_back.connect(self.patient_went_back, queued)
        page.reading_wanted.connect(self._read, queued)
        page.popup_wanted.connect(partial(self._add_popup, view))
        page.certificate_refused.connect(self._tell_certificate)

    def _follow_loading(self, info: QWebEngineLoadingInfo) -> None:
        status = QWebEngineLoadingInfo.LoadStatus
        if info.status() is status.LoadStartedStatus:
            self._silence.start()
            return
        self._silence.stop()
        if info.status() is status.LoadSucceededStatus:
            self._show_page()
            if not self._rules.is_challenge(self._page.url()):
                self._page.runJavaScript(_GO_TO_CARD, QWebEngineScript.ScriptWorldId.ApplicationWorld.value)
        elif info.status() is status.LoadFailedStatus:
            host, trouble = info.url().host(), info.errorString()
            self._show_trouble(
                m("{host} cannot be reached ({trouble}).", host=host, trouble=trouble)
                if host
                else m("The page cannot be reached ({trouble}).", trouble=trouble)
            )
        elif self._stack.currentWidget() is self._waiting:
            self._show_trouble(m("The payment page was not opened."), verbatim(self._notice.text))

    def _show_page(self) -> None:
        """Show the page now that it answers; what it was before stays on the screen until then."""
        self._silence.stop()
        if not self._page.url().isEmpty() and not isinstance(self._stack.currentWidget(), PageView):
            had_focus = self._has_keyboard()
            self._show(self._view)
            if had_focus:
                self._view.setFocus()
        self._show_place()

    def _show(self, widget: QWidget) -> None:
        self._stack.setCurrentWidget(widget)
        self._show_place()

    def _show_place(self) -> None:
        shown = self._stack.currentWidget()
        page = shown.page() if isinstance(shown, PageView) else None
        url = page.shown_url if isinstance(page, CheckoutPage) else self._start
        is_popup = page is not None and shown is not self._view
        self._strip.show_place(url, is_popup=is_popup)
        is_challenge = self._rules.is_challenge(url)
        if is_challenge is not self._is_challenge:
            self._is_challenge = is_challenge
            self.challenge_shown.emit(is_challenge)

    def _show_trouble(self, what: Message, advice: Message = _NOTHING_LOST) -> None:
        had_focus = self._has_keyboard()
        self._trouble.say(what, advice)
        self._show(self._trouble)
        if had_focus:
            self._trouble.again.setFocus()

    def _has_keyboard(self) -> bool:
        """Tell whether the keyboard is here, or nobody's: pages take it from nobody else."""
        focus = QApplication.focusWidget()
        return focus is None or self.isAncestorOf(focus)

    def _tell(self, words: Message) -> None:
        self._notice.say(words, Tone.CAUTION)

    def _tell_silence(self) -> None:
        self._view.stop()
        host = self._page.requestedUrl().host()
        self._show_trouble(m("{host} does not answer.", host=host) if host else m("The page does not answer."))

    def _tell_crash(self) -> None:
        self._silence.stop()
        self._show_trouble(m("The payment page stopped working."))

    def _tell_certificate(self, host: str) -> None:
        self._tell(m("{host} could not prove that it is genuine, so it was not opened. Tell IT.", host=host))

    def _tell_flood(self) -> None:
        self._silence.stop()
        self._begin_anew()
        self._show_trouble(m("The payment page asked for things without end, so it was closed."))

    def _refuse_download(self, download: QWebEngineDownloadRequest) -> None:
        download.cancel()
        words = m("This page wanted to save a file here. It was not allowed to.")
        self._refusals.note(Wish.DOWNLOAD, words, host=download.url().host())

    def _read(self, url: QUrl) -> None:
        """Show what a link on Stripe's page leads to, such as its terms; one thing at a time."""
        if self._reading is None:
            self._reading = ReadingWindow(self._profile, self._rules, self._refusals, self)
        self._reading.read(url, takes_keyboard=self._has_keyboard())

    def _add_popup(self, opener: PageView, request: QWebEngineNewWindowRequest) -> None:
        """Give a pop-up its page, and show it once it goes somewhere: banks open their challenge in one.

        Of those that go nowhere yet, the newest are kept.
        """
        unseen = [view for view in self._popups if self._stack.indexOf(view) == -1]
        if len(self._popups) >= _POPUPS_MAX and unseen:
            self._remove_popup(unseen[0])
        if len(self._popups) >= _POPUPS_MAX:
            self._refusals.note(Wish.POPUP, m("Another pop-up window was not opened."))
            return
        page_before = opener.page()
        url = page_before.shown_url if isinstance(page_before, CheckoutPage) else self._start
        view = PageView("checkout_popup", self)
        view.hide()
        page = CheckoutPage(self._profile, self._rules, self._refusals, view, opener_url=url)
        view.setPage(page)
        view.setZoomFactor(self._view.zoomFactor())
        self._popups.append(view)
        self._connect_page(page, view)
        page.urlChanged.connect(self._show_place)
        page.led_somewhere.connect(partial(self._show_popup, view), Qt.ConnectionType.QueuedConnection)
        for ended in (page.led_nowhere, page.windowCloseRequested, page.renderProcessTerminated):
            ended.connect(lambda *_: self._remove_popup(view), Qt.ConnectionType.QueuedConnection)
        request.openIn(page)

    def _show_popup(self, view: PageView) -> None:
        if view not in self._popups:
            return
        had_focus = self._has_keyboard()
        self._stack.addWidget(view)
        self._show(view)
        if had_focus:
            view.setFocus()

    def _close_popup(self) -> None:
        shown = self._stack.currentWidget()
        if isinstance(shown, PageView) and shown is not self._view:
            self._remove_popup(shown)

    def _close_all_popups(self) -> None:
        for view in list(self._popups):
            self._remove_popup(view)

    def _remove_popup(self, view: PageView) -> None:
        if view not in self._popups:
            return
        self._popups.remove(view)
        was_shown, had_focus = self._stack.currentWidget() is view, self._has_keyboard()
        self._stack.removeWidget(view)
        view.hide()
        view.deleteLater()
        if was_shown:
            below = self._stack.widget(self._stack.count() - 1)
            self._show(below if isinstance(below, PageView) else self._view)
            if had_focus:
                self.page_view.setFocus()

    def _zoom_in(self) -> None:
        for view in (self._view, *self._popups):
            view.zoom_in()

    def _zoom_out(self) -> None:
        for view in (self._view, *self._popups):
            view.zoom_out()
