"""The rooms that few people visit, and who finds them in the header: the services refuse everybody else anyway."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.books.staff import Role
from cashier.desk.commands.commands import Command
from cashier.desk.commands.shortcuts import is_offered
from cashier.desk.office.audit_page import AuditPage
from cashier.desk.office.limits_page import LimitsPage
from cashier.desk.office.staff_page import StaffPage
from cashier.desk.shift.shift_page import ShiftPage
from cashier.desk.till.pages import Visited


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A room, and what leads there."""

    kind: type[Visited]
    command: Command


VISITS = (
    Visit(kind=ShiftPage, command=Command.SHOW_SHIFT),
    Visit(kind=AuditPage, command=Command.SHOW_JOURNAL),
    Visit(kind=StaffPage, command=Command.SHOW_STAFF),
    Visit(kind=LimitsPage, command=Command.SHOW_LIMITS),
)


def visits_of(role: Role) -> tuple[Visit, ...]:
    """Return the rooms that somebody of this role may visit."""
    return tuple(visit for visit in VISITS if is_offered(visit.command, role))
