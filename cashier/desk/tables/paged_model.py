"""A list of a million rows as Qt's views see it, of which a few pages are in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

from PySide6.QtCore import QObject, Signal

from cashier.desk.service_thread import ServiceThread
from cashier.desk.tables.column_model import NOWHERE, ColumnModel, Index
from cashier.desk.tables.columns import Column
from cashier.desk.tables.page_window import PAGE_ROWS, KeyT, Page, PageWindow, RowT
from cashier.errors import CashierError

QueryT = TypeVar("QueryT")
CountT = TypeVar("CountT")
Fetch: TypeAlias = Callable[[QueryT, KeyT | None, int], Coroutine[Any, Any, Page[RowT, KeyT]]]
"""Asks for the page of a query after a key, leaving out so many rows; at most ``PAGE_ROWS`` come."""


def _nothing_alike(_one: object, _other: object) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Counting(Generic[QueryT, CountT]):
    """How what a query finds is counted, beside its pages: it may take longer than they do."""

    ask: Callable[[QueryT], Coroutine[Any, Any, CountT]]
    rows: Callable[[CountT, QueryT], int | None]
    """How many rows of the query that makes; None where the count does not tell."""
    holds_for_both: Callable[[QueryT, QueryT], bool] = _nothing_alike
    """Whether the count of one query may be kept for another."""


class PagedModel(ColumnModel[RowT], Generic[QueryT, RowT, KeyT]):
    """Shows one query at a time. Painting a row that is not held fetches its page; nothing fetches all.

    Without a count the list grows as it is read.
    """

    counted = Signal(object)
    """What the newest query finds is counted; carries what its ``Counting`` asks for."""
    loading_failed = Signal(object)
    """Rows could not be fetched; carries a ``CashierError``."""

    def __init__(
        self,
        columns: Sequence[Column[RowT]],
        thread: ServiceThread,
        query: QueryT,
        fetch: Fetch[QueryT, KeyT, RowT],
        *,
        counting: Counting[QueryT, Any] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Show nothing yet; ``query`` is the one before any other."""
        super().__init__(columns, parent)
        self._thread = thread
        self._query = query
        self._fetch = fetch
        self._counting = counting
        self._count: Any = None
        self._generation = 0
        self._shown_generation = 0
        self._window = PageWindow[RowT, KeyT]()
        # The newest pages that were painted without rows; older wishes are forgotten while scrolling.
        self._wanted: deque[int] = deque(maxlen=2)
        self._fetching: int | None = None
        self._has_failed = False

    @property
    def query(self) -> QueryT:
        """The newest query, shown or about to be."""
        return self._query

    @property
    def is_current(self) -> bool:
        """Tell whether what is shown answers the newest query."""
        return self._shown_generation == self._generation

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return self._window.rows_held

    def show(self, query: QueryT) -> None:
        """Look for ``query``, and count what it finds.

        What is shown stays until its first page is there. Late answers are dropped.
        """
        keeps_count = self._has_count_for(query)
        self._query = query
        self._generation += 1
        self._has_failed = False
        self._wanted.clear()
        self._fetching = None
        self._thread.ask(
            self,
            self._fetch(query, None, 0),
            then=partial(self._start_over, self._generation),
            failed=partial(self._fail, self._generation),
        )
        if not keeps_count:
            self._count = None
            self.count()

    def count(self) -> None:
        """Count anew what the newest query finds, where this list is counted."""
        if self._counting is not None:
            # The list works without a count, so a failure is left to the pages to tell.
            self._thread.ask(
                self,
                self._counting.ask(self._query),
                then=partial(self._take_count, self._query),
                failed=partial(self._fail, self._generation),
            )

    def refresh(self) -> None:
        """Fetch again what is being looked at, without counting; rows stay where they are meanwhile."""
        self._has_failed = False
        self._window.mark_stale()
        self._repaint()

    def find(self, row_id: object) -> int | None:
        """Return where a row is if it is among those in memory."""
        return self._window.find(row_id)

    def find_where(self, is_it: Callable[[RowT], bool]) -> int | None:
        """Return where a row is of which ``is_it`` tells so, among those in memory."""
        return self._window.find_where(is_it)

    def row_held(self, row: int) -> RowT | None:
        """Return what is in ``row`` if it is in memory; nothing is fetched."""
        return self._window.row_held(row)

    def row_at(self, row: int) -> RowT | None:
        """Return what is in ``row``; fetches its page when it is not held or not fresh."""
        page = row // PAGE_ROWS
        if not self._window.is_fresh(page):
            self._want(page)
        return self._window.row(row)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """Return how many rows there are, as far as is known."""
        return 0 if parent.isValid() else self._window.total

    def _has_count_for(self, query: QueryT) -> bool:
        is_alike = self._counting is not None and self._counting.holds_for_both(query, self._query)
        return is_alike and self._count is not None and self.is_current

    def _take_count(self, query: QueryT, count: Any) -> None:
        if self._counting is None or not (query is self._query or self._counting.holds_for_both(query, self._query)):
            return
        self._count = count
        total = self._counted_rows()
        if total is not None and self.is_current:
            before = self._window.total
            self._window.expect(total)
            self._resize(before)
        self.counted.emit(count)

    def _counted_rows(self) -> int | None:
        if self._counting is None or self._count is None:
            return None
        return self._counting.rows(self._count, self._query)

    def _start_over(self, generation: int, page: Page[RowT, KeyT]) -> None:
        if generation != self._generation:
            return
        self.beginResetModel()
        self._window = PageWindow[RowT, KeyT]()
        total = self._counted_rows()
        if total is not None:
            self._window.expect(total)
        self._window.take(0, page)
        self._shown_generation = generation
        self.endResetModel()
        self.query_shown.emit()

    def _want(self, page: int) -> None:
        if self._has_failed or not self.is_current or page == self._fetching or page in self._wanted:
            return
        self._wanted.append(page)
        if self._fetching is None:
            self._fetch_next()

    def _fetch_next(self) -> None:
        self._fetching = self._wanted.pop() if self._wanted else None
        if self._fetching is None:
            return
        after, skip = self._window.place_of(self._fetching)
        self._thread.ask(
            self,
            self._fetch(self._query, after, skip),
            then=partial(self._take_page, self._generation, self._fetching),
            failed=partial(self._fail, self._generation),
        )

    def _take_page(self, generation: int, number: int, page: Page[RowT, KeyT]) -> None:
        if generation != self._generation:
            return
        before = self._window.total
        self._window.take(number, page)
        self._resize(before)
        self._repaint()
        self.rows_moved.emit()
        self._fetch_next()

    def _resize(self, before: int) -> None:
        """Tell the views about rows that were added or removed at the end, which moves nothing above."""
        total = self._window.total
        if total > before:
            self._window.total = before
            self.beginInsertRows(NOWHERE, before, total - 1)
            self._window.total = total
            self.endInsertRows()
        elif total < before:
            self._window.total = before
            self.rows_leaving.emit(total)
            self.beginRemoveRows(NOWHERE, total, before - 1)
            self._window.total = total
            self.endRemoveRows()

    def _repaint(self) -> None:
        if self._window.total:
            self.dataChanged.emit(self.index(0, 0), self.index(self._window.total - 1, self.columnCount() - 1))

    def _fail(self, generation: int, error: CashierError) -> None:
        if generation == self._generation:
            # Painting asks again and again; a failure is tried again only when somebody says so.
            self._has_failed = True
            self._fetching = None
            self._wanted.clear()
            self.loading_failed.emit(error)
