"""Finding an invoice: the search field, the filters and the table below them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.invoices.empty_page import EmptyPage
from cashier.desk.invoices.folding.chosen_elsewhere import ChosenElsewhere
from cashier.desk.invoices.folding.list_row import ListRow
from cashier.desk.invoices.invoice_columns import invoice_rows
from cashier.desk.invoices.invoice_filters import Filter, FilterBar
from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.invoices.keys_ahead import DOWNWARDS, ENTER, WALKING, KeysAhead, press_in
from cashier.desk.invoices.search_field import SearchField
from cashier.desk.invoices.ticked_bills import TickedBills
from cashier.desk.kit.controls import Card, Notice, PlainButton, Tone
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceQuery, InvoiceRow
from cashier.language import m

_TYPING_PAUSE_MS = 70


class InvoiceList(QWidget):
    """Search field, filters and table. What is chosen is told; what to do with it is not decided here.

    What is chosen can be seen: as a row of the table, or in a line above it where it is not among the rows. Another
    search or another filter chooses nothing, until somebody does; nothing but a filter's button changes the filter.
    """

    invoice_selected = Signal(int)
    """Carries the key of the invoice."""
    nothing_selected = Signal()
    """No invoice is chosen any more."""
    payment_wanted = Signal()
    """Enter or a double click on the selected invoice."""

    def __init__(self, context: DeskContext, parent: QWidget | None = None) -> None:
        """List the invoices of ``context``'s hospital."""
        super().__init__(parent)
        self.setObjectName("invoice_list")
        self._context = context
        self._selected_id: int | None = None
        """What the chosen row is called; of an invoice that is in none, its key."""
        self._told_id: int | None = None
        """The invoice that was told to be chosen."""
        self._is_table_awaited = False
        self._sought: str | None = None
        """The number that is being looked for."""
        self._scanned_of: str | None = None
        """After a scan that is no invoice's: whose invoices were meant, by record number; empty: nobody's."""
        self._has_failed = False
        self._ahead = KeysAhead(self)
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self.search = SearchField()
        self.filters = FilterBar()
        self.model = invoice_rows(context.thread, context.services.invoices, context.station.time_zone, self)
        self.table = InvoiceTable(self.model)
        self.notice = Notice(name="list_notice")
        retry = PlainButton(m("Try again"), "refresh", name="list_retry")
        retry.clicked.connect(self.reload)
        self.notice.add_button(retry)
        self.remark = Notice(name="nothing_chosen")
        self._elsewhere = ChosenElsewhere()
        self._empty = EmptyPage()
        self._lay_out()
        self._connect()
        self.ticked = TickedBills(self.table, self.model)

    def begin(self) -> None:
        """Fetch the first page and take the keyboard."""
        self._look()
        self.focus_search()

    def focus_search(self) -> None:
        """Give the keyboard to the search field, with its text selected; not where it is not seen (the lock)."""
        if self.isVisibleTo(self.window()):
            self.search.setFocus()
        self.search.selectAll()

    def reload(self) -> None:
        """Fetch again what is shown, and the counts."""
        self.notice.fall_silent()
        if self.model.is_current:
            self.model.refresh()
            self.model.count()
        else:
            self._look()

    def refresh(self) -> None:
        """Something changed: fetch again what is shown, keeping selection and scroll position."""
        if self.model.is_current:
            self.model.refresh()

    def choose(self, invoice_id: int) -> None:
        """Select this very invoice, in the list where it is there, and tell."""
        self._ahead.drop()
        self._choose(invoice_id)

    def act(self, deed: Callable[[], object]) -> None:
        """Do something with the chosen invoice: now, or when the list has answered; or say that none is chosen.

        A search that finds one patient needs no choice, or one invoice by its number.
        """
        if self._is_answered or self._has_failed:
            self._act_now(deed)
        else:
            self._look_now()
            self._ahead.hold(partial(self.act, deed))

    def begin_scan(self, text: str) -> None:
        """Look for what was scanned, whatever was chosen before; keys wait until ``end_scan`` says what it is."""
        self.search.setText(text)
        self._choose_nothing()
        self._look()
        self._sought = text
        self.focus_search()

    def end_scan(self, scanned: str, text: str, found: InvoiceRow | None, *, of_patient: str = "") -> None:
        """Choose the invoice that was ``scanned``, or look for ``text``, unless something else is looked for now.

        Where none was found, nothing that is only similar is acted on unasked: a row is if it is ``of_patient``.
        """
        if self._sought != scanned:
            return
        if text != scanned:
            # The same search by another name: what waits for its answer goes on waiting.
            with QSignalBlocker(self.search):
                self.search.setText(text)
            self._look()
        if found is not None:
            self._open_scanned(scanned, found)
        else:
            self._sought, self._scanned_of = None, of_patient
            self._do_ahead()
        self.focus_search()

    def name_chosen(self, row: InvoiceRow) -> None:
        """Name the chosen invoice where it is not among the rows of the table."""
        if row.id == self._told_id:
            self._elsewhere.name(row, self.filters.chosen)
            self._show_chosen_line()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold the keys in the search field that are meant for an answer that is still on its way."""
        if watched is self.search and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._hold_key(event)
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Forget keys that were meant for what is no longer seen."""
        self._ahead.drop()
        super().hideEvent(event)

    @property
    def _is_answered(self) -> bool:
        """Whether the table shows what was typed, and the row under its cursor."""
        is_cursor_awaited = self._selected_id is None and self.table.currentIndex().isValid()
        is_looking = self._pause.isActive() or self._sought is not None or not self.model.is_current
        return not (is_looking or is_cursor_awaited)

    def _act_now(self, deed: Callable[[], object]) -> None:
        place = self.model.only_row if self._selected_id is None and self.model.is_current else None
        if place is not None and self.search.text():
            only = self.model.row_at(place)
            if self._scanned_of is None or (only is not None and only.bill.record_number == self._scanned_of):
                self.table.select_row(place, scrolls=True)
        if self._selected_id is not None:
            deed()
        else:
            self.remark.say(m("Choose an invoice first."), Tone.CAUTION)

    def _choose_nothing(self) -> None:
        """Another search, another filter: what was chosen before is not what is meant now."""
        self._ahead.drop()
        self._sought = self._scanned_of = None
        self._is_table_awaited = False
        self.remark.fall_silent()
        self._selected_id = self._told_id = None
        self.table.clear_current()
        self._show_chosen_line()
        self.nothing_selected.emit()

    def _hold_key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key in DOWNWARDS or (self._ahead.is_holding and key in WALKING | ENTER):
            if self._is_answered or self._has_failed:
                return False
            if key not in ENTER or not event.isAutoRepeat():
                self._look_now()
                self._ahead.hold(partial(press_in, key, self.table, self.search))
            return True
        if key in ENTER:
            # Enter after Enter means nothing while the first one is being answered.
            return self._sought is not None
        if self._ahead.is_holding and event.text().isprintable() and event.text().strip():
            # In the list, what is typed begins another search.
            self.search.selectAll()
        return False

    def _do_ahead(self) -> None:
        if self._ahead.is_holding and self._is_answered:
            is_seen = self.isVisible() and self.isEnabled() and QApplication.activeModalWidget() is None
            self._ahead.do() if is_seen else self._ahead.drop()

    def _lay_out(self) -> None:
        card = Card(name="list_card")
        self._stack = QStackedLayout(card)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for each in (self.search, self.filters, self.notice, self.remark, self._elsewhere):
            layout.addWidget(each)
        layout.addWidget(card, 1)

    def _connect(self) -> None:
        self.search.installEventFilter(self)
        self.search.textEdited.connect(self._pause.start)
        self.search.textChanged.connect(self._take_text)
        self.search.returnPressed.connect(self._enter)
        self.search.left_downwards.connect(self._go_to_table)
        self.filters.filter_chosen.connect(self._take_filter)
        self._empty.everything.clicked.connect(self._look_everywhere)
        self._elsewhere.back.clicked.connect(self._go_back)
        self.model.query_shown.connect(self._show_query)
        self.model.rows_leaving.connect(self._leave_rows)
        self.model.rows_moved.connect(self._take_rows)
        self.model.counted.connect(self.filters.show_counts)
        self.model.counted.connect(self._show_emptiness)
        self.model.loading_failed.connect(self._show_failure)
        self.table.selectionModel().currentRowChanged.connect(self._tell_selection)
        self.table.payment_wanted.connect(partial(self.act, self.payment_wanted.emit))
        self.table.pressed.connect(self._ahead.drop)
        self.table.left_upwards.connect(self.focus_search)
        self.table.dismissed.connect(self.focus_search)
        self.table.typed.connect(self._type)

    def _look(self) -> None:
        self._pause.stop()
        self._is_table_awaited = False
        self._has_failed = False
        self.model.show(InvoiceQuery(text=self.search.text(), statuses=self.filters.chosen.statuses))

    def _look_now(self) -> None:
        """Do not wait for more to be typed."""
        if self._pause.isActive():
            self._look()

    def _take_text(self, text: str) -> None:
        self._choose_nothing()
        if not text:
            self._look()

    def _take_filter(self) -> None:
        self._choose_nothing()
        self._look()

    def _look_everywhere(self) -> None:
        self.filters.choose(Filter.ALL)
        self._take_filter()
        self.focus_search()

    def _go_back(self) -> None:
        """Leave what is not in the list, and what was looked for."""
        self.search.clear() if self.search.text() else self._take_text("")
        self.focus_search()

    def _enter(self) -> None:
        """Take an exact number, as a scanner sends it; otherwise search at once."""
        text = self.search.text().strip()
        if not text:
            return
        self._look()
        self._sought = text
        self._context.thread.ask(
            self,
            self._context.services.invoices.find_by_number(text),
            then=partial(self._open_scanned, text),
            failed=self._show_failure,
        )

    def _open_scanned(self, text: str, found: InvoiceRow | None) -> None:
        if text != self._sought:
            return
        self._sought = None
        if found is None:
            self._is_table_awaited = True
            self._go_to_awaited_table()
            self._do_ahead()
            return
        self._choose(found.id)
        self.name_chosen(found)
        self.focus_search()
        self._do_ahead()

    def _go_to_table(self) -> None:
        if self.model.rowCount() == 0:
            return
        self.table.setFocus()
        if not self.table.currentIndex().isValid():
            self.table.select_row(self.model.first_row, scrolls=True)

    def _go_to_awaited_table(self) -> None:
        """After Enter in the search field: go to what was found, as soon as it is there."""
        if self._is_table_awaited and self.model.is_current:
            self._is_table_awaited = False
            self._go_to_table()

    def _type(self, text: str) -> None:
        self.search.setFocus()
        self.search.setText(text)
        self._pause.start()

    def _choose(self, invoice_id: int) -> None:
        self.remark.fall_silent()
        if invoice_id != self._told_id:
            self._elsewhere.forget()
        self._selected_id = self._told_id = invoice_id
        self._keep_selection()
        self.invoice_selected.emit(invoice_id)

    def _tell_selection(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = self.table.chosen if current.isValid() else None
        if row is not None:
            self._take_chosen(row)
        elif current.isValid() and self._selected_id is not None:
            # The row under the cursor is still being fetched: until then it is not the one before it.
            self._selected_id = self._told_id = None
            self.nothing_selected.emit()
        self._show_chosen_line()

    def _take_chosen(self, row: ListRow) -> None:
        """Tell of the bill that stands for what is chosen, when it is another one."""
        self._selected_id = row.id
        if row.bill.id != self._told_id:
            self.remark.fall_silent()
            self._told_id = row.bill.id
            self.invoice_selected.emit(row.bill.id)
        self.name_chosen(row.bill)

    def _leave_rows(self, first: int) -> None:
        """Go before the row goes: Qt would choose its neighbour, which is another patient's invoice."""
        if self.table.currentIndex().row() >= first:
            self.table.clear_current()

    def _keep_selection(self) -> None:
        """Follow the selected invoice to where it stands now; a row that was awaited is told now."""
        if self._selected_id is not None:
            row = self.model.reveal(self._selected_id)
            if row is not None and row != self.table.currentIndex().row():
                self.table.select_row(row, scrolls=False)
            elif row is None and self.table.chosen is not None:
                # Another invoice stands there now: nobody may take it for the one that was chosen.
                self.table.clear_current()
        if self.table.chosen is not None:
            self._tell_selection(self.table.currentIndex(), self.table.currentIndex())
        self._show_chosen_line()

    def _show_chosen_line(self) -> None:
        """Name what is chosen where no row of the table says it."""
        is_elsewhere = self._selected_id is not None and not self.table.currentIndex().isValid()
        is_answer = self.model.is_current and not self._pause.isActive()
        self._elsewhere.setVisible(is_elsewhere and is_answer and self._elsewhere.is_named)

    def _take_rows(self) -> None:
        self._has_failed = False
        self._keep_selection()
        self._show_emptiness()
        self._do_ahead()

    def _show_query(self) -> None:
        self.notice.fall_silent()
        self.table.scrollToTop()
        self._go_to_awaited_table()
        self._take_rows()

    def _show_emptiness(self) -> None:
        if not self.model.is_current:
            return
        is_empty = self.model.rowCount() == 0
        if is_empty:
            self._empty.explain(self.model.query.text.strip(), self.filters.chosen)
        self._stack.setCurrentWidget(self._empty if is_empty else self.table)

    def _show_failure(self, error: CashierError) -> None:
        self._has_failed = True
        self._sought = None
        self._ahead.drop()
        self.notice.say(error.words, Tone.BAD)
