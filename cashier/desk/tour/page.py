"""Acting on a page in the web view as a person does: with keys and clicks, after looking where things are.

Scripts only look, focus and scroll; whatever changes the page is a real input event.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWebEngineCore import QWebEngineScript
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QWidget

from cashier.desk.tour.script import Script, ScriptFailed, Wait

# The page's own scripts see nothing of this world.
_WORLD = QWebEngineScript.ScriptWorldId.ApplicationWorld.value
_ASK_AGAIN_SECONDS = 0.5

# After two frames the browser has laid out what the focus moved; a key sent earlier is lost now and then.
_FOCUS = """(() => {
  const element = document.querySelector(%s);
  if (!element || document.readyState === 'loading' || element.disabled || !element.getClientRects().length) return 0;
  if (window.readyElement !== element) {
    window.readyElement = element; window.frames_passed = 0;
    element.scrollIntoView({block: 'center', behavior: 'instant'});
    if (%s) element.focus({preventScroll: true});
    const count = () => { window.frames_passed += 1; if (window.frames_passed < 2) requestAnimationFrame(count); };
    requestAnimationFrame(count);
  }
  return window.frames_passed >= 2 && document.hasFocus() && (!%s || document.activeElement === element) ? 1 : 0;
})()"""
_PLACE = """(() => { const box = document.querySelector(%s).getBoundingClientRect();
  window.readyElement = null; return `${box.x + box.width / 2} ${box.y + box.height / 2}`; })()"""


class Page:
    """The page that ``find_view`` returns at the moment: it changes when a pop-up opens."""

    def __init__(self, find_view: Callable[[], QWebEngineView]) -> None:
        """Act on the view that ``find_view`` returns."""
        self._find_view = find_view

    def type_into(self, selector: str, text: str) -> Script:
        """Type ``text`` into the field at ``selector``, key by key."""
        yield self._ready(selector, wants_focus=True)
        QTest.keyClicks(self._target(), text)
        wanted = "".join(character for character in text if character.isalnum())
        script = f"document.querySelector({json.dumps(selector)}).value.replace(/[^a-zA-Z0-9]/g, '')"
        yield Wait(f"“{selector}” to hold what was typed", self.holds(f"{script} === {json.dumps(wanted)}"))

    def empty(self, selector: str) -> Script:
        """Delete what is in the field at ``selector``."""
        yield self._ready(selector, wants_focus=True)
        QTest.keyClick(self._target(), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(self._target(), Qt.Key.Key_Delete)
        yield Wait(f"“{selector}” to be empty", self.holds(f"!document.querySelector({json.dumps(selector)}).value"))

    def click(self, selector: str) -> Script:
        """Click in the middle of what is at ``selector``."""
        yield self._ready(selector, wants_focus=False)
        places: list[str] = []
        view = self._find_view()
        view.page().runJavaScript(_PLACE % json.dumps(selector), _WORLD, places.append)
        yield Wait(f"the place of “{selector}”", lambda: bool(places))
        x, y = (round(float(value) * view.zoomFactor()) for value in places[0].split())
        QTest.mouseClick(self._target(), Qt.MouseButton.LeftButton, pos=QPoint(x, y))

    def shows(self, selector: str) -> Wait:
        """Wait until something at ``selector`` can be seen."""
        quoted = json.dumps(selector)
        return Wait(
            f"“{selector}” on the page",
            self.holds(
                f"(document.querySelector({quoted}) || document.createElement('p')).getClientRects().length > 0"
            ),
        )

    def holds(self, script: str) -> Callable[[], bool]:
        """Return a condition that is met once ``script`` is true on the page."""
        return _Condition(self._find_view, script)

    def _ready(self, selector: str, *, wants_focus: bool) -> Wait:
        focus = json.dumps(wants_focus)
        self._find_view().setFocus()
        return Wait(f"“{selector}” to be ready", self.holds(_FOCUS % (json.dumps(selector), focus, focus)))

    def _target(self) -> QWidget:
        target = self._find_view().focusProxy()
        if target is None:
            raise ScriptFailed("the page has no place for input yet")
        return target


class _Condition:
    """Asks the page again and again; an answer that got lost in a change of pages is asked for anew."""

    def __init__(self, find_view: Callable[[], QWebEngineView], script: str) -> None:
        self._find_view = find_view
        self._script = script
        self._is_met = False
        self._asked_at: float | None = None

    def __call__(self) -> bool:
        now = time.monotonic()
        if not self._is_met and (self._asked_at is None or now - self._asked_at > _ASK_AGAIN_SECONDS):
            self._asked_at = now
            self._find_view().page().runJavaScript(self._script, _WORLD, self._take)
        return self._is_met

    def _take(self, answer: object) -> None:
        self._is_met = self._is_met or answer is True or answer == 1
        self._asked_at = None
