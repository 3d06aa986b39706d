"""One page in the web view: asks the rules before it goes anywhere, and says no to everything else."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtWebEngineCore import (
    QWebEngineCertificateError,
    QWebEngineClientCertificateSelection,
    QWebEngineDesktopMediaRequest,
    QWebEngineFileSystemAccessRequest,
    QWebEngineFullScreenRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineRegisterProtocolHandlerRequest,
)

from cashier.desk.checkout.page_rules import Arrival, PageRules, Verdict
from cashier.language import m

log = logging.getLogger(__name__)

_POPUPS_MAX = 2
_Navigation = QWebEnginePage.NavigationType
_Console = QWebEnginePage.JavaScriptConsoleMessageLevel


class CheckoutPage(QWebEnginePage):
    """A page under the rules. ``opener_url`` is where a pop-up comes from."""

    payment_finished = Signal()
    """Stripe led to the address for a paid payment; what is true is in the database."""
    patient_went_back = Signal()
    something_refused = Signal(object)
    """A ``Message``: a sentence for the person at the desk about what was not opened or not allowed."""
    certificate_refused = Signal(str)
    """The host whose certificate is not valid."""
    popup_opened = Signal(object)

    def __init__(
        self, profile: QWebEngineProfile, rules: PageRules, parent: QObject | None, *, opener_url: QUrl | None = None
    ) -> None:
        """Make an empty page."""
        super().__init__(profile, parent)
        self._rules = rules
        self._accepted = opener_url or QUrl()
        self._popups = 0
        self._is_popup = opener_url is not None
        self.certificateError.connect(self._refuse_certificate)
        self.permissionRequested.connect(self._refuse_permission)
        self.fullScreenRequested.connect(_refuse_full_screen)
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
        # A redirect goes on from what was accepted last, everything else from the page that is there.
        before = self._accepted if kind is _Navigation.NavigationTypeRedirect else self.shown_url
        verdict = self._rules.judge(url, before=before, arrival=_arrival(kind))
        if verdict is Verdict.OPEN:
            self._accepted = url
            return True
        if verdict is Verdict.RETURN_AFTER_PAYING:
            self.payment_finished.emit()
        elif verdict is Verdict.RETURN_UNPAID:
            self.patient_went_back.emit()
        else:
            self._tell_refused(url)
        return False

    def createWindow(self, _kind: QWebEnginePage.WebWindowType) -> QWebEnginePage:
        """Give a pop-up (banks open their challenge in one) a page under the same rules."""
        if self._popups >= _POPUPS_MAX:
            self.something_refused.emit(m("Another pop-up window was not opened."))
            return None  # type: ignore[return-value]  # Qt takes it as "no", the stubs do not say so
        self._popups += 1
        popup = CheckoutPage(self.profile(), self._rules, self.parent(), opener_url=self.shown_url)
        popup.destroyed.connect(self._forget_popup)
        self.popup_opened.emit(popup)
        return popup

    def chooseFiles(self, *_: object) -> list[str]:
        """Give a page no file."""
        self.something_refused.emit(m("This page asked for a file. It got none."))
        return []

    def javaScriptAlert(self, origin: QUrl | str, text: str) -> None:
        """Show a page's message beside it; a modal dialog would stop the desk."""
        self.something_refused.emit(m("{host} says: {text}", host=QUrl(origin).host(), text=text[:200]))

    def javaScriptConfirm(self, origin: QUrl | str, text: str) -> bool:
        """Answer a page's question with no, and say so."""
        host, said = QUrl(origin).host(), text[:200]
        self.something_refused.emit(m("{host} asked: {text} It was answered with “No”.", host=host, text=said))
        return False

    def javaScriptPrompt(self, origin: QUrl | str, text: str, _default: str) -> tuple[bool, str]:
        """Answer a page's question with nothing, and say so."""
        host, said = QUrl(origin).host(), text[:200]
        self.something_refused.emit(m("{host} asked: {text} It got no answer.", host=host, text=said))
        return False, ""

    def javaScriptConsoleMessage(self, _level: _Console, _text: str, _line: int, _source: str) -> None:
        """Keep what pages write to their console out of our output: nobody knows what is in it."""

    def _forget_popup(self) -> None:
        self._popups -= 1

    def _tell_refused(self, url: QUrl) -> None:
        log.info("page refused", extra={"scheme": url.scheme(), "host": url.host()})
        if url.host():
            told = m("“{host}” was not opened: only Stripe and the patient's bank are shown here.", host=url.host())
        else:
            told = m(
                "A “{scheme}:” address was not opened: only Stripe and the patient's bank are shown here.",
                scheme=url.scheme(),
            )
        self.something_refused.emit(told)

    def _refuse_certificate(self, error: QWebEngineCertificateError) -> None:
        log.warning("certificate refused", extra={"host": error.url().host(), "reason": error.description()})
        error.rejectCertificate()
        self.certificate_refused.emit(error.url().host())

    def _refuse_permission(self, permission: QWebEnginePermission) -> None:
        permission.deny()
        name = permission.permissionType().name
        log.info("permission refused", extra={"permission": name, "host": permission.origin().host()})


def _arrival(type_: _Navigation) -> Arrival:
    match type_:
        case _Navigation.NavigationTypeTyped:
            return Arrival.OURS
        case _Navigation.NavigationTypeLinkClicked:
            return Arrival.LINK
        case _:
            return Arrival.LED


def _refuse_full_screen(request: QWebEngineFullScreenRequest) -> None:
    request.reject()


def _give_no_certificate(selection: QWebEngineClientCertificateSelection) -> None:
    selection.selectNone()


def _refuse_protocol(request: QWebEngineRegisterProtocolHandlerRequest) -> None:
    request.reject()


def _refuse_files(request: QWebEngineFileSystemAccessRequest) -> None:
    request.reject()


def _refuse_screen(request: QWebEngineDesktopMediaRequest) -> None:
    request.cancel()
