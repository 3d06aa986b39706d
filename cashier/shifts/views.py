"""What windows order and see of shifts: immutable values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cashier.asked_again.doubt import Doubt
from cashier.books.shift import MovementKind
from cashier.language import Message
from cashier.money import Money
from cashier.shifts.facts import TenderSum, name_of


@dataclass(frozen=True, kw_only=True)
class ShiftView:
    """One shift, without what should be in its drawer: that is shown after it was counted."""

    id: int
    number: int
    desk_code: str
    opened_at: datetime
    opened_by: str
    opened_by_id: int
    float: Money
    movements: int
    payments: int
    takings: tuple[TenderSum, ...] = ()
    """What was taken by each way but cash, which is counted blind."""
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def name(self) -> str:
        """Name the shift as its report does: ``D1-7``."""
        return name_of(self.desk_code, self.number)


@dataclass(frozen=True, kw_only=True)
class DeskShifts:
    """Where a desk stands: its open shift, the last one that was closed, and the number of the next."""

    open: ShiftView | None
    last_closed: ShiftView | None
    next_number: int


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Open the desk's shift of this ``number`` with a float: a repeated Enter opens the same shift.

    ``decided`` are the doubts about it that somebody was asked about and decided.
    """

    number: int
    float: Money
    decided: frozenset[Doubt] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Put money into the drawer, or take it out. ``id`` is made by the window: once is once.

    ``decided`` are the doubts about it that somebody was asked about and decided.
    """

    id: uuid.UUID
    shift_id: int
    kind: MovementKind
    amount: Money
    reason: str
    decided: frozenset[Doubt] = frozenset()


@dataclass(frozen=True, kw_only=True)
class DrawerCount:
    """How many pieces of each value (in minor units) lie in the drawer of a shift."""

    shift_id: int
    pieces: Mapping[int, int]

    @property
    def counted_minor(self) -> int:
        """The sum, in minor units of the shift's currency."""
        return sum(value * pieces for value, pieces in self.pieces.items())


@dataclass(frozen=True, kw_only=True)
class CountOutcome:
    """What the count says: ``is_off`` when it is over or short by more than is let pass.

    ``wants_approval`` when who counted cannot answer for that alone, having worked the shift.
    """

    expected: Money
    counted: Money
    is_off: bool
    wants_approval: bool

    @property
    def difference(self) -> Money:
        """What is over (positive) or short."""
        return self.counted - self.expected


@dataclass(frozen=True, kw_only=True)
class Closing:
    """Close a shift with this count.

    What is off by too much wants a reason and somebody who did not work the shift: who closes it, or name and PIN.
    """

    count: DrawerCount
    reason: str = ""
    approver_name: str = ""
    approver_pin: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class ReportPdf:
    """A shift's report as a document in a ``language``. ``copy`` is 0 for the first Z report, and else its number."""

    title: Message
    file_name: str
    pdf: bytes
    language: str
    copy: int = 0
