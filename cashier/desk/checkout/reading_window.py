"""Terms and privacy, read in a plain window beside the payment."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWebEngineCore import QWebEngineProfile
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cashier.desk.checkout.checkout_page import CheckoutPage
from cashier.desk.checkout.checkout_parts import PageView, PlaceStrip
from cashier.desk.checkout.page_rules import PageRules
from cashier.desk.checkout.refusals import Refusals
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.language import m, verbatim


class ReadingWindow(QWidget):
    """One page that a link on Stripe's page leads to. It ends with the widget that it is given to, at the latest."""

    def __init__(self, profile: QWebEngineProfile, rules: PageRules, refusals: Refusals, parent: QWidget) -> None:
        """Make it, hidden. Its page knows nothing of the page with the link, and cannot reach it."""
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("reading_window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._view = PageView("reading_page")
        self._page = CheckoutPage(profile, rules, refusals, self._view, is_for_reading=True)
        self._view.setPage(self._page)
        self._strip = PlaceStrip(is_training=rules.sandbox is not None)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._strip)
        layout.addWidget(self._view, 1)
        self._page.urlChanged.connect(self._show_place)
        self._page.reading_wanted.connect(self._page.load, Qt.ConnectionType.QueuedConnection)
        self._page.renderProcessTerminated.connect(self.close)
        self._strip.close_popup.clicked.connect(self.close)
        self._strip.smaller.clicked.connect(self._view.zoom_out)
        self._strip.larger.clicked.connect(self._view.zoom_in)
        zoom = {Command.PAGE_SMALLER: self._view.zoom_out, Command.PAGE_LARGER: self._view.zoom_in}
        listen(self, {Command.DIALOG_LEAVE: self.close, **zoom})
        self.resize(900, 700)

    def read(self, url: QUrl, *, takes_keyboard: bool) -> None:
        """Show ``url``, instead of what is read there now; the keyboard is taken only from who is asked for it."""
        self._strip.show_place(url, is_popup=True)
        self._page.load(url)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, not takes_keyboard)
        self.show()
        self.raise_()
        if takes_keyboard:
            self.activateWindow()
            self._view.setFocus()

    def _show_place(self) -> None:
        url = self._page.url()
        if url.host():
            self._strip.show_place(url, is_popup=True)
            self.setWindowTitle(str(m("To read: {host}", host=verbatim(url.host()))))
