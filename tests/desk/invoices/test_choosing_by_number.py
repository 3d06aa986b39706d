"""Enter after a whole number chooses that invoice, however it is spelled."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from cashier.invoices.intake import take_in
from tests.desk.surroundings.acting import answer
from tests.invoices.arriving import an_invoice


@pytest.mark.parametrize("typed", ["f2026/1", "F 2026 001"])
def test_the_whole_number_comes_before_longer_ones(qtbot, open_desk, counter, typed):
    invoices = [an_invoice(f"F2026/{n}", record_number=f"R{n}", patient_name=f"Patient {n}") for n in (1, 2, 10, 19)]
    answer(qtbot, counter.thread, take_in(counter.services.database, invoices))
    open_desk.page.list.reload()
    qtbot.waitUntil(lambda: "F2026/19" in open_desk.numbers(), timeout=10_000)
    search = open_desk.find(QLineEdit, "search")
    search.setFocus()

    QTest.keyClicks(search, typed)
    QTest.keyClick(search, Qt.Key.Key_Return)

    table = open_desk.page.list.table
    qtbot.waitUntil(lambda: table.chosen is not None, timeout=10_000)
    qtbot.wait(500)
    assert table.chosen.bill.number == "F2026/1"
