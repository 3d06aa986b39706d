"""Where a tour acts: finding what is on the screen, using it by keys and clicks, and taking pictures."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.paying.payment_dialog import PaymentDialog
from cashier.desk.paying.payment_faces import Face
from cashier.desk.shell.main_window import MainWindow
from cashier.desk.till.desk_page import DeskPage
from cashier.desk.tour.fit import cut_words
from cashier.desk.tour.page import Page
from cashier.desk.tour.script import Answering, Script, ScriptFailed, Wait
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceDetail
from cashier.language import Message
from cashier.payments.views import PaymentView

W = TypeVar("W", bound=QWidget)
T = TypeVar("T")

_BEFORE_ENTER_SECONDS = 0.1
_NO_MODIFIER = Qt.KeyboardModifier.NoModifier
_THREE_FRAMES = """(() => {
  if (window.pictureFrames === undefined) {
    window.pictureFrames = 0;
    const count = () => { window.pictureFrames += 1; if (window.pictureFrames < 3) requestAnimationFrame(count); };
    requestAnimationFrame(count);
  }
  const done = window.pictureFrames >= 3;
  if (done) window.pictureFrames = undefined;
  return done ? 1 : 0;
})()"""


class Stage:
    """The window, the services behind it, and the folder for pictures and receipts."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        """Act on ``window``; leave what is made in ``folder``."""
        self.window = window
        self.folder = folder
        self.page = Page(self._checkout_page)
        self.paid: list[PaymentView] = []
        """The payments that were made."""
        self.payments: list[dict[str, Any]] = []
        """What the summary says of them."""
        self.cut: list[dict[str, Any]] = []
        """The words that had too little room, by picture."""
        self._pictures = 0
        self._looked_at = QImage()

    @property
    def desk_page(self) -> DeskPage:
        """The page of who is signed in."""
        if self.window.desk_page is None:
            raise ScriptFailed("nobody is signed in")
        return self.window.desk_page

    @property
    def context(self) -> DeskContext:
        """The services, and who is signed in."""
        return self.desk_page.context

    @property
    def payment_dialog(self) -> PaymentDialog:
        """The payment dialog on the screen."""
        for dialog in self.window.findChildren(PaymentDialog):
            if dialog.isVisible():
                return dialog
        raise ScriptFailed("there is no payment dialog")

    @property
    def shown_invoice(self) -> InvoiceDetail | None:
        """The invoice in the detail pane; None while another one is being fetched."""
        return self.desk_page.detail.detail

    @property
    def shown_number(self) -> str:
        """The number of that invoice; empty while there is none."""
        return "" if self.shown_invoice is None else self.shown_invoice.row.number

    def rows(self) -> list[dict[str, str]]:
        """Return patient and number of the list's first bills, folded in or not; none while a search is under way."""
        model = self.desk_page.list.model
        if not model.is_current or model.query.text != self.desk_page.list.search.text():
            return []
        first = [model.row_at(place) for place in range(min(model.rowCount(), 20))]
        found: list[dict[str, str]] = []
        for row in first:
            if row is not None and not row.is_below:
                # Of bills that are read when they are unfolded, only how many there are is known.
                numbers = [bill.number for bill in model.bills_below(row)]
                numbers += [""] * (row.patient.count - len(numbers))
                found += [{"patient": str(row.bill.patient.called), "number": number} for number in numbers]
        return found

    def find(self, kind: type[W], name: str) -> W:
        """Return the widget called ``name`` that can be seen."""
        for each in self.window.findChildren(kind, name):
            if each.isVisible():
                return each
        raise ScriptFailed(f"there is no “{name}” on the screen")

    def text(self, name: str) -> str:
        """Return what a label says; nothing where it cannot be seen."""
        return next((each.text() for each in self.window.findChildren(QLabel, name) if each.isVisible()), "")

    def sees(self, name: str) -> bool:
        """Tell whether something called ``name`` can be seen."""
        return any(each.isVisible() for each in self.window.findChildren(QWidget, name))

    def has_ink(self, name: str) -> bool:
        """Tell whether ``name`` is painted to its end: a document comes after its paper, and sharpens."""
        if not self.sees(name):
            return False
        before, self._looked_at = self._looked_at, self.find(QWidget, name).grab().toImage()
        image = self._looked_at
        places = ((x, y) for y in range(20, image.height() - 20, 3) for x in range(20, image.width() - 40, 3))
        return image == before and any(image.pixelColor(x, y).lightness() < 100 for x, y in places)

    def type(self, name: str, text: str) -> None:
        """Type into the field called ``name``, in place of what is selected there."""
        field = self.find(QLineEdit, name)
        field.setFocus()
        QTest.keyClicks(field, text)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NO_MODIFIER) -> None:
        """Press a key wherever the keyboard is."""
        owner = next((each.window() for each in reversed(self._dialogs())), self.window)
        if not owner.isActiveWindow():
            # Without a window manager nobody gives a window the keyboard, and shortcuts want it.
            QApplication.setActiveWindow(owner)
        focused: QWidget | None = owner.focusWidget()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            # Right after text that was typed at once it would be the end of a scan.
            time.sleep(_BEFORE_ENTER_SECONDS)
        QTest.keyClick(focused if focused is not None else owner, key, modifiers)

    def click(self, name: str, *, at: QPoint | None = None) -> None:
        """Click on what is called ``name``: in its middle, or ``at`` a place."""
        target = self.find(QWidget, name)
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=at or target.rect().center())

    def show_all_invoices(self) -> None:
        """Choose the last filter of the list, as a chip or, where these have no room, among what drops down."""
        chip = self.window.findChild(QWidget, "filter_all")
        if chip is not None and chip.isVisible():
            self.click("filter_all")
        else:
            QTest.keyClick(self.find(QWidget, "filter_list"), Qt.Key.Key_End)

    def wait_for_text(self, name: str, part: Message) -> Wait:
        """Wait until the label called ``name`` says ``part``."""
        return Wait(f"“{name}” to say “{part}”", lambda: str(part) in self.text(name))

    def wait_for_face(self, face: Face) -> Wait:
        """Wait until the payment dialog shows ``face``."""
        return Wait(f"the payment to be “{face}”", lambda: self.payment_dialog.face is face, 15.0)

    def wait_for_no_dialog(self) -> Wait:
        """Wait until no dialog is on the screen and the window has the keyboard."""
        return Wait("dialogs to close", self._has_window_the_keyboard)

    def ask(self, coroutine: Coroutine[Any, Any, T]) -> Answering[T]:
        """Ask the services, as a window does."""
        answers: list[T] = []
        errors: list[CashierError] = []
        self.context.thread.ask(self.window, coroutine, then=answers.append, failed=errors.append)
        yield Wait("the services to answer", lambda: bool(answers or errors))
        if errors:
            raise ScriptFailed(str(errors[0]))
        return answers[0]

    def picture(self, name: str) -> Script:
        """Take a picture of the screen as it is, once everything on it has been painted."""
        looks = iter((False, False))
        yield Wait("the window to be laid out", lambda: next(looks, True))
        if self._visible_page() is not None:
            # What the page shows reaches the screen a frame after it is drawn.
            yield Wait("the page to be painted", self.page.holds(_THREE_FRAMES))
        self.take_picture(name)

    def take_picture(self, name: str) -> None:
        """Take a picture of the screen at once."""
        self._pictures += 1
        self._note_cut_words(name)
        file = self.folder / f"{self._pictures:02}-{name}.png"
        if not self._whole_screen().save(str(file)):
            raise ScriptFailed(f"{file.name} cannot be written")

    def _note_cut_words(self, picture: str) -> None:
        self.cut += [{"picture": picture, **asdict(cut)} for cut in cut_words(self.window)]

    def _whole_screen(self) -> QPixmap:
        """Grab the window and the system's dialogs over it, as they lie on the screen."""
        dialogs = [each for each in self._dialogs() if each.isWindow()]
        frames = [self.window.geometry(), *(each.geometry() for each in dialogs)]
        area = QRect()
        for frame in frames:
            area = area.united(frame)
        canvas = QPixmap(area.size())
        canvas.fill(QColor("white"))
        painter = QPainter(canvas)
        for widget in (self.window, *dialogs):
            painter.drawPixmap(widget.geometry().topLeft() - area.topLeft(), widget.grab())
        painter.end()
        return canvas

    def _has_window_the_keyboard(self) -> bool:
        if self._dialogs():
            return False
        if not self.window.isActiveWindow():
            # Without a window manager nobody gives the keyboard back.
            self.window.activateWindow()
        return self.window.isActiveWindow()

    def _dialogs(self) -> list[QDialog]:
        """Return the dialogs on the screen, the topmost last: sheets, then what the system opened above them."""
        return [each for each in self.window.findChildren(QDialog) if each.isVisible()]

    def _visible_page(self) -> QWebEngineView | None:
        for dialog in self.window.findChildren(PaymentDialog):
            if dialog.isVisible() and dialog.page is not None and dialog.page.is_browser:
                return dialog.page.page_view
        return None

    def _checkout_page(self) -> QWebEngineView:
        view = self._visible_page()
        if view is None:
            raise ScriptFailed("there is no payment page on the screen")
        return view
