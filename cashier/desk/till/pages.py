"""The pages of a desk: one line each, whether a page stays or is made when it is visited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cashier.desk.commands.commands import Command
from cashier.desk.context import DeskContext
from cashier.desk.differences.differences_page import DifferencesPage
from cashier.desk.history.history_page import HistoryPage
from cashier.desk.kit.controls import Tone
from cashier.desk.office.audit_page import AuditPage
from cashier.desk.office.limits_page import LimitsPage
from cashier.desk.office.staff_page import StaffPage
from cashier.desk.page import Page
from cashier.desk.refunding.refunds_page import RefundsPage
from cashier.desk.shift.past_shifts_page import PastShiftsPage
from cashier.desk.shift.shift_page import ShiftPage
from cashier.language import NOTHING, Message, m


@dataclass(frozen=True, kw_only=True)
class HeaderPlace:
    """How the way to a page looks in the header. Pages without such a place are under “More”."""

    name: str
    """Its button is ``show_<name>``, what waits there ``<name>_count``."""
    waits: Message = NOTHING
    """What follows the number of what waits there."""
    tone: Tone = Tone.NEUTRAL
    has_hint: bool = True
    """Whether its key stands on the button."""


@dataclass(frozen=True, kw_only=True)
class PageRow:
    """A page: the command that leads there (words, key, right), and what makes it."""

    command: Command
    make: Callable[[DeskContext], Page]
    stays: bool = False
    """Made at signing in and kept; otherwise made when it is visited, and gone when it is left."""
    header: HeaderPlace | None = None


PAGES = (
    PageRow(
        command=Command.SHOW_DIFFERENCES,
        make=DifferencesPage,
        stays=True,
        header=HeaderPlace(name="differences", waits=m("open"), tone=Tone.BAD),
    ),
    PageRow(
        command=Command.SHOW_REFUNDS,
        make=RefundsPage,
        stays=True,
        header=HeaderPlace(name="refunds", waits=m("to decide"), tone=Tone.CAUTION, has_hint=False),
    ),
    PageRow(command=Command.SHOW_PAYMENTS, make=HistoryPage, stays=True, header=HeaderPlace(name="history")),
    PageRow(command=Command.SHOW_SHIFT, make=ShiftPage, stays=True),
    PageRow(command=Command.SHOW_PAST_SHIFTS, make=PastShiftsPage),
    PageRow(command=Command.SHOW_JOURNAL, make=AuditPage),
    PageRow(command=Command.SHOW_STAFF, make=StaffPage),
    PageRow(command=Command.SHOW_LIMITS, make=LimitsPage),
)
