"""An invoice of a thousand lines, or with endless words, opens at once and hides nothing."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget

from cashier.books.invoice import InvoiceStatus
from cashier.desk.invoices.detail_sheet import DetailSheet
from cashier.desk.invoices.line_list import LineList
from cashier.desk.kit.controls import label
from cashier.desk.kit.problems import ProblemDialog
from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.invoices.views import InvoiceDetail, InvoiceRow, LineView
from cashier.language import verbatim
from cashier.money import Money
from tests.desk.surroundings.acting import answer
from tests.invoices.arriving import a_line, an_invoice

PANE_WIDTH = 400
ENDLESS = "Wolfeschlegelsteinhausenbergerdorff" * 4


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def a_detail(lines: tuple[LineView, ...] = (), **changes: Any) -> InvoiceDetail:
    row: dict[str, Any] = {
        "id": 1, "number": "INV-1", "patient_name": "Ana Núñez", "record_number": "MRN-1", "department": "Radiology",
        "born": None, "issued_on": date(2026, 11, 2), "total_minor": 12_345,
        "balance_minor": 12_345, "returned_minor": 0, "currency": "EUR", "status": InvoiceStatus.DUE,
    }  # fmt: skip
    facts: dict[str, Any] = {
        "patient_id": 1, "phone": "", "email": "", "due_on": date(2026, 12, 2), "insurer": "",
        "insurer_share": euros(0), "paid": euros(0), "returned": euros(0), "payments": (),
    }  # fmt: skip
    row |= {name: value for name, value in changes.items() if name in row}
    facts |= {name: value for name, value in changes.items() if name in facts}
    return InvoiceDetail(row=InvoiceRow(**row), lines=lines, **facts)


def some_lines(count: int, description: str = "Syringe") -> tuple[LineView, ...]:
    return tuple(
        LineView(
            description=f"{description} {index}", quantity_milli=1000, unit_price=euros(100 + index),
            tax_basis_points=0, tax=euros(0), total=euros(100 + index),
        )
        for index in range(count)
    )  # fmt: skip


@pytest.fixture
def pane(qtbot):
    """A pane as wide as the window's, without an invoice."""
    pane = QScrollArea(widgetResizable=True)
    pane.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    pane.resize(PANE_WIDTH, 600)
    qtbot.addWidget(pane)
    pane.show()
    return pane


def show(pane: QScrollArea, detail: InvoiceDetail) -> DetailSheet:
    def nothing(*_: object) -> None:
        """Do nothing."""

    sheet = DetailSheet(detail, time_zone="Europe/Madrid", open_receipt=nothing, open_refund=nothing)
    pane.setWidget(sheet)
    for _ in range(5):
        QApplication.processEvents()
    return sheet


def lines_of(sheet: DetailSheet) -> LineList:
    (lines,) = sheet.findChildren(LineList)
    return lines


def time_to_show(pane: QScrollArea, detail: InvoiceDetail) -> float:
    """Measure the interface's own work, whatever else the machine does; the best of three."""
    times = []
    for _ in range(3):
        before = time.thread_time()
        show(pane, detail)
        times.append(time.thread_time() - before)
    return min(times)


def test_a_thousand_lines_take_a_few_times_as_long_as_ten(pane):
    ten, thousand = a_detail(some_lines(10)), a_detail(some_lines(1000))
    show(pane, ten)

    # Was eighteen times as long, with widgets for each line.
    assert time_to_show(pane, thousand) < 8 * time_to_show(pane, ten)


def test_the_window_stays_alive_while_a_long_invoice_opens(qtbot, open_desk, counter):
    def worst_turn(number: str) -> float:
        worst = 0.0
        open_desk.type(number)
        open_desk.press(Qt.Key.Key_Return)
        until = time.monotonic() + 10
        while time.monotonic() < until and not open_desk.window.findChildren(LineList):
            before = time.thread_time()
            QApplication.processEvents()
            worst = max(worst, time.thread_time() - before)
            time.sleep(0.002)
        for _ in range(20):
            before = time.thread_time()
            QApplication.processEvents()
            worst = max(worst, time.thread_time() - before)
        return worst

    lines = tuple(a_line(100, description=f"Syringe {index}") for index in range(1000))
    arriving = [
        an_invoice(number, record_number="R8", patient_name="Long Stay", lines=each)
        for number, each in (("SHORT-1", lines[:1]), ("BIG-1", lines))
    ]
    answer(qtbot, counter.thread, take_in(counter.services.database, arriving))
    short = worst_turn("SHORT-1")

    assert worst_turn("BIG-1") < max(10 * short, 0.1)


def test_every_line_is_told_to_screen_readers(pane):
    sheet = show(pane, a_detail(some_lines(300)))

    lines = lines_of(sheet)
    model = lines.model()
    assert model.rowCount() == 300
    assert model.index(299, 0).data(Qt.ItemDataRole.AccessibleTextRole) == "Syringe 299 · 1 × 3.99 € · 3.99 €"
    assert lines.accessibleName() == "Services"


def test_the_last_of_many_lines_is_painted_in_its_place(pane):
    lines = lines_of(show(pane, a_detail(some_lines(400))))
    last = lines.visualRect(lines.model().index(399, 0))

    assert lines.height() == lines.heightForWidth(lines.width())
    assert last.bottom() <= lines.height() + 10
    picture = lines.viewport().grab(QRect(0, last.top(), lines.width(), 20)).toImage()
    colours = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    assert len(colours) > 5


@pytest.mark.parametrize("field", ["patient_name", "department", "insurer", "email"])
def test_a_word_without_end_is_broken_and_pushes_no_amount_out_of_sight(pane, field):
    show(pane, a_detail(some_lines(3)))
    sheet = show(pane, a_detail(some_lines(3), **{field: ENDLESS}))

    assert sheet.width() <= pane.viewport().width()
    (amount,) = [each for each in sheet.findChildren(QLabel) if each.text() == "123.45 €"]
    assert amount.mapTo(sheet, amount.rect().topRight()).x() < sheet.width()


def test_a_service_without_end_is_broken_into_lines(pane):
    one = lines_of(show(pane, a_detail(some_lines(1, "Blood count")))).height()

    sheet = show(pane, a_detail(some_lines(1, ENDLESS)))

    assert sheet.width() <= pane.viewport().width()
    assert lines_of(sheet).height() > 2 * one


def test_words_of_usual_length_are_not_broken(qtbot):
    words = "Consultation by a specialist with written report and follow-up in the outpatient clinic"
    wrapped = label(verbatim(words), wraps=True)
    plain = QLabel(words, wordWrap=True)
    for each in (wrapped, plain):
        qtbot.addWidget(each)
        each.ensurePolished()

    assert [wrapped.heightForWidth(width) for width in (200, 300, 500)] == [
        plain.heightForWidth(width) for width in (200, 300, 500)
    ]


def test_what_is_made_shows_no_window_of_its_own(pane, qtbot, qapp):
    shown: list[str] = []
    watch = _Watch(shown)
    qapp.installEventFilter(watch)

    show(pane, a_detail(some_lines(2), phone="+44 1632 960000", email="ana@example.org"))
    show(pane, a_detail(some_lines(2)))
    qtbot.addWidget(ProblemDialog(Refused(verbatim("It is closed."), advice=verbatim("Open it.")), None))

    qapp.removeEventFilter(watch)
    # Such a window takes the keyboard from whoever types into a dialog meanwhile.
    assert shown == []


class _Watch(QObject):
    """Notes what is shown as a window."""

    def __init__(self, shown: list[str]) -> None:
        super().__init__()
        self._shown = shown

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it so
        if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self._shown.append(watched.objectName())
        return False
