"""The browser behind Stripe's page: off the record, closed to everything that a payment does not need.

Every payment gets a profile of its own, so nothing of one patient is there for the next.
"""

from __future__ import annotations

import logging
import os

from PySide6.QtCore import QObject
from PySide6.QtWebEngineCore import (
    QWebEngineProfile,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
)

from cashier.desk.checkout.page_rules import PageRules

log = logging.getLogger(__name__)

_FLAGS = "QTWEBENGINE_CHROMIUM_FLAGS"
_Switch = QWebEngineSettings.WebAttribute

_SWITCHED_ON = (_Switch.JavascriptEnabled, _Switch.JavascriptCanOpenWindows, _Switch.LocalStorageEnabled)
_SWITCHED_OFF = (
    _Switch.AllowGeolocationOnInsecureOrigins,
    _Switch.AllowRunningInsecureContent,
    _Switch.AllowWindowActivationFromJavaScript,
    _Switch.BackForwardCacheEnabled,
    _Switch.DnsPrefetchEnabled,
    _Switch.ErrorPageEnabled,
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

    No debugging port, no WebRTC past the request interceptor, and in training no host but the sandbox's.
    https://doc.qt.io/qt-6/qtwebengine-debugging.html
    """
    os.environ.pop("QTWEBENGINE_REMOTE_DEBUGGING", None)
    flags = [flag for flag in os.environ.get(_FLAGS, "").split() if not flag.startswith("--remote-debugging")]
    if any(flag.startswith("--force-webrtc-ip-handling-policy") for flag in flags):
        return
    flags.append("--force-webrtc-ip-handling-policy=disable_non_proxied_udp")
    if rules.sandbox is not None:
        flags.append(f'"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {rules.sandbox.host()}"')
    os.environ[_FLAGS] = " ".join(flags)


class PaymentProfile(QWebEngineProfile):
    """The browser's settings and memory for one payment. Its pages have to be deleted before it."""

    def __init__(self, rules: PageRules, parent: QObject | None) -> None:
        """Make it, off the record."""
        close_engine(rules)
        super().__init__(parent)
        self.setHttpCacheType(QWebEngineProfile.HttpCacheType.MemoryHttpCache)
        self.setPersistentCookiesPolicy(QWebEngineProfile.PersistentCookiesPolicy.NoPersistentCookies)
        self.setPersistentPermissionsPolicy(QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime)
        self.setSpellCheckEnabled(False)
        self.setPushServiceEnabled(False)
        # Kept here, too: Qt does not hold the Python side of it, and without that nothing is intercepted.
        self._wall = _Wall(rules, self)
        self.setUrlRequestInterceptor(self._wall)
        for switch in _SWITCHED_ON:
            self.settings().setAttribute(switch, True)
        for switch in _SWITCHED_OFF:
            self.settings().setAttribute(switch, False)


class _Wall(QWebEngineUrlRequestInterceptor):
    """Blocks whatever the rules for pages and frames should already have stopped, and all other requests."""

    def __init__(self, rules: PageRules, parent: QObject) -> None:
        super().__init__(parent)
        self._rules = rules

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Block a request that leads elsewhere."""
        url = info.requestUrl()
        if not self._rules.allows_request(url):
            info.block(True)
            log.info("web request blocked", extra={"scheme": url.scheme(), "host": url.host()})
