"""The parts around Stripe's page: the strip with its host, the page itself, waiting and trouble."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWebEngineCore import QWebEnginePage
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from cashier.desk.kit.controls import PlainButton, PrimaryButton, Text, announce, label
from cashier.desk.kit.icons import Picture
from cashier.language import NOTHING, Message, m, sentences, verbatim
from cashier.palette import Colour

_Action = QWebEnginePage.WebAction
_ZOOM_STEPS = (0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
_EDITING = (_Action.Cut, _Action.Copy, _Action.Paste, _Action.SelectAll)


class PageView(QWebEngineView):
    """A page's own area: nothing can be dropped on it, and its menu only edits text."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make an empty area called ``name``."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(str(m("Payment page")))
        self.setAcceptDrops(False)
        self.setMinimumSize(320, 240)

    def zoom_in(self) -> None:
        """Show the page one step larger; there is an end to it."""
        larger = [step for step in _ZOOM_STEPS if step > self.zoomFactor() + 0.01]
        self.setZoomFactor(larger[0] if larger else _ZOOM_STEPS[-1])

    def zoom_out(self) -> None:
        """Show the page one step smaller; there is an end to it."""
        smaller = [step for step in _ZOOM_STEPS if step < self.zoomFactor() - 0.01]
        self.setZoomFactor(smaller[-1] if smaller else _ZOOM_STEPS[0])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to cut, copy, paste and select, and nothing else."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self.pageAction(action) for action in _EDITING])
        menu.popup(event.globalPos())


class PlaceStrip(QFrame):
    """Says whose page is shown; the host is the whole truth about it, so it stands alone."""

    def __init__(self, *, is_training: bool) -> None:
        """Make the strip; in training it says that the page is a stand-in."""
        super().__init__()
        self.setObjectName("checkout_strip")
        self._is_training = is_training
        self._lock = Picture(side=18)
        self._host = label(NOTHING, name="checkout_host")
        self._remark = label(NOTHING, Text.CAPTION, name="checkout_remark", wraps=True)
        self.smaller = PlainButton(verbatim("A−"), name="checkout_zoom_out", quiet=True)
        self.larger = PlainButton(verbatim("A+"), name="checkout_zoom_in", quiet=True)
        self.close_popup = PlainButton(m("Close this window"), "close", name="checkout_close_popup", quiet=True)
        for button, words in (
            (self.smaller, m("Smaller page (Ctrl −)")),
            (self.larger, m("Larger page (Ctrl +)")),
        ):
            button.setToolTip(str(words))
            button.setAccessibleName(str(words))
            # The page is what the keyboard is for; zooming has its own keys.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 2, 6, 2)
        layout.setSpacing(8)
        layout.addWidget(self._lock)
        layout.addWidget(self._host)
        layout.addWidget(self._remark, 1)
        for each in (self.close_popup, self.smaller, self.larger):
            layout.addWidget(each)

    def show_place(self, url: QUrl, *, is_popup: bool) -> None:
        """Show the host of ``url``; without a lock where nothing is encrypted, as in training."""
        is_encrypted = url.scheme() == "https"
        name, colour = ("lock", Colour.GOOD) if is_encrypted else ("desk", Colour.INK_SOFT)
        self._lock.show_icon(name, colour)
        port = f":{url.port()}" if url.port() != -1 else ""
        self._host.setText(f"{url.host()}{port}")
        if self._is_training:
            remark = m("training: a stand-in for Stripe on this machine")
        else:
            remark = m("encrypted") if is_encrypted else NOTHING
        self._remark.setText(str(m("pop-up window · {remark}", remark=remark) if is_popup else remark))
        self.close_popup.setVisible(is_popup)
        self.setAccessibleName(str(m("This page is at {host}", host=self._host.text())))


class WaitingPage(QWidget):
    """What is shown until a page begins to answer."""

    def __init__(self) -> None:
        """Make it."""
        super().__init__()
        self.setObjectName("checkout_waiting")
        layout = QVBoxLayout(self)
        layout.addWidget(label(m("Loading the payment page …"), Text.TITLE), 0, Qt.AlignmentFlag.AlignCenter)


class TroublePage(QWidget):
    """Why there is no page, and a button to load it again."""

    def __init__(self) -> None:
        """Make it."""
        super().__init__()
        self.setObjectName("checkout_trouble")
        picture = Picture("plug", Colour.CAUTION, side=40)
        self._what = label(NOTHING, Text.TITLE, name="checkout_trouble_what", wraps=True)
        self._advice = label(NOTHING, name="checkout_trouble_advice", wraps=True)
        self.again = PrimaryButton(m("Load again"), "refresh", name="checkout_load_again")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(48, 24, 48, 24)
        layout.setSpacing(12)
        layout.addStretch(1)
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for words in (self._what, self._advice):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            words.setMinimumWidth(440)
            # Message that wrap get their whole height only without an alignment of their own in the layout.
            layout.addWidget(words)
        layout.addWidget(self.again, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)

    def say(self, what: Message, advice: Message) -> None:
        """Show ``what`` happened and what to do, and tell a screen reader."""
        self._what.setText(str(what))
        self._advice.setText(str(advice))
        self.setAccessibleName(str(sentences(what, advice)))
        announce(self)
