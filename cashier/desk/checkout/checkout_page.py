"""One page in the web view: asks the rules before it goes anywhere, and says no to everything else."""

from __future__ import annotations

import ctypes
from urllib.parse import urlsplit

import shiboken6
from PySide6.QtCore import QCoreApplication, QObject, QUrl, Signal
from PySide6.QtNetwork import QAuthenticator
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineClientCertificateSelection,
    QWebEngineDesktopMediaRequest,
    QWebEngineFileSystemAccessRequest,
    QWebEngineFullScreenRequest,
    QWebEngineNewWindowRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineRegisterProtocolHandlerRequest,
    QWebEngineWebAuthUxRequest,
)

from cashier.desk.checkout.page_rules import Arrival, PageRules, Verdict
from cashier.desk.checkout.refusals import Refusals, Wish
from cashier.language import m

_SAID_MAX = 200
_Navigation = QWebEnginePage.NavigationType
_Console = QWebEnginePage.JavaScriptConsoleMessageLevel
_Window = QWebEngineNewWindowRequest.DestinationType


class CheckoutPage(QWebEnginePage):
    """A page under the rules. ``opener_url`` is where a pop-up comes from; ``is_for_reading`` is a page beside it."""

    payment_finished = Signal()
    """Stripe led to the address for a paid payment; what is true is in the database."""
    patient_went_back = Signal()
    certificate_refused = Signal(str)
    """The host whose certificate is not valid."""
    popup_wanted = Signal(QWebEngineNewWindowRequest)
    """Given to a page before the signal returns, or not opened."""
    reading_wanted = Signal(QUrl)
    led_somewhere = Signal()
    """A pop-up goes to its first page: now there is something to show."""
    led_nowhere = Signal()
    """The first page of a pop-up was refused: there will be nothing to show."""

    def __init__(
        self,
        profile: QWebEngineProfile,
        rules: PageRules,
        refusals: Refusals,
        parent: QObject | None,
        *,
        opener_url: QUrl | None = None,
        is_for_reading: bool = False,
    ) -> None:
        """Make an empty page."""
        super().__init__(profile, parent)
        self._rules = rules
        self._refusals = refusals
        self._accepted = opener_url or QUrl()
        self._is_popup = opener_url is not None
        self._is_for_reading = is_for_reading
        self._is_anywhere = not self._is_popup
        self.newWindowRequested.connect(self._judge_window)
        self.certificateError.connect(self._refuse_certificate)
        self.permissionRequested.connect(self._refuse_permission)
        self.fullScreenRequested.connect(self._refuse_full_screen)
        self.authenticationRequired.connect(self._give_no_password)
        self.proxyAuthenticationRequired.connect(self._give_proxy_nothing)
        self.webAuthUxRequested.connect(self._refuse_passkey)
        self.printRequested.connect(self._refuse_printing)
        self.selectClientCertificate.connect(_give_no_certificate)
        self.registerProtocolHandlerRequested.connect(_refuse_protocol)
        self.fileSystemAccessRequested.connect(_refuse_files)
        self.desktopMediaRequested.connect(_refuse_screen)

    @property
    def shown_url(self) -> QUrl:
        """The address that the page is at, or the opener's as long as a pop-up is at none."""
        blank = self.url().isEmpty() or self.url().scheme() == "about"
        return self._accepted if blank and self._is_popup else self.url()

    def acceptNavigationRequest(self, url: QUrl | str, kind: _Navigation, is_main_frame: bool) -> bool:
        """Ask the rules; the return addresses are recognised here and never requested."""
        url = QUrl(url)
        if not is_main_frame:
            allowed = self._rules.allows_frame(url)
            if not allowed:
                self._tell_refused(url)
            return allowed
        # A redirect goes on from what was accepted last, everything else from the page that is there. Where a pop-up
        # goes first was judged when it was wanted, unless it was to be empty; Qt calls each first page a link.
        before = self._accepted if kind is _Navigation.NavigationTypeRedirect else self.shown_url
        judge = self._rules.judge_reading if self._is_for_reading else self._rules.judge
        verdict = judge(url, before=before, arrival=_arrival(kind) if self._is_anywhere else Arrival.LED)
        if verdict is Verdict.OPEN:
            self._accepted = url
            if not self._is_anywhere and url.scheme() != "about":
                self._is_anywhere = True
                self.led_somewhere.emit()
            return True
        self._follow(verdict, url)
        if not self._is_anywhere:
            self.led_nowhere.emit()
        return False

    def chooseFiles(self, *_: object) -> list[str]:
        """Give a page no file."""
        self._refusals.note(Wish.FILE, m("This page asked for a file. It got none."), host=self._host)
        return []

    def javaScriptAlert(self, origin: QUrl | str, text: str) -> None:
        """Show a page's message beside it; a modal dialog would stop the desk."""
        host, said = QUrl(origin).host(), _one_line(text)
        self._refusals.note(Wish.TALK, m("{host} says: {text}", host=host, text=said), host=host)

    def javaScriptConfirm(self, origin: QUrl | str, text: str) -> bool:
        """Answer a page's question with no, and say so; but no page asks whether it may be left."""
        if text == QCoreApplication.translate("QWebEnginePage", _LEAVING):
            return True
        host, said = QUrl(origin).host(), _one_line(text)
        words = m("{host} asked: {text} It was answered with “No”.", host=host, text=said)
        self._refusals.note(Wish.ANSWER, words, host=host)
        return False

    def javaScriptPrompt(self, origin: QUrl | str, text: str, _default: str) -> tuple[bool, str]:
        """Answer a page's question with nothing, and say so."""
        host, said = QUrl(origin).host(), _one_line(text)
        words = m("{host} asked: {text} It got no answer.", host=host, text=said)
        self._refusals.note(Wish.ANSWER, words, host=host)
        return False, ""

    def javaScriptConsoleMessage(self, _level: _Console, _text: str, _line: int, _source: str) -> None:
        """Keep what pages write to their console out of our output: nobody knows what is in it."""
        self._refusals.note_written()

    @property
    def _host(self) -> str:
        return self.shown_url.host()

    def _judge_window(self, request: QWebEngineNewWindowRequest) -> None:
        """Decide about a new window before there is one; what is not taken up here is not opened."""
        url = request.requestedUrl()
        arrival = Arrival.LED if request.destination() is _Window.InNewDialog else Arrival.TAB
        judge = self._rules.judge_reading if self._is_for_reading else self._rules.judge
        verdict = judge(url, before=self.shown_url, arrival=arrival)
        if verdict is Verdict.READ and not request.isUserInitiated():
            # Nobody clicked: what a page would like to be read is not put before the payment.
            self._tell_refused(url)
        elif verdict is not Verdict.OPEN:
            self._follow(verdict, url)
        elif self._is_for_reading:
            self.reading_wanted.emit(url)
        else:
            self.popup_wanted.emit(request)

    def _follow(self, verdict: Verdict, url: QUrl) -> None:
        match verdict:
            case Verdict.RETURN_AFTER_PAYING:
                self.payment_finished.emit()
            case Verdict.RETURN_UNPAID:
                self.patient_went_back.emit()
            case Verdict.READ:
                self._refusals.count()
                self.reading_wanted.emit(url)
            case _:
                self._tell_refused(url)

    def _tell_refused(self, url: QUrl) -> None:
        if url.host():
            told = m("“{host}” was not opened: only Stripe and the patient's bank are shown here.", host=url.host())
        else:
            told = m(
                "A “{scheme}:” address was not opened: only Stripe and the patient's bank are shown here.",
                scheme=url.scheme(),
            )
        self._refusals.note(Wish.PAGE, told, scheme=url.scheme(), host=url.host())

    def _refuse_certificate(self, error: QWebEngineCertificateError) -> None:
        error.rejectCertificate()
        self._refusals.note(Wish.CERTIFICATE, None, host=error.url().host(), reason=error.description())
        self.certificate_refused.emit(error.url().host())

    def _refuse_permission(self, permission: QWebEnginePermission) -> None:
        permission.deny()
        name = permission.permissionType().name
        self._refusals.note(Wish.PERMISSION, None, permission=name, host=permission.origin().host())

    def _refuse_full_screen(self, request: QWebEngineFullScreenRequest) -> None:
        request.reject()
        self._refusals.note(Wish.FULL_SCREEN, None, host=request.origin().host())

    def _give_no_password(self, url: QUrl, authenticator: QAuthenticator) -> None:
        """Refuse the question of a site, which is then shown with what it says to strangers."""
        _refuse_question(authenticator)
        words = m("{host} asked for a name and a password. It got none.", host=url.host())
        self._refusals.note(Wish.SIGNING_IN, words, host=url.host())

    def _give_proxy_nothing(self, _url: QUrl, authenticator: QAuthenticator, proxy: str) -> None:
        _refuse_question(authenticator)
        host = urlsplit(f"//{proxy}").hostname or proxy
        words = m("The proxy {host} asks for a name and a password, and a desk has none for it. Tell IT.", host=host)
        self._refusals.note(Wish.PROXY, words, host=host)

    def _refuse_passkey(self, request: QWebEngineWebAuthUxRequest) -> None:
        request.cancel()
        host = request.relyingPartyId()
        words = m("{host} asked for a passkey. There are none at a desk: choose another way there.", host=host)
        self._refusals.note(Wish.PASSKEY, words, host=host)

    def _refuse_printing(self) -> None:
        words = m("This page wanted to print. It was not allowed to.")
        self._refusals.note(Wish.PRINTING, words, host=self._host)


_LEAVING = "Are you sure you want to leave this page? Changes that you made may not be saved."
"""What Qt asks in the name of a page that would not be left. It calls it a question of the page's own."""


def _one_line(text: str) -> str:
    """Return what a page says in one short line, without what would turn or hide the words around it."""
    printable = "".join(each if each.isprintable() else " " for each in text[: _SAID_MAX * 2])
    return " ".join(printable.split())[:_SAID_MAX]


def _arrival(type_: _Navigation) -> Arrival:
    match type_:
        case _Navigation.NavigationTypeTyped:
            return Arrival.OURS
        case _Navigation.NavigationTypeLinkClicked:
            return Arrival.LINK
        case _:
            return Arrival.LED


def _refuse_question(authenticator: QAuthenticator) -> None:
    """Make ``authenticator`` null, which is how Qt is told no.

    Left as it is, it is an answer without a name, which the site refuses and asks again, 32 times. In C++ a null one
    is assigned to it, and Python has no assignment; it is one pointer in size, so that pointer is taken away.
    https://doc.qt.io/qt-6/qtwebengine-webenginewidgets-simplebrowser-example.html
    """
    (address,) = shiboken6.getCppPointer(authenticator)
    ctypes.c_void_p.from_address(address).value = None


def _give_no_certificate(selection: QWebEngineClientCertificateSelection) -> None:
    selection.selectNone()


def _refuse_protocol(request: QWebEngineRegisterProtocolHandlerRequest) -> None:
    request.reject()


def _refuse_files(request: QWebEngineFileSystemAccessRequest) -> None:
    request.reject()


def _refuse_screen(request: QWebEngineDesktopMediaRequest) -> None:
    request.cancel()
