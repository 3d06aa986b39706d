"""In the smallest window nothing is cut, in any language or size of text: what has no room gives way or scrolls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.kit.look import Look
from cashier.desk.kit.style import wear
from cashier.desk.tour.fit import cut_words
from tests.desk.surroundings.desk_window import DeskWindow
from tests.desk.test_first_field import OPENED, has_keyboard, shown
from tests.surroundings.sample_hospital import CASHIER_NAME, CASHIER_PIN, DUE, SampleHospital

SHEETS = (
    "RemoveCardDialog",
    "TakeOverDialog",
    "ProblemDialog",
    "WordsDialog",
    "AddStaffDialog",
    "AdmissionDialog",
    "DeskInUseDialog",
    "LanguageDialog",
    "SecretsDialog",
    "SettleDialog",
    "SavedCardsDialog",
    "KeysDialog",
)


@pytest.fixture(params=[("en", 100), ("es", 100), ("es", 150)], ids=str)
def small(request: pytest.FixtureRequest, hospital: SampleHospital) -> Any:
    """The desk of an administrator in the smallest window."""
    language, percent = request.param
    application = cast("QApplication", request.getfixturevalue("qapp"))
    wear(application, Look(text_percent=percent))
    hospital.execute(f"UPDATE staff SET role = 'administrator', language = '{language}' WHERE id = 1")
    desk = request.getfixturevalue("desk")
    desk.window.resize(960, 540)
    yield desk
    wear(application, Look())


def cut(desk: DeskWindow) -> list[object]:
    """What is cut in the list's headings is the list's own business."""
    return [each for each in cut_words(desk.window) if not each.name.startswith("heading")]


def cut_around(desk: DeskWindow) -> list[str]:
    """What is cut in the lines above and below the page, and in the row of filters."""
    return [each.name for each in cut_words(desk.window) if each.name.startswith(("show_", "status_", "filter_"))]


def outside(surface: QWidget) -> list[str]:
    """What is pressed or typed into, and lies neither in ``surface`` nor in something that scrolls to it."""
    found = []
    for each in surface.findChildren(QWidget):
        if not each.isVisible() or not isinstance(each, QAbstractButton | QLineEdit | QComboBox):
            continue
        around: QWidget | None = each.parentWidget()
        while around is not None and around is not surface and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        if around is surface:
            place = QRect(each.mapTo(surface, QPoint(0, 0)), each.size())
            if not surface.rect().contains(place):
                found.append(each.objectName())
    return found


def _is_whole(desk: DeskWindow) -> None:
    """Fail, with what is cut, until a page has found its place."""
    assert cut(desk) == []


def _fits(desk: DeskWindow, sheet: QWidget, name: str) -> None:
    """Fail, with what does not fit, until a sheet that opens has found its place."""
    assert desk.window.rect().contains(sheet.geometry()), name
    assert cut(desk) == [], name
    assert outside(sheet) == [], name


def test_nothing_is_cut_in_the_smallest_window_and_what_gave_way_comes_back(qtbot: QtBot, small: DeskWindow) -> None:
    header = small.find(QWidget, "header")
    qtbot.waitUntil(lambda: not cut_around(small), timeout=15_000)
    assert not outside(header)

    # The list leaves the pane its room, and the pane the list; the pane scrolls as a whole where it has to.
    table, pane = small.find(InvoiceTable, "invoice_table"), small.find(QWidget, "detail_pane")
    small.type(DUE)
    small.press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "120" in small.text("detail_balance"), timeout=15_000)
    qtbot.waitUntil(lambda: _is_whole(small), timeout=15_000)
    assert outside(pane) == []
    assert not table.horizontalScrollBar().isVisible()
    assert pane.width() < small.window.width() // 2
    small.find(QLineEdit, "search").clear()

    for name in SHEETS:
        open_it: Callable[..., object] = OPENED[name][0]
        open_it(small, None)
        qtbot.waitUntil(lambda name=name: shown(small, name) is not None, timeout=15_000)  # type: ignore[misc]
        sheet = shown(small, name)
        assert sheet is not None
        qtbot.waitUntil(lambda name=name, sheet=sheet: _fits(small, sheet, name), timeout=15_000)  # type: ignore[misc]
        buttons = [each for each in sheet.findChildren(QPushButton) if each.isVisible()]
        assert buttons, name
        assert has_keyboard(sheet), name
        sheet.reject()
        qtbot.waitUntil(lambda name=name: shown(small, name) is None, timeout=15_000)  # type: ignore[misc]

    small.press(Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: small.find(QWidget, "history_page").isVisible(), timeout=15_000)
    qtbot.waitUntil(lambda: _is_whole(small), timeout=15_000)
    assert outside(small.find(QWidget, "history_page")) == []
    assert small.find(QWidget, "history_table").height() >= 3 * 36

    small.window.sign_out()
    qtbot.waitUntil(lambda: small.text("sign_in_desk") != "", timeout=15_000)
    qtbot.waitUntil(lambda: _is_whole(small), timeout=15_000)
    assert outside(small.find(QWidget, "sign_in_page")) == []
    small.sign_in(CASHIER_NAME, CASHIER_PIN)
    small.wait_for_list()

    # What gave way in the header and above the list comes back with the room.
    small.window.resize(2400, 900)
    for kind, name in ((QLabel, "header_desk"), (QPushButton, "show_history"), (QPushButton, "filter_all")):
        qtbot.waitUntil(small.find(kind, name).isVisible)
