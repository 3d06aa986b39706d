"""The part of an endless list that is held in memory: a few pages around what is being looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Row(Protocol):
    """A row that can be told from others."""

    @property
    def id(self) -> object:
        """What it is called, whatever place it has."""


RowT = TypeVar("RowT", bound=Row)
RowT_co = TypeVar("RowT_co", bound=Row, covariant=True)
KeyT = TypeVar("KeyT")
KeyT_co = TypeVar("KeyT_co", covariant=True)


class Page(Protocol[RowT_co, KeyT_co]):
    """Rows that follow each other; ``after`` is the key of the next page, None at the end."""

    @property
    def rows(self) -> tuple[RowT_co, ...]:
        """The rows, at most as many as were asked for."""

    @property
    def after(self) -> KeyT_co | None:
        """The key after which the next page begins."""


PAGE_ROWS = 100
"""As many as stand on the highest screen: a keystroke pays for each row of its first page, seen or not."""
PAGES_HELD = 16


class PageWindow(Generic[RowT, KeyT]):
    """Pages of one query. Rows that are not held are ``None``; nothing here asks anybody for them.

    A page is found by the key after which it begins (its anchor). Anchors are kept for every page that
    was ever seen, so scrolling costs the same anywhere; a jump counts rows from the nearest anchor above.
    """

    def __init__(self) -> None:
        """Begin with an empty list."""
        self.total = 0
        self._is_counted = False
        self._pages: OrderedDict[int, tuple[RowT, ...]] = OrderedDict()
        self._stale: set[int] = set()
        self._anchors: dict[int, KeyT | None] = {0: None}
        self._anchored = [0]

    @property
    def rows_held(self) -> int:
        """How many rows are in memory."""
        return sum(len(page) for page in self._pages.values())

    def row(self, index: int) -> RowT | None:
        """Return the row at ``index`` if it is held."""
        page = self._pages.get(index // PAGE_ROWS)
        if page is None:
            return None
        self._pages.move_to_end(index // PAGE_ROWS)
        offset = index % PAGE_ROWS
        return page[offset] if offset < len(page) else None

    def is_fresh(self, page: int) -> bool:
        """Tell whether ``page`` is held and was not marked as stale."""
        return page in self._pages and page not in self._stale

    def find(self, row_id: object) -> int | None:
        """Return where a row is among those that are held."""
        return self.find_where(lambda row: row.id == row_id)

    def find_where(self, is_it: Callable[[RowT], bool]) -> int | None:
        """Return where a row is of which ``is_it`` tells so, among those that are held."""
        for number, page in self._pages.items():
            for offset, row in enumerate(page):
                if is_it(row):
                    return number * PAGE_ROWS + offset
        return None

    def row_held(self, index: int) -> RowT | None:
        """Return the row at ``index`` if it is held, without taking that for a look at it."""
        page = self._pages.get(index // PAGE_ROWS, ())
        return page[index % PAGE_ROWS] if index % PAGE_ROWS < len(page) else None

    def place_of(self, page: int) -> tuple[KeyT | None, int]:
        """Return the key after which to look for ``page``, and how many rows to leave out from there."""
        nearest = self._anchored[bisect_right(self._anchored, page) - 1]
        return self._anchors[nearest], (page - nearest) * PAGE_ROWS

    def expect(self, total: int) -> None:
        """Take over a count; pages that tell more later correct it."""
        self._is_counted = True
        self.total = total

    def mark_stale(self) -> None:
        """Keep showing what is held, but let it be fetched again."""
        self._stale.update(self._pages)

    def take(self, number: int, page: Page[RowT, KeyT]) -> None:
        """Take in page ``number``. When it ends elsewhere than before, everything below it has moved."""
        self._pages[number] = page.rows
        self._pages.move_to_end(number)
        self._stale.discard(number)
        below = number + 1
        if below in self._anchors and self._anchors[below] != page.after:
            self._forget_below(number)
        if page.after is not None and below not in self._anchors:
            self._anchors[below] = page.after
            self._anchored.insert(bisect_right(self._anchored, below), below)
        while len(self._pages) > PAGES_HELD:
            gone, _rows = self._pages.popitem(last=False)
            self._stale.discard(gone)
        self._correct_total(number, page)

    def _forget_below(self, number: int) -> None:
        for page in [page for page in self._anchored if page > number]:
            del self._anchors[page]
        self._anchored = [page for page in self._anchored if page <= number]
        self._stale.update(page for page in self._pages if page > number)

    def _correct_total(self, number: int, page: Page[RowT, KeyT]) -> None:
        end = number * PAGE_ROWS + len(page.rows)
        if page.after is None:
            # An empty page below the first is beyond the end: the page above it knows better.
            self.total = end if page.rows or number == 0 else min(self.total, end)
        else:
            # Without a count there is always one page more to scroll into.
            self.total = max(self.total, end + (1 if self._is_counted else PAGE_ROWS))
