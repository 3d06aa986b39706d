"""The browser behind Stripe's page: off the record, closed to everything that a payment does not need.

Every payment gets a profile of its own, so nothing of one patient is there for the next.
"""

from __future__ import annotations

import os

from PySide6.QtCore import QObject
from PySide6.QtWebEngineCore import (
    QWebEngineProfile,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)

from cashier.desk.checkout.page_rules import Need, PageRules
from cashier.desk.checkout.refusals import Refusals

_FLAGS = "QTWEBENGINE_CHROMIUM_FLAGS"
_Switch = QWebEngineSettings.WebAttribute
_Kind = QWebEngineUrlRequestInfo.ResourceType
_WITHOUT = (
    # No WebRTC past the request interceptor.
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    # A desk has no passkeys, and a page that asks for one would wait for a touch that never comes. Pages that are
    # told of none offer another way: https://www.w3.org/TR/webauthn-3/#sctn-feature-detection
    "--disable-blink-features=WebAuth",
)
_NEEDS = {
    _Kind.ResourceTypeMainFrame: Need.PAGE,
    _Kind.ResourceTypeNavigationPreloadMainFrame: Need.PAGE,
    _Kind.ResourceTypeSubFrame: Need.FRAME,
    _Kind.ResourceTypeNavigationPreloadSubFrame: Need.FRAME,
}
"""What is fetched for something else is a part of a page."""

_SWITCHED_ON = (_Switch.JavascriptEnabled, _Switch.JavascriptCanOpenWindows, _Switch.LocalStorageEnabled)
_SWITCHED_OFF = (
    _Switch.AllowGeolocationOnInsecureOrigins,
    _Switch.AllowRunningInsecureContent,
    _Switch.AllowWindowActivationFromJavaScript,
    _Switch.AutoLoadIconsForPage,
    _Switch.BackForwardCacheEnabled,
    _Switch.DnsPrefetchEnabled,
    _Switch.ErrorPageEnabled,
    _Switch.FocusOnNavigationEnabled,
    _Switch.FullScreenSupportEnabled,
    _Switch.HyperlinkAuditingEnabled,
    _Switch.JavascriptCanAccessClipboard,
    _Switch.JavascriptCanPaste,
    _Switch.LocalContentCanAccessFileUrls,
    _Switch.LocalContentCanAccessRemoteUrls,
    _Switch.NavigateOnDropEnabled,
    _Switch.PdfViewerEnabled,
    _Switch.PluginsEnabled,
    _Switch.PrintElementBackgrounds,
    _Switch.ScreenCaptureEnabled,
    _Switch.TouchIconsEnabled,
    _Switch.WebGLEnabled,
)


def close_engine(rules: PageRules) -> None:
    """Close the web engine's own ways out. Works only before its first profile; safe to repeat.

    No debugging port, no WebRTC past the request interceptor, no passkeys, and in training no host but the sandbox's.
    https://doc.qt.io/qt-6/qtwebengine-debugging.html

    Pages are drawn without OpenGL, unless the machine's environment says otherwise: the first one in a window that is
    shown would have Qt hide that window, make it anew and show it again, and where OpenGL is broken, all of it stays
    black. https://doc.qt.io/qt-6/qtquick-visualcanvas-adaptations.html
    """
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    os.environ.pop("QTWEBENGINE_REMOTE_DEBUGGING", None)
    flags = [flag for flag in os.environ.get(_FLAGS, "").split() if not flag.startswith("--remote-debugging")]
    if _WITHOUT[0] in flags:
        return
    flags.extend(_WITHOUT)
    if rules.sandbox is not None:
        flags.append(f'"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {rules.sandbox.host()}"')
    os.environ[_FLAGS] = " ".join(flags)


class PaymentProfile(QWebEngineProfile):
    """The browser's settings and memory for one payment. Its pages have to be deleted before it."""

    def __init__(self, rules: PageRules, refusals: Refusals, parent: QObject | None) -> None:
        """Make it, off the record; what its wall keeps out is noted in ``refusals``."""
        close_engine(rules)
        super().__init__(parent)
        self.setHttpCacheType(QWebEngineProfile.HttpCacheType.MemoryHttpCache)
        self.setPersistentCookiesPolicy(QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies)
        self.setPersistentPermissionsPolicy(QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime)
        self.setSpellCheckEnabled(False)
        self.setPushServiceEnabled(False)
        # Kept here, too: Qt does not hold the Python side of it, and without that nothing is intercepted.
        self._wall = _Wall(rules, refusals, self)
        self.setUrlRequestInterceptor(self._wall)
        for switch in _SWITCHED_ON:
            self.settings().setAttribute(switch, True)
        for switch in _SWITCHED_OFF:
            self.settings().setAttribute(switch, False)
        # No other program is started for an address, whoever clicks.
        self.settings().setUnknownUrlSchemePolicy(QWebEngineSettings.UnknownUrlSchemePolicy.DisallowUnknownUrlSchemes)


class _Wall(QWebEngineUrlRequestInterceptor):
    """Blocks whatever the rules for pages and frames should already have stopped, and all other requests."""

    def __init__(self, rules: PageRules, refusals: Refusals, parent: QObject) -> None:
        super().__init__(parent)
        self._rules = rules
        self._refusals = refusals

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Block a request that leads elsewhere."""
        url = info.requestUrl()
        need = _NEEDS.get(info.resourceType(), Need.PART)
        if not self._rules.allows_request(url, need=need, asked_by=info.initiator()):
            info.block(True)
            self._refusals.note_request(scheme=url.scheme(), host=url.host())
