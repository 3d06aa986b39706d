"""Tables as lists of columns: every list of the desk is complete, and a table does what its columns say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from cashier.desk.cards.card_columns import card_columns
from cashier.desk.differences.difference_columns import difference_columns
from cashier.desk.history.history_columns import history_columns
from cashier.desk.invoices.invoice_columns import invoice_columns
from cashier.desk.kit.controls import INK_OF, Tone
from cashier.desk.kit.look import shade
from cashier.desk.office.audit_columns import audit_columns
from cashier.desk.office.staff_columns import STAFF_COLUMNS
from cashier.desk.refunding.refund_columns import refund_columns
from cashier.desk.tables.columns import Column, Side, Width, always
from cashier.desk.tables.row_table import ChosenRowTable, RowTable
from cashier.desk.tables.rows_model import RowsModel
from cashier.language import NOTHING, m, verbatim
from cashier.palette import Colour

ZONE = "Europe/Madrid"
TABLES: dict[str, tuple[Column[Any], ...]] = {
    "invoices": invoice_columns(ZONE),
    "history": history_columns(ZONE),
    "refunds": refund_columns(ZONE),
    "open differences": difference_columns(ZONE, settled=False),
    "settled differences": difference_columns(ZONE, settled=True),
    "cards": card_columns(ZONE),
    "staff": STAFF_COLUMNS,
    "journal": audit_columns(ZONE),
}


@dataclass(frozen=True)
class Pet:
    id: int
    name: str
    weight: int = 0


PET_COLUMNS: tuple[Column[Pet], ...] = (
    Column(name="name", heading=m("Name"), text=lambda pet: verbatim(pet.name), is_bold=always, width=Width.REST),
    Column(
        name="weight",
        heading=m("Weight"),
        text=lambda pet: verbatim(f"{pet.weight} g"),
        tip=lambda pet: m("light") if pet.weight < 100 else NOTHING,
        side=Side.RIGHT,
        tone=lambda pet: Tone.BAD if pet.weight < 100 else None,
        width=100,
        hidden_below=300,
    ),
    Column(name="kind", heading=m("Kind"), text=lambda _pet: m("cat"), width=80, gives_way=1),
)
TOM, TIM, TAM = Pet(1, "Tom", 50), Pet(2, "Tim", 500), Pet(3, "Tam", 700)


@pytest.fixture
def model() -> RowsModel[Pet]:
    return RowsModel(PET_COLUMNS)


@pytest.fixture
def table(qtbot: QtBot, model: RowsModel[Pet]) -> ChosenRowTable[Pet]:
    table = ChosenRowTable(model, name="pets", title=m("Pets"))
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.show()
    return table


@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_a_table_can_be_told_from_the_others(table: str) -> None:
    columns = TABLES[table]

    assert len({column.name for column in columns}) == len(columns)
    assert len({column.heading for column in columns}) == len(columns)
    assert all(column.heading for column in columns)


@pytest.mark.parametrize("table", TABLES)
def test_one_column_of_a_table_takes_the_rest_and_they_give_way_in_one_order(table: str) -> None:
    columns = TABLES[table]
    ranks = [column.gives_way for column in columns if column.gives_way]

    assert [column.width for column in columns].count(Width.REST) == 1
    assert sorted(ranks) == list(range(1, len(ranks) + 1))


def test_a_cell_says_and_looks_what_its_column_says(model: RowsModel[Pet]) -> None:
    model.show_rows((TOM, TIM))

    assert model.text(0, "weight") == "50 g"
    assert model.index(0, 1).data(Qt.ItemDataRole.ForegroundRole).color().name() == shade(INK_OF[Tone.BAD]).name()
    assert model.index(1, 1).data(Qt.ItemDataRole.ForegroundRole) is None
    assert model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole) == "light"
    assert model.index(0, 0).data(Qt.ItemDataRole.FontRole).bold()
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Weight"


def test_what_is_chosen_stays_chosen_when_rows_are_shown_again(
    table: ChosenRowTable[Pet], model: RowsModel[Pet]
) -> None:
    told: list[Pet | None] = []
    table.row_chosen.connect(told.append)
    model.show_rows((TOM, TIM))
    table.selectRow(1)

    model.show_rows((TAM, TOM, TIM))
    assert table.chosen == TIM
    model.show_rows((TAM, TOM, Pet(2, "Tim", 501)))
    model.show_rows((TAM,))
    model.show_rows(())

    assert told == [TOM, TIM, Pet(2, "Tim", 501), TAM, None]


def test_a_row_that_is_wanted_is_chosen_once(table: ChosenRowTable[Pet], model: RowsModel[Pet]) -> None:
    model.show_rows((TOM, TIM))
    table.want(TAM.id)

    model.show_rows((TOM, TIM, TAM))
    assert table.chosen == TAM
    table.selectRow(0)
    model.show_rows((TIM, TOM, TAM))

    assert table.chosen == TOM


def test_a_narrow_table_leaves_out_what_its_columns_say(qtbot: QtBot, model: RowsModel[Pet]) -> None:
    table = RowTable(model, name="pets", title=m("Pets"))
    qtbot.addWidget(table)
    table.rest_width_min = 150
    table.show()

    def hidden(width: int) -> list[bool]:
        table.resize(width, 200)
        return [table.isColumnHidden(place) for place in range(3)]

    assert hidden(500) == [False, False, False]
    assert hidden(320) == [False, False, True]
    assert hidden(280) == [False, True, False]
    assert hidden(200) == [False, True, True]


def test_the_chosen_row_alone_is_ringed_while_a_list_has_the_keyboard(model: RowsModel[Pet], qtbot: QtBot) -> None:
    page, other = QWidget(), QPushButton()
    qtbot.addWidget(page)
    table = RowTable(model, name="pets", title=m("Pets"), parent=page)
    layout = QVBoxLayout(page)
    layout.addWidget(table)
    layout.addWidget(other)
    model.show_rows((TOM, TIM))
    page.show()
    page.activateWindow()
    table.go_to(0)
    ring = shade(Colour.FOCUS)

    def ringed_rows() -> list[int]:
        picture = table.viewport().grab().toImage()
        places = [table.visualRect(model.index(row, 0)).top() for row in range(2)]
        return [row for row, y in enumerate(places) if picture.pixelColor(picture.width() // 4, y) == ring]

    table.setFocus()
    qtbot.waitUntil(lambda: ringed_rows() == [0])
    table.go_to(1)
    qtbot.waitUntil(lambda: ringed_rows() == [1])
    other.setFocus()
    qtbot.waitUntil(lambda: ringed_rows() == [])
