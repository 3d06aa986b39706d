"""Finding an invoice: the search field, the filters and the table below them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QVBoxLayout, QWidget

from cashier.desk.context import DeskContext
from cashier.desk.invoices.invoice_columns import invoice_rows
from cashier.desk.invoices.invoice_filters import Filter, FilterBar
from cashier.desk.invoices.invoice_table import InvoiceTable
from cashier.desk.kit.controls import Card, Notice, PlainButton, Text, Tone, announce, label
from cashier.desk.kit.icons import icon
from cashier.errors import CashierError
from cashier.invoices.views import InvoiceQuery, InvoiceRow
from cashier.language import NOTHING, Message, m
from cashier.palette import Colour

_TYPING_PAUSE_MS = 70


class SearchField(QLineEdit):
    """Takes words, numbers and what a barcode scanner types."""

    left_downwards = Signal()
    """The arrow down was pressed."""

    def __init__(self) -> None:
        """Make an empty field."""
        super().__init__()
        self.setObjectName("search")
        self.setProperty("size", "large")
        self.setAccessibleName(str(m("Search invoices")))
        self.setPlaceholderText(str(m("Name, record number or invoice number — or scan the invoice")))
        self.setMaxLength(120)
        self.setClearButtonEnabled(True)
        self.addAction(icon("search", Colour.INK_SOFT), QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears, the arrow down goes to the list."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_PageDown):
            self.left_downwards.emit()
        else:
            super().keyPressEvent(event)


class InvoiceList(QWidget):
    """Search field, filters and table. What is selected is told; what to do with it is not decided here."""

    invoice_selected = Signal(int)
    """Carries the key of the invoice."""
    payment_wanted = Signal()
    """Enter or a double click on the selected invoice."""

    def __init__(self, context: DeskContext, parent: QWidget | None = None) -> None:
        """List the invoices of ``context``'s hospital."""
        super().__init__(parent)
        self.setObjectName("invoice_list")
        self._context = context
        self._selected_id: int | None = None
        self._is_table_awaited = False
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self.search = SearchField()
        self.filters = FilterBar()
        self.model = invoice_rows(context.thread, context.services.invoices, self)
        self.table = InvoiceTable(self.model)
        self.notice = Notice(name="list_notice")
        retry = PlainButton(m("Try again"), "refresh", name="list_retry")
        retry.clicked.connect(self.reload)
        self.notice.add_button(retry)
        self._empty = _EmptyPage()
        self._lay_out()
        self._connect()

    def begin(self) -> None:
        """Fetch the first page and take the keyboard."""
        self._look()
        self.focus_search()

    def focus_search(self) -> None:
        """Give the keyboard to the search field, with its text selected: the next scan replaces it."""
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
        """Select an invoice, in the list where it is there, and tell."""
        self._selected_id = invoice_id
        self._keep_selection()
        self.invoice_selected.emit(invoice_id)

    def _lay_out(self) -> None:
        card = Card(name="list_card")
        self._stack = QStackedLayout(card)
        self._stack.setContentsMargins(1, 1, 1, 1)
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self.search)
        layout.addWidget(self.filters)
        layout.addWidget(self.notice)
        layout.addWidget(card, 1)

    def _connect(self) -> None:
        self.search.textEdited.connect(self._pause.start)
        self.search.textChanged.connect(self._look_at_once_when_empty)
        self.search.returnPressed.connect(self._enter)
        self.search.left_downwards.connect(self._go_to_table)
        self.filters.filter_chosen.connect(self._look)
        self._empty.everything.clicked.connect(self._look_everywhere)
        self.model.query_shown.connect(self._show_query)
        self.model.rows_leaving.connect(self._leave_rows)
        self.model.rows_moved.connect(self._keep_selection)
        self.model.rows_moved.connect(self._show_emptiness)
        self.model.counted.connect(self.filters.show_counts)
        self.model.counted.connect(self._show_emptiness)
        self.model.loading_failed.connect(self._show_failure)
        self.table.selectionModel().currentRowChanged.connect(self._tell_selection)
        self.table.payment_wanted.connect(self.payment_wanted)
        self.table.left_upwards.connect(self.focus_search)
        self.table.dismissed.connect(self.focus_search)
        self.table.typed.connect(self._type)

    def _look(self) -> None:
        self._pause.stop()
        self._is_table_awaited = False
        self.model.show(InvoiceQuery(text=self.search.text(), statuses=self.filters.chosen.statuses))

    def _look_at_once_when_empty(self, text: str) -> None:
        if not text:
            self._look()

    def _look_everywhere(self) -> None:
        self.filters.choose(Filter.ALL)
        self._look()
        self.focus_search()

    def _enter(self) -> None:
        """Take an exact number, as a scanner sends it; otherwise search at once."""
        text = self.search.text().strip()
        if not text:
            return
        self._look()
        self._context.thread.ask(
            self,
            self._context.services.invoices.find_by_number(text),
            then=partial(self._open_scanned, text),
            failed=self._show_failure,
        )

    def _open_scanned(self, text: str, found: InvoiceRow | None) -> None:
        if text != self.search.text().strip():
            return
        if found is None:
            self._is_table_awaited = True
            self._go_to_awaited_table()
            return
        if not self.filters.chosen.holds(found.status):
            self.filters.choose(Filter.ALL)
            self._look()
        self.choose(found.id)
        self.focus_search()

    def _go_to_table(self) -> None:
        if self.model.rowCount() == 0:
            return
        self.table.setFocus()
        if not self.table.currentIndex().isValid():
            self.table.select_row(0, scrolls=True)

    def _go_to_awaited_table(self) -> None:
        """After Enter in the search field: go to what was found, as soon as it is there."""
        if self._is_table_awaited and self.model.is_current:
            self._is_table_awaited = False
            self._go_to_table()

    def _type(self, text: str) -> None:
        self.search.setFocus()
        self.search.setText(text)
        self._pause.start()

    def _tell_selection(self, current: QModelIndex, _previous: QModelIndex) -> None:
        row = self.table.chosen if current.isValid() else None
        if row is not None and row.id != self._selected_id:
            self._selected_id = row.id
            self.invoice_selected.emit(row.id)

    def _leave_rows(self, first: int) -> None:
        """Go before the row goes: Qt would choose its neighbour, which is another patient's invoice."""
        if self.table.currentIndex().row() >= first:
            self.table.clear_current()

    def _keep_selection(self) -> None:
        """Follow the selected invoice to where it stands now; a row that was awaited is told now."""
        current = self.table.chosen
        if self._selected_id is not None:
            row = self.model.find(self._selected_id)
            if row is not None and row != self.table.currentIndex().row():
                self.table.select_row(row, scrolls=False)
            elif row is None and current is not None:
                # Another invoice stands there now: nobody may take it for the one that was chosen.
                self.table.clear_current()
        elif current is not None:
            self._tell_selection(self.table.currentIndex(), self.table.currentIndex())

    def _show_query(self) -> None:
        self.notice.fall_silent()
        self.table.scrollToTop()
        self._keep_selection()
        self._show_emptiness()
        self._go_to_awaited_table()

    def _show_emptiness(self) -> None:
        if not self.model.is_current:
            return
        is_empty = self.model.rowCount() == 0
        if is_empty:
            self._empty.explain(self.model.query.text.strip(), self.filters.chosen)
        self._stack.setCurrentWidget(self._empty if is_empty else self.table)

    def _show_failure(self, error: CashierError) -> None:
        self.notice.say(error.words, Tone.BAD)


class _EmptyPage(QWidget):
    """Says why the list is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("list_empty")
        self._words = label(NOTHING, Text.TITLE, name="list_empty_text", wraps=True)
        self._advice = label(NOTHING, Text.CAPTION, wraps=True)
        self.everything = PlainButton(m("Search all invoices"), "search", name="search_everything")
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(1)
        for each in (self._words, self._advice):
            each.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(each)
        layout.addWidget(self.everything, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(2)

    def explain(self, text: str, chosen: Filter) -> None:
        """Say that nothing matches ``text`` in the ``chosen`` filter, and what else to try."""
        words = str(_nothing_matches(text, chosen))
        is_new = words != self._words.text()
        self._words.setText(words)
        self._advice.setText(str(m("Parts of names and numbers are enough, in any order.") if text else NOTHING))
        self.everything.setVisible(chosen is not Filter.ALL)
        if is_new:
            announce(self._words)


def _nothing_matches(text: str, chosen: Filter) -> Message:
    if chosen is Filter.ALL:
        return m("No invoice matches “{text}”.", text=text) if text else m("There is no invoice.")
    if text:
        return m("No invoice under “{filter}” matches “{text}”.", filter=chosen.words, text=text)
    return m("There is no invoice under “{filter}”.", filter=chosen.words)
