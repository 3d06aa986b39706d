"""``python -m cashier.desk.shell.probe_web_engine``: load a tiny page in the web view, for ``cashier doctor``.

Prints the versions as JSON and ends with 0 when the page was loaded and ran a script, with 1 otherwise.
"""

from __future__ import annotations

import json
import sys

import shiboken6
from PySide6.QtCore import QTimer, QUrl, qVersion
from PySide6.QtWebEngineCore import QWebEnginePage, QWebEngineProfile, qWebEngineChromiumVersion
from PySide6.QtWidgets import QApplication

_LIMIT_MILLISECONDS = 25_000
_PAGE = "<!DOCTYPE html><title>probe</title><p id='probe'>ready</p>"


def probe() -> int:
    """Load the page; return the exit status."""
    app = QApplication([sys.argv[0]])
    profile = QWebEngineProfile()
    page = QWebEnginePage(profile)

    def show_result(text: object) -> None:
        if text == "ready":
            sys.stdout.write(json.dumps({"qt": qVersion(), "chromium": qWebEngineChromiumVersion()}) + "\n")
        app.exit(0 if text == "ready" else 1)

    def read_page(loaded: bool) -> None:
        if loaded:
            page.runJavaScript("document.getElementById('probe').textContent", 0, show_result)
        else:
            app.exit(1)

    page.loadFinished.connect(read_page)
    page.renderProcessTerminated.connect(lambda *_: app.exit(1))
    QTimer.singleShot(_LIMIT_MILLISECONDS, lambda: app.exit(1))
    page.setHtml(_PAGE, QUrl("about:blank"))
    status = app.exec()
    # A page has to go before its profile: https://doc.qt.io/qt-6/qwebengineprofile.html#dtor.QWebEngineProfile
    shiboken6.delete(page)
    return status


if __name__ == "__main__":
    sys.exit(probe())
