"""Who may do what: one table, asked of the database at the moment of the deed, for a window may be older than a role.

Services call ``require`` at the beginning of a verb, before its transaction; windows use ``ALLOWED`` only to leave
out what would be refused. What the program does by itself (recovery, webhooks) asks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.staff import Refusal
from cashier.books.staff import Role, Staff
from cashier.database import Database
from cashier.errors import Refused
from cashier.language import m


class Action(StrEnum):
    """What needs a right, in the words of a refusal."""

    TAKE_PAYMENT = "taking payments"
    TAKE_DEPOSIT = "taking deposits"
    USE_DEPOSIT = "using deposits"
    END_PAYMENT = "ending payments"
    TAKE_OVER_PAYMENT = "taking over payments"
    KEEP_CARDS = "changing saved cards"
    HAND_OUT_RECEIPT = "handing out receipts"
    SEE_PAYMENTS = "looking at payments"
    SEE_EVERY_DESK = "looking at the payments of other desks"
    EXPORT_PAYMENTS = "exporting payments"
    REQUEST_REFUND = "asking for refunds"
    APPROVE_REFUND = "approving refunds"
    GIVE_CASH_FOR_CARD = "giving cash for a card refund that failed"
    SET_LIMITS = "setting limits for approvals"
    SEE_DIFFERENCES = "looking at differences"
    SETTLE_DIFFERENCE = "settling differences"
    RUN_SHIFT = "opening and closing one's own shift"
    MOVE_CASH = "moving cash"
    SEE_SHIFTS = "looking at other people's shifts"
    CLOSE_OTHERS_SHIFT = "closing somebody else's shift"
    APPROVE_CASH_DIFFERENCE = "approving a difference in the drawer"
    READ_AUDIT = "reading the journal"
    MANAGE_STAFF = "managing the staff"
    MANAGE_READERS = "setting up card readers"
    CHANGE_SETTINGS = "changing settings"


_EVERYBODY = frozenset(Role)
_COUNTER = frozenset({Role.CASHIER, Role.SUPERVISOR, Role.ADMINISTRATOR})
_SUPERVISION = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_OVERSIGHT = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
_ADMINISTRATION = frozenset({Role.ADMINISTRATOR})
_AUDIT = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})

ALLOWED: Mapping[Action, frozenset[Role]] = {
    Action.TAKE_PAYMENT: _COUNTER,
    Action.TAKE_DEPOSIT: _COUNTER,
    Action.USE_DEPOSIT: _COUNTER,
    Action.END_PAYMENT: _COUNTER,
    Action.TAKE_OVER_PAYMENT: _COUNTER,
    Action.KEEP_CARDS: _COUNTER,
    Action.HAND_OUT_RECEIPT: _COUNTER,
    Action.SEE_PAYMENTS: _EVERYBODY,
    Action.SEE_EVERY_DESK: _OVERSIGHT,
    Action.EXPORT_PAYMENTS: _EVERYBODY,
    Action.REQUEST_REFUND: _COUNTER,
    Action.APPROVE_REFUND: _SUPERVISION,
    Action.GIVE_CASH_FOR_CARD: _SUPERVISION,
    Action.SET_LIMITS: _ADMINISTRATION,
    Action.SEE_DIFFERENCES: _OVERSIGHT,
    Action.SETTLE_DIFFERENCE: _SUPERVISION,
    Action.RUN_SHIFT: _COUNTER,
    Action.MOVE_CASH: _COUNTER,
    Action.SEE_SHIFTS: _OVERSIGHT,
    Action.CLOSE_OTHERS_SHIFT: _SUPERVISION,
    Action.APPROVE_CASH_DIFFERENCE: _SUPERVISION,
    Action.READ_AUDIT: _AUDIT,
    Action.MANAGE_STAFF: _ADMINISTRATION,
    Action.MANAGE_READERS: _ADMINISTRATION,
    Action.CHANGE_SETTINGS: _ADMINISTRATION,
}
"""Which roles may do what. The auditor reads and exports, and changes nothing."""

REFUSED = "refused"
"""What the journal calls a deed that somebody had no right to."""


async def may(session: AsyncSession, actor: journal.Actor, action: Action) -> bool:
    """Tell whether who acts may do this now; nobody signed in may nothing, nor may who has left."""
    staff = await session.get(Staff, actor.staff_id) if actor.staff_id is not None else None
    return staff is not None and staff.is_active and staff.role in ALLOWED[action]


async def require(
    database: Database,
    actor: journal.Actor,
    action: Action,
    *,
    subject: Subject = Subject.STAFF,
    subject_id: object = None,
) -> None:
    """Raise ``Refused`` unless who acts may do this now; the journal keeps the refusal.

    Call it before the transaction of the deed: the refusal is written in one of its own, which is committed.
    ``subject`` and ``subject_id`` say what the deed was about; left out, it was about the person.
    """
    async with database.reading() as session:
        is_allowed = await may(session, actor, action)
    if is_allowed:
        return
    async with database.transaction() as session:
        about_id = subject_id if subject_id is not None else actor.staff_id or "nobody"
        await journal.record(session, Refusal(about=subject, about_id=str(about_id), wanted=action.value), actor)
    advice = "Ask one of them to do it." if actor.staff_id is not None else "Sign in first."
    raise Refused(
        m(
            "{upper}{value} is for {named}.",
            upper=action.value[0].upper(),
            value=action.value[1:],
            named=_named(ALLOWED[action]),
        ),
        advice=advice,
    )


def _named(roles: frozenset[Role]) -> str:
    """Write ``roles`` as an enumeration, in the order in which they are defined."""
    *others, last = [f"{role}s" for role in Role if role in roles]
    return f"{', '.join(others)} and {last}" if others else last
