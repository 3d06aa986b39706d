"""Shows one page at a time, the till first."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget

from cashier.desk.context import DeskContext
from cashier.desk.page import Page
from cashier.desk.till.pages import PageRow
from cashier.desk.till.till_page import TillPage


class Rooms(QStackedWidget):
    """Makes pages, goes there and back, and tells them that something changed."""

    page_made = Signal(object, object)
    """Carries the ``PageRow`` and its new ``Page``: connect it."""

    def __init__(self, till: TillPage, context: DeskContext) -> None:
        """Begin at the ``till``."""
        super().__init__()
        self.setObjectName("rooms")
        self._context = context
        self._till = till
        self._kept: dict[PageRow, Page] = {}
        self._shown: PageRow | None = None
        self.addWidget(till)

    @property
    def is_at_till(self) -> bool:
        """Tell whether the till is shown."""
        return self._shown is None

    def keep(self, row: PageRow) -> None:
        """Make a page that stays."""
        self._kept[row] = self._make(row)

    def begin(self) -> None:
        """Bring the till and the pages that stay to life."""
        self._till.begin()
        for page in self._kept.values():
            page.begin()

    def go(self, row: PageRow) -> None:
        """Show a page; the second time, go back to the till."""
        if self._shown is row:
            self.go_to_till()
            return
        self.show_page(row)

    def show_page(self, row: PageRow) -> Page:
        """Show a page, also when it is the one that is shown, and return it."""
        if self._shown is row and isinstance(shown := self.currentWidget(), Page):
            return shown
        patient_id = self._till.patient_id if self.is_at_till else None
        page = self._kept[row] if row in self._kept else self._make(row)
        self._show(page, row)
        page.enter(patient_id)
        return page

    def go_to_till(self) -> None:
        """Show the till."""
        self._show(self._till, None)
        self._till.enter(None)

    def show_invoice(self, invoice_id: int) -> None:
        """Show an invoice at the till."""
        self.go_to_till()
        self._till.list.choose(invoice_id)

    def refresh_pages(self) -> None:
        """Tell all pages beside the till that something changed."""
        for place in range(self.count()):
            page = self.widget(place)
            if isinstance(page, Page) and page is not self._till:
                page.refresh()

    def _make(self, row: PageRow) -> Page:
        page = row.make(self._context)
        page.left.connect(self.go_to_till)
        page.invoice_wanted.connect(self.show_invoice)
        self.addWidget(page)
        self.page_made.emit(row, page)
        return page

    def _show(self, page: Page, row: PageRow | None) -> None:
        before, row_before = self.currentWidget(), self._shown
        self._shown = row
        self.setCurrentWidget(page)
        if before is not None and row_before is not None and not row_before.stays:
            self.removeWidget(before)
            before.deleteLater()
