"""The page of refunds: supervisors decide there, everybody sees what became of what they asked for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import partial

from PySide6.QtWidgets import (
    QButtonGroup,
    QWidget,
)

from cashier.desk.commands.buttons import command_button
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import listen
from cashier.desk.context import DeskContext
from cashier.desk.kit.controls import Card, Chip, Notice, Text, Tone, label
from cashier.desk.page import Page
from cashier.desk.refunding.decision_form import Decision
from cashier.desk.refunding.refund_columns import refund_columns
from cashier.desk.refunding.refund_sheet import RefundSheet
from cashier.desk.tables.list_page import fill, heading, in_card, list_or_words, sheet_scroll, side_by_side
from cashier.desk.tables.row_table import ChosenRowTable
from cashier.desk.tables.rows_model import RowsModel
from cashier.errors import CashierError
from cashier.language import NOTHING, Message, m, mc, mn, sentences
from cashier.language.number_style import Count
from cashier.refunds.views import RefundView
from cashier.staff.rights import ALLOWED, Action


class Shelf(Enum):
    """Which refunds are looked at."""

    WAITING = mc("refunds", "To decide")
    UNDER_WAY = mc("refunds", "Under way")
    SETTLED = mc("refunds", "Settled")


_NOTHING: Mapping[Shelf, Message] = {
    Shelf.WAITING: m("Nothing waits for a decision."),
    Shelf.UNDER_WAY: m("No refund is under way."),
    Shelf.SETTLED: m("No refund was settled yet."),
}


_HOW_TO_ASK = m("A refund is asked for at the till: choose what was paid there, then “{refund}”.", refund=m("Refund"))


class RefundsPage(Page):
    """List and sheet side by side."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing before ``enter``."""
        super().__init__(context)
        self.setObjectName("refunds_page")
        self._model: RowsModel[RefundView] = RowsModel(refund_columns(context.station.time_zone), self)
        self.table = ChosenRowTable(self._model, name="refund_table", title=m("Refunds"))
        self._chips = {shelf: Chip(shelf.value, name=f"refunds_{shelf.name.lower()}") for shelf in Shelf}
        self._notice = Notice(name="refunds_notice")
        self._nothing = label(NOTHING, Text.TITLE, name="refunds_empty", wraps=True)
        self._scroll = sheet_scroll()
        self._scroll.setObjectName("refunds_scroll")
        self._decision: Decision | None = None
        """What was just decided; said with how many are left, once that is known."""
        self._lay_out()
        self._connect()

    def begin(self) -> None:
        """Finish what an earlier day left unfinished, and count what waits."""
        refunds = self.context.services.refunds
        self.context.thread.ask(
            self, refunds.recover(), then=lambda _moved: self.refresh(), failed=lambda _error: self.refresh()
        )

    def enter(self, patient_id: int | None) -> None:
        """Show what waits."""
        self.refresh()
        self.table.setFocus()

    def refresh(self) -> None:
        """Count what waits, and read the list again where it is seen."""
        self.context.thread.ask(
            self,
            self.context.services.refund_lists.count_waiting(self.context.actor),
            then=self.counted.emit,
            failed=self._show_trouble,
        )
        if self.is_shown:
            self.reload()

    def reload(self) -> None:
        """Read the list again; what is chosen stays chosen, and stays until what is decided about it is told."""
        if self._is_deciding:
            return
        shelf, lists, actor = self._shelf, self.context.services.refund_lists, self.context.actor
        read = {Shelf.WAITING: lists.waiting, Shelf.UNDER_WAY: lists.under_way, Shelf.SETTLED: lists.settled}[shelf]
        self.context.thread.ask(self, read(actor), then=partial(self._take_rows, shelf), failed=self._show_trouble)

    @property
    def _is_deciding(self) -> bool:
        sheet = self._scroll.widget()
        return isinstance(sheet, RefundSheet) and sheet.is_deciding

    @property
    def _shelf(self) -> Shelf:
        return next(shelf for shelf, each in self._chips.items() if each.isChecked())

    def _lay_out(self) -> None:
        back = command_button(Command.LEAVE_REFUNDS, "leave_refunds")
        back.clicked.connect(self.left)
        sees_all = self.context.signed_in.role in ALLOWED[Action.SEE_EVERY_DESK]
        caption = m("Of every desk") if sees_all else m("Asked for at this desk")
        list_card = Card(name="refunds_card")
        self._stack = list_or_words(list_card, self.table, self._nothing)
        fill(
            self,
            heading(m("Refunds"), caption, chips=list(self._chips.values()), buttons=[back]),
            self._notice,
            label(_HOW_TO_ASK, Text.CAPTION, name="refunds_how", wraps=True),
            side_by_side(list_card, in_card("refund_card", self._scroll), widths=(760, 560)),
        )

    def _connect(self) -> None:
        group = QButtonGroup(self)
        for each in self._chips.values():
            group.addButton(each)
        self._chips[Shelf.WAITING].setChecked(True)
        group.buttonClicked.connect(self._change_shelf)
        self._model.query_shown.connect(self._show_emptiness)
        self.table.row_chosen.connect(self._show)
        listen(
            self,
            {
                Command.REFUND_INVOICE: self._show_invoice,
                Command.REFUND_RECEIPT: self._show_receipt,
                Command.LEAVE_REFUNDS: self.left.emit,
            },
        )

    def _take_rows(self, shelf: Shelf, rows: tuple[RefundView, ...]) -> None:
        if shelf is not self._shelf or self._is_deciding:
            return
        self._model.show_rows(rows)
        decision, self._decision = self._decision, None
        if decision is not None:
            left = (
                mn("{count} left to decide.", "{count} left to decide.", count=Count(len(rows)))
                if rows
                else m("Nothing is left to decide.")
            )
            self._notice.say(sentences(decision.words, left), decision.tone)

    def _change_shelf(self) -> None:
        self._notice.fall_silent()
        self.reload()

    def _show_emptiness(self) -> None:
        is_empty = not self._model.rowCount()
        self._nothing.setText(str(_NOTHING[self._shelf]))
        self._stack.setCurrentWidget(self._nothing if is_empty else self.table)

    def _show(self, view: RefundView | None) -> None:
        if view is None:
            self._scroll.setWidget(QWidget())
            return
        sheet = RefundSheet(self.context, view)
        sheet.changed.connect(self._take_decision)
        sheet.receipt_wanted.connect(self.receipt_wanted)
        sheet.invoice_wanted.connect(self.invoice_wanted)
        self._scroll.setWidget(sheet)

    def _take_decision(self, decision: Decision | None) -> None:
        self._decision = decision
        self.reload()

    def _show_invoice(self) -> None:
        view = self.table.chosen
        if view is not None and view.shares:
            self.invoice_wanted.emit(view.shares[0].invoice_id)

    def _show_receipt(self) -> None:
        view = self.table.chosen
        if view is not None and view.receipt_id is not None:
            self.receipt_wanted.emit(view.receipt_id)

    def _show_trouble(self, error: CashierError) -> None:
        self._notice.say(error.words, Tone.BAD)
