"""Sheets: they lie in the window, have the keyboard for themselves, and give it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMainWindow, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.kit.sheets.breakpoint import Breakpoint, breakpoint_of
from cashier.desk.kit.sheets.sheet import Question, Sheet, surface_of
from cashier.desk.kit.sheets.sheet_stack import EDGE, SheetStack


class Page:
    """A main window with two fields, and a key that both the page and its sheets know."""

    def __init__(self) -> None:
        self.window = QMainWindow()
        self.window.resize(1366, 768)
        page = QWidget()
        self.first, self.second = QLineEdit(), QLineEdit()
        column = QVBoxLayout(page)
        column.addWidget(self.first)
        column.addWidget(self.second)
        self.window.setCentralWidget(page)
        self.heard: list[str] = []
        self.hear(page, "page")

    def hear(self, owner: QWidget, name: str) -> None:
        QShortcut(QKeySequence("F2"), owner).activated.connect(lambda: self.heard.append(name))

    def sheet(self, kind: type[Sheet] = Sheet, *, above: QWidget | None = None, name: str = "sheet") -> Sheet:
        """Make a sheet with a field and a button."""
        sheet = kind(above if above is not None else self.window)
        sheet.setObjectName(name)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(sheet)
        field = QLineEdit()
        field.setObjectName(f"{name}_field")
        column.addWidget(field)
        column.addWidget(QPushButton("Go"))
        self.hear(sheet, name)
        return sheet

    def press(self, key: Qt.Key) -> None:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)

    @property
    def focused(self) -> QWidget | None:
        return QApplication.focusWidget()


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[Page]:
    page = Page()
    page.window.show()
    with qtbot.waitActive(page.window):
        page.window.activateWindow()
    page.second.setFocus()
    yield page
    page.window.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(page.window))


def test_the_keyboard_goes_in_stays_there_and_comes_back(qtbot: QtBot, page: Page) -> None:
    page.second.setText("typed")
    page.second.setCursorPosition(2)
    sheet = page.sheet()

    sheet.open()

    assert not sheet.isWindow()
    assert page.focused is sheet.findChild(QLineEdit)
    inside = set()
    for key in (Qt.Key.Key_Tab,) * 4 + (Qt.Key.Key_Backtab,) * 4:
        page.press(key)
        inside.add(page.focused)
    assert inside == {sheet.findChild(QLineEdit), sheet.findChild(QPushButton)}
    page.first.setFocus()
    assert page.focused in inside
    page.press(Qt.Key.Key_Escape)
    assert page.focused is page.second
    assert (page.second.text(), page.second.cursorPosition()) == ("typed", 2)
    qtbot.waitUntil(lambda: not shiboken6.isValid(sheet))


def test_a_key_is_heard_by_the_uppermost_alone(page: Page) -> None:
    page.press(Qt.Key.Key_F2)
    lower = page.sheet(name="lower")
    lower.open()
    page.press(Qt.Key.Key_F2)
    upper = page.sheet(above=lower, name="upper")
    upper.open()
    page.press(Qt.Key.Key_F2)
    upper.reject()
    page.press(Qt.Key.Key_F2)
    lower.reject()
    page.press(Qt.Key.Key_F2)

    assert page.heard == ["page", "lower", "upper", "lower", "page"]


def test_the_mouse_reaches_nothing_beside_a_sheet(page: Page) -> None:
    page.sheet(Question).open()

    window = page.window.windowHandle()
    QTest.mouseClick(window, Qt.MouseButton.LeftButton, pos=page.first.mapTo(page.window, QPoint(5, 5)))

    assert page.focused is not page.first


def test_of_two_sheets_the_lower_one_closes_the_upper_one_with_it(qtbot: QtBot, page: Page) -> None:
    lower = page.sheet(name="lower")
    lower.open()
    upper = page.sheet(Question, above=lower.findChild(QPushButton), name="upper")
    upper.open()
    assert surface_of(upper.findChild(QLineEdit) or upper) is upper
    emptied: list[None] = []
    SheetStack.of(page.window).emptied.connect(lambda: emptied.append(None))

    lower.accept()

    assert page.focused is page.second
    assert len(emptied) == 1
    qtbot.waitUntil(lambda: not shiboken6.isValid(upper) and not shiboken6.isValid(lower))


def test_a_sheet_opens_another_while_it_closes(page: Page) -> None:
    first, second = page.sheet(name="first"), page.sheet(name="second")
    first.finished.connect(lambda _result: second.open())
    first.open()

    first.accept()

    assert page.focused is second.findChild(QLineEdit)
    second.reject()
    assert page.focused is page.second


@pytest.mark.parametrize(
    ("width", "height", "step"),
    [
        (960, 540, Breakpoint.S),
        (1024, 600, Breakpoint.S),
        (1366, 679, Breakpoint.S),
        (1280, 720, Breakpoint.M),
        (1920, 1080, Breakpoint.L),
        (2560, 1440, Breakpoint.XL),
    ],
)
def test_a_sheet_lies_in_the_middle_of_its_window_whatever_it_shows(
    page: Page, width: int, height: int, step: Breakpoint
) -> None:
    sheet = page.sheet()
    sheet.open()

    page.window.resize(width, height)

    assert breakpoint_of(QSize(width, height)) is step
    place = sheet.geometry()
    assert (place.center() - page.window.rect().center()).manhattanLength() <= 2
    assert page.window.rect().adjusted(EDGE, EDGE, -EDGE, -EDGE).contains(place)
    if step is Breakpoint.S:
        assert place.width() == min(width - 2 * EDGE, 1164)
    said = QLabel("more\nto\nsay")
    layout = sheet.layout()
    assert layout is not None
    layout.addWidget(said)
    QApplication.processEvents()
    assert sheet.geometry() == place


def test_a_question_grows_with_what_it_has_to_say_and_stays_in_the_window(qtbot: QtBot, page: Page) -> None:
    question = page.sheet(Question)
    question.open()
    before = QRect(question.geometry())
    said = QLabel("said")
    layout = question.layout()
    assert layout is not None

    said.setFixedHeight(before.height() + 40)
    layout.addWidget(said)
    qtbot.waitUntil(lambda: question.height() > before.height())
    assert question.y() == before.y()
    said.setFixedHeight(2000)
    qtbot.waitUntil(lambda: question.height() == page.window.height() - 2 * EDGE)
    assert question.y() == EDGE


def test_without_a_main_window_it_is_a_window_of_its_own(qtbot: QtBot) -> None:
    alone = Sheet(None)
    qtbot.addWidget(alone)

    alone.open()

    assert alone.isWindow()
    assert alone.screen().availableGeometry().contains(alone.geometry())
    alone.reject()
