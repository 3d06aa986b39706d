"""Deeds about shifts: the drawer, its counts and its reports."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, TypedDict

from cashier.books.deeds.deed import Deed, DeedKind, Subject

HandingOut: TypeAlias = Literal[DeedKind.SHIFT_REPORT_PRINTED, DeedKind.SHIFT_REPORT_REPRINTED]


class OfShift(TypedDict):
    """What every deed about an open shift says of it."""

    shift: int
    number: int
    currency: str


class OfCount(TypedDict):
    """What a deed says of a count; ``pieces`` by the value of note or coin in minor units."""

    counted_minor: int
    expected_minor: int
    pieces: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class ShiftDeed(Deed):
    """Something was done with a shift; ``number`` is counted at its desk."""

    SUBJECT: ClassVar = Subject.SHIFT
    KEY: ClassVar = "shift"

    shift: int
    number: int


@dataclass(frozen=True, kw_only=True)
class _InCurrency(ShiftDeed):
    currency: str


@dataclass(frozen=True, kw_only=True)
class ShiftOpened(_InCurrency):
    """A shift began with this much in its drawer."""

    kind: Literal[DeedKind.SHIFT_OPENED] = DeedKind.SHIFT_OPENED
    float_minor: int


@dataclass(frozen=True, kw_only=True)
class MovedAllTheSame(ShiftDeed):
    """A float or a movement of cash was written down although it was asked again; see ``TakenAllTheSame``."""

    kind: Literal[DeedKind.DONE_ALL_THE_SAME] = DeedKind.DONE_ALL_THE_SAME
    doubts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class CashMoved(_InCurrency):
    """Money was put into the drawer or taken out of it, besides payments and refunds."""

    kind: Literal[DeedKind.CASH_MOVED_IN, DeedKind.CASH_MOVED_OUT]
    movement: uuid.UUID
    amount_minor: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class CashOutRefused(_InCurrency):
    """Somebody wanted to take more out of a drawer than should be there."""

    kind: Literal[DeedKind.CASH_OUT_REFUSED] = DeedKind.CASH_OUT_REFUSED
    amount_minor: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class DrawerCounted(_InCurrency):
    """Somebody counted the drawer; ``pieces`` by the value of note or coin in minor units."""

    kind: Literal[DeedKind.DRAWER_COUNTED] = DeedKind.DRAWER_COUNTED
    counted_minor: int
    expected_minor: int
    pieces: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class OwnDifferenceRefused(_InCurrency):
    """Somebody wanted to approve what their own drawer is off by."""

    kind: Literal[DeedKind.OWN_DIFFERENCE_REFUSED] = DeedKind.OWN_DIFFERENCE_REFUSED


@dataclass(frozen=True, kw_only=True)
class XReportMade(_InCurrency):
    """Somebody looked at an open shift; ``expected_minor`` is None where the report is silent about cash."""

    kind: Literal[DeedKind.X_REPORT_MADE] = DeedKind.X_REPORT_MADE
    expected_minor: int | None


@dataclass(frozen=True, kw_only=True)
class ShiftReportHandedOut(_InCurrency):
    """The Z report was printed or saved: the first one has ``copy`` 0. ``facts_sha256`` digests what stands on it."""

    kind: HandingOut
    copy: int
    facts_sha256: str


@dataclass(frozen=True, kw_only=True)
class PastShiftsExported(Deed):
    """Somebody wrote closed shifts of every desk to a file."""

    SUBJECT: ClassVar = Subject.DESK
    KEY: ClassVar = ""

    kind: Literal[DeedKind.SHIFTS_EXPORTED] = DeedKind.SHIFTS_EXPORTED
    rows: int
    file: str
    filters: Mapping[str, object]

    @property
    def subject_id(self) -> str:
        """Those of all desks, as the payments of all are called."""
        return "every desk"


@dataclass(frozen=True, kw_only=True)
class ShiftClosed(ShiftDeed):
    """A shift ended with this count; ``approved_by`` is whoever accepted a difference."""

    kind: Literal[DeedKind.SHIFT_CLOSED] = DeedKind.SHIFT_CLOSED
    counted_minor: int
    expected_minor: int
    pieces: Mapping[str, int]
    reason: str
    approved_by: int | None
