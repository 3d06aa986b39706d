"""What the desk's tests share: a screen that nobody sees, and a web engine that works in containers."""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication, Qt

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if hasattr(os, "geteuid") and os.geteuid() == 0:
    # Chromium's own sandbox does not work as root; only containers run tests so.
    os.environ.setdefault("QTWEBENGINE_CHROMIUM_FLAGS", "--no-sandbox --disable-gpu")
# Before the application is made, so that the web engine may come later:
# https://doc.qt.io/qt-6/qtwebenginewidgets-module.html
QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
