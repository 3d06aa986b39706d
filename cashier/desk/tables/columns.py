"""What a table of the desk is made of: a list of columns. To add one is to add a line to such a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from PySide6.QtCore import Qt

from cashier.desk.kit.controls import Tone
from cashier.language import NOTHING, Message

RowT = TypeVar("RowT")


class Side(Enum):
    """On which side of a column text stands; amounts and numbers stand right."""

    LEFT = Qt.AlignmentFlag.AlignLeft
    RIGHT = Qt.AlignmentFlag.AlignRight

    @property
    def alignment(self) -> Qt.AlignmentFlag:
        """The same for Qt, in the middle of the row's height."""
        return self.value | Qt.AlignmentFlag.AlignVCenter


class Width(Enum):
    """How wide a column is that has no width of its own."""

    CONTENTS = "contents"
    """As wide as what stands in it just now: for short tables only, for every row is measured."""
    REST = "rest"
    """What the other columns leave; one column of a table has it."""


def _never(_row: object) -> bool:
    return False


def always(_row: object) -> bool:
    """Tell of every row that it is so."""
    return True


def _no_tone(_row: object) -> Tone | None:
    return None


def _no_tip(_row: object) -> Message:
    return NOTHING


@dataclass(frozen=True, kw_only=True)
class Column(Generic[RowT]):
    """One column: what stands above it and in it, how that looks, how wide it is, and when it is left out."""

    name: str
    """What the program calls it."""
    heading: Message
    text: Callable[[RowT], Message]
    side: Side = Side.LEFT
    tone: Callable[[RowT], Tone | None] = _no_tone
    """The colour of the text; None is plain ink."""
    is_bold: Callable[[RowT], bool] = _never
    is_pill: bool = False
    """Where the table is painted by hand, the text stands in a pill of its tone."""
    tip: Callable[[RowT], Message] = _no_tip
    """More of it, under the pointer."""
    width: Width | int | str | Message | tuple[Message, ...] = Width.CONTENTS
    """Pixels; or the widest text that is expected to stand there; or all of those, where the widest is not known."""
    hidden_below: int = 0
    """A table that is narrower (pixels) leaves it out: the sheet beside the table tells the same."""
    gives_way: int = 0
    """Where names would be cut, these columns are left out one after the other, the lowest number first; 0: never."""
    lets_names_break: bool = False
    """It only gives way where names had not even room over several lines."""


def place_of(columns: Sequence[Column[RowT]], name: str) -> int:
    """Return where the column called ``name`` stands, from 0."""
    return next(place for place, column in enumerate(columns) if column.name == name)
