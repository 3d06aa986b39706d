"""The differences that are listed: all that are open, or page by page those that were settled."""

from __future__ import annotations

from PySide6.QtCore import Signal

from cashier.desk.context import DeskContext
from cashier.desk.differences.difference_columns import difference_columns
from cashier.desk.tables.column_model import Index
from cashier.desk.tables.rows_model import RowsModel
from cashier.errors import CashierError
from cashier.reconciliation.views import DifferencePage, DifferenceView


class DifferenceRows(RowsModel[DifferenceView]):
    """Reads them. Reading again keeps the rows until the new ones are there."""

    loading_failed = Signal(object)
    """Carries a ``CashierError``."""

    def __init__(self, context: DeskContext) -> None:
        """Show nothing yet."""
        zone = context.station.time_zone
        self._columns = {settled: difference_columns(zone, settled=settled) for settled in (False, True)}
        super().__init__(self._columns[False])
        self._context = context
        self._is_settled = False
        self._after: int | None = None
        self._is_fetching = False

    def load(self, *, settled: bool) -> None:
        """Read from the beginning what is open, or what was ``settled``."""
        self._is_settled = settled
        if settled:
            self._read_settled(None)
            return
        reading = self._context.services.reconciliation.open_differences(self._context.actor)
        self._context.thread.ask(self, reading, then=self._start_open, failed=self._fail)

    def canFetchMore(self, parent: Index) -> bool:
        """Tell whether there is a further page."""
        return not parent.isValid() and self._after is not None and not self._is_fetching

    def fetchMore(self, parent: Index) -> None:
        """Read the next page; Qt asks for it when somebody scrolls to the end."""
        self._read_settled(self._after)

    def _read_settled(self, after: int | None) -> None:
        self._is_fetching = True
        reading = self._context.services.reconciliation.settled_differences(self._context.actor, after=after)
        then = self._start_settled if after is None else self._go_on
        self._context.thread.ask(self, reading, then=then, failed=self._fail)

    def _start_open(self, rows: tuple[DifferenceView, ...]) -> None:
        if not self._is_settled:
            self._after = None
            self.show_rows(rows, columns=self._columns[False])

    def _start_settled(self, page: DifferencePage) -> None:
        self._is_fetching = False
        if self._is_settled:
            self._after = page.after
            self.show_rows(page.rows, columns=self._columns[True])

    def _go_on(self, page: DifferencePage) -> None:
        self._is_fetching = False
        if self._is_settled:
            self.append(page.rows)
            self._after = page.after

    def _fail(self, error: CashierError) -> None:
        self._is_fetching = False
        self.loading_failed.emit(error)
