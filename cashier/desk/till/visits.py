"""The rooms that few people visit, and who finds them in the header: the services refuse everybody else anyway."""

from __future__ import annotations

from dataclasses import dataclass

from cashier.books.staff import Role
from cashier.desk.office.audit_page import AuditPage
from cashier.desk.office.limits_page import LimitsPage
from cashier.desk.office.staff_page import StaffPage
from cashier.desk.shift.shift_line import SHIFT_KEY
from cashier.desk.shift.shift_page import ShiftPage
from cashier.desk.till.pages import Visited
from cashier.staff.rights import ALLOWED, Action


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A room, what leads there, and the right that it takes."""

    kind: type[Visited]
    action: Action
    words: str
    picture: str
    key: str


VISITS = (
    Visit(kind=ShiftPage, action=Action.RUN_SHIFT, words="Shift", picture="cash", key=SHIFT_KEY),
    Visit(kind=AuditPage, action=Action.READ_AUDIT, words="Journal", picture="invoice", key="Ctrl+J"),
    Visit(kind=StaffPage, action=Action.MANAGE_STAFF, words="Staff", picture="patient", key="Ctrl+U"),
    Visit(kind=LimitsPage, action=Action.SET_LIMITS, words="Limits", picture="compare", key="Ctrl+M"),
)


def visits_of(role: Role) -> tuple[Visit, ...]:
    """Return the rooms that somebody of this role may visit."""
    return tuple(visit for visit in VISITS if role in ALLOWED[visit.action])
