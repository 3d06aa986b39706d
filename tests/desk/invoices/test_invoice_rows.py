"""The list over many invoices, with the real services and the real table."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cashier.assembly import Services
from cashier.desk.invoices.folding.folded_rows import FoldedRows
from cashier.desk.invoices.invoice_columns import invoice_rows
from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.kit.words import EVERY_DIFFERENCE
from cashier.desk.service_thread import ServiceThread
from cashier.desk.tables.column_model import RowRole
from cashier.desk.tables.columns import place_of
from cashier.desk.tables.page_window import PAGE_ROWS, PAGES_HELD
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceQuery
from cashier.language import use_language
from tests.surroundings.sample_hospital import (
    CANCELLED,
    DUE_OF_OTHER_PATIENT,
    DUE_OF_SAME_PATIENT,
    SampleHospital,
)

MANY = 50_000
_INSERT_MANY = """
INSERT INTO patient (reference, record_number, name, phone, email)
WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < :count)
SELECT printf('many-%07d', n), printf('MANY-%07d', n), 'Many', '', '' FROM counter;
INSERT INTO invoice (number, patient_id, department, currency, issued_on, due_on, total_minor, insurer,
                     insurer_share_minor, paid_minor, returned_minor, balance_minor, status, received_at)
WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < :count)
SELECT printf('MANY-%07d', n), (SELECT id FROM patient WHERE reference = printf('many-%07d', n)),
       'Laboratory', 'EUR', '2026-11-03', '2026-12-03', 1000, '', 0, 0, 0, 1000, 'due',
       '2026-11-03 08:00:00.000000' FROM counter
"""


@pytest.fixture
def many_invoices(hospital: SampleHospital) -> None:
    with contextlib.closing(sqlite3.connect(hospital.file)) as connection, connection:
        for statement in _INSERT_MANY.split(";"):
            connection.execute(statement, {"count": MANY})


@pytest.fixture
def table(qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services) -> Iterator[InvoiceTable]:
    model = invoice_rows(offline_thread, offline_services.invoices, "Europe/Madrid")
    table = InvoiceTable(model)
    table.resize(1000, 600)
    table.show()
    qtbot.addWidget(table)
    yield table
    offline_thread.stop()


def model_of(table: InvoiceTable) -> FoldedRows:
    model = table.model()
    assert isinstance(model, FoldedRows)
    return model


def show(qtbot: QtBot, table: InvoiceTable, query: InvoiceQuery, rows: int) -> FoldedRows:
    model = model_of(table)
    model.show(query)
    qtbot.waitUntil(lambda: model.is_current and model.rowCount() == rows)
    return model


def visible_rows(table: InvoiceTable) -> range:
    return range(table.rowAt(0), table.rowAt(table.viewport().height() - 1) + 1)


def is_painted(table: InvoiceTable) -> bool:
    return all(table.model().index(row, 0).data(RowRole) is not None for row in visible_rows(table))


@pytest.mark.usefixtures("many_invoices")
def test_the_whole_list_is_scrollable_and_little_of_it_in_memory(qtbot: QtBot, table: InvoiceTable) -> None:
    model = show(qtbot, table, InvoiceQuery(), MANY + 2)
    bar = table.verticalScrollBar()

    for tenth in range(11):
        bar.setValue(bar.maximum() * tenth // 10)
        qtbot.waitUntil(lambda: is_painted(table))

    last = model.row_at(model.rowCount() - 1)
    assert last is not None
    assert last.patient.first.number == DUE_OF_SAME_PATIENT
    assert model.patients.rows_held <= PAGES_HELD * PAGE_ROWS


@pytest.mark.usefixtures("many_invoices")
def test_a_jump_shows_the_row_that_stands_there(qtbot: QtBot, table: InvoiceTable) -> None:
    model = show(qtbot, table, InvoiceQuery(), MANY + 2)

    table.scrollTo(model.index(30_000, 0), InvoiceTable.ScrollHint.PositionAtTop)

    qtbot.waitUntil(lambda: is_painted(table))
    assert model.text(30_000, "number") == f"MANY-{MANY - 30_000:07d}"


@pytest.mark.usefixtures("many_invoices")
def test_dragging_the_scroll_bar_fetches_where_it_stops_and_not_what_it_passed(
    qtbot: QtBot, table: InvoiceTable
) -> None:
    model = show(qtbot, table, InvoiceQuery(), MANY + 2)
    bar = table.verticalScrollBar()

    for value in range(0, bar.maximum(), bar.maximum() // 200):
        bar.setValue(value)
        table.viewport().repaint()

    qtbot.waitUntil(lambda: is_painted(table))
    assert model.patients.rows_held <= 5 * PAGE_ROWS


def test_the_answer_to_an_older_question_is_dropped(qtbot: QtBot, table: InvoiceTable) -> None:
    model = model_of(table)
    shown: list[str] = []
    model.query_shown.connect(lambda: shown.append(model.query.text))

    for text in ("a", "an", "ana", "bjorn"):
        model.show(InvoiceQuery(text=text))

    qtbot.waitUntil(lambda: bool(shown))
    model.show(InvoiceQuery(text="dvorak"))
    qtbot.waitUntil(lambda: len(shown) == 2)
    assert shown == ["bjorn", "dvorak"]
    assert model.text(0, "patient") == "Björn Dvořák"


def test_what_is_shown_stays_until_the_next_answer(qtbot: QtBot, table: InvoiceTable) -> None:
    model = show(qtbot, table, InvoiceQuery(), 2)

    model.show(InvoiceQuery(text="ana"))

    assert model.rowCount() == 2
    qtbot.waitUntil(lambda: model.rowCount() == 1)


def test_amounts_are_aligned_and_written_out(qtbot: QtBot, table: InvoiceTable) -> None:
    model = show(qtbot, table, InvoiceQuery(text=DUE_OF_OTHER_PATIENT), 5)

    rows = [[model.text(place, column.name) for column in model.columns] for place in range(5)]

    # What is owed in two currencies is never added up, and what is to be paid as any other has no status.
    assert rows[0] == ["Björn Dvořák", "", "MRN-0000102", "", "", "", "4", "80.30 € + 12,000 ¥", ""]
    assert any(row[0].startswith(f"{CANCELLED} · ") for row in rows)
    bill = next(row for row in rows if row[0].startswith(DUE_OF_OTHER_PATIENT))
    assert bill[1:4] + bill[5:] == ["", "", "", "02 Nov 2026", "", "80.00 €", ""]


def test_a_failure_is_told_once_and_not_tried_forever(
    qtbot: QtBot, table: InvoiceTable, hospital: SampleHospital, tmp_path: Path
) -> None:
    model = show(qtbot, table, InvoiceQuery(), 2)
    failures: list[CashierError] = []
    model.loading_failed.connect(failures.append)
    with contextlib.closing(sqlite3.connect(hospital.file)) as connection, connection:
        connection.execute("ALTER TABLE invoice RENAME TO elsewhere")

    model.refresh()
    qtbot.waitUntil(lambda: bool(failures))
    for _ in range(5):
        table.viewport().repaint()

    assert len(failures) == 1
    with contextlib.closing(sqlite3.connect(hospital.file)) as connection, connection:
        connection.execute("ALTER TABLE elsewhere RENAME TO invoice")
    with qtbot.waitSignal(model.rows_moved):
        model.refresh()


@pytest.mark.parametrize("language", ["en", "es", "es_419", "en_XA"])
def test_every_state_fits_into_its_column(
    qtbot: QtBot, offline_thread: ServiceThread, offline_services: Services, language: str
) -> None:
    use_language(language)
    table = InvoiceTable(invoice_rows(offline_thread, offline_services.invoices, "Europe/Madrid"))
    qtbot.addWidget(table)
    place = place_of(table.rows.columns, "status")

    for words in EVERY_DIFFERENCE:
        assert table.columnWidth(place) >= table.width_of(str(words), table.rows.columns[place]), str(words)
    offline_thread.stop()
