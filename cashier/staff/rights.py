"""Who may do what: one table, asked of the database at the moment of the deed, for a window may be older than a role.

Services call ``require`` at the beginning of a verb, before its transaction; windows use ``ALLOWED`` only to leave
out what would be refused. What the program does by itself (recovery, webhooks) asks nobody.
"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.api_client import ApiClient, Scope
from cashier.books.deeds.deed import Subject
from cashier.books.deeds.staff import Refusal
from cashier.books.staff import Role, Staff
from cashier.database import Database
from cashier.errors import Refused
from cashier.language import Message, listed, m
from cashier.staff.actions import Action

__all__ = ["ALLOWED", "ROLE_NAMES", "SCOPE_FOR", "Action", "may", "require"]


_EVERYBODY = frozenset(role for role in Role if role.is_person)
_COUNTER = frozenset({Role.CASHIER, Role.SUPERVISOR, Role.ADMINISTRATOR})
_SUPERVISION = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})
_OVERSIGHT = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
_ADMINISTRATION = frozenset({Role.ADMINISTRATOR})
_AUDIT = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})

ALLOWED: Mapping[Action, frozenset[Role]] = {
    Action.TAKE_PAYMENT: _COUNTER,
    Action.TAKE_DEPOSIT: _COUNTER,
    Action.REGISTER_PATIENT: _COUNTER,
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
    Action.DECIDE_REVERSAL: _SUPERVISION,
    Action.SEND_EVIDENCE: _SUPERVISION,
    Action.RUN_SHIFT: _COUNTER,
    Action.MOVE_CASH: _COUNTER,
    Action.SEE_SHIFTS: _OVERSIGHT,
    Action.CLOSE_OTHERS_SHIFT: _SUPERVISION,
    Action.APPROVE_CASH_DIFFERENCE: _SUPERVISION,
    Action.READ_AUDIT: _AUDIT,
    Action.MERGE_PATIENTS: _SUPERVISION,
    Action.SETTLE_MESSAGE: _SUPERVISION,
    Action.MANAGE_STAFF: _ADMINISTRATION,
    Action.MANAGE_CLIENTS: _ADMINISTRATION,
    Action.MANAGE_READERS: _ADMINISTRATION,
    Action.CHANGE_SETTINGS: _ADMINISTRATION,
}
"""Which roles may do what. The auditor reads and exports, and changes nothing."""

SCOPE_FOR: Mapping[Action, Scope] = {
    Action.TAKE_PAYMENT: Scope.PAYMENTS_WRITE,
    Action.TAKE_DEPOSIT: Scope.PAYMENTS_WRITE,
    Action.END_PAYMENT: Scope.PAYMENTS_WRITE,
    Action.KEEP_CARDS: Scope.CARDS_WRITE,
    Action.HAND_OUT_RECEIPT: Scope.RECEIPTS_READ,
    Action.SEE_PAYMENTS: Scope.PAYMENTS_READ,
    Action.REQUEST_REFUND: Scope.REFUNDS_REQUEST,
}
"""By which scope a client of the API may do what; the rest is for people alone.

No client approves: what it refunds by itself is within a rule that an administrator made (``refunds/limits.py``).
"""

_DEEDS: Mapping[Action, Message] = {
    Action.TAKE_PAYMENT: m("Taking payments"),
    Action.TAKE_DEPOSIT: m("Taking deposits"),
    Action.REGISTER_PATIENT: m("Registering patients"),
    Action.USE_DEPOSIT: m("Using deposits"),
    Action.END_PAYMENT: m("Ending payments"),
    Action.TAKE_OVER_PAYMENT: m("Taking over payments"),
    Action.KEEP_CARDS: m("Changing saved cards"),
    Action.HAND_OUT_RECEIPT: m("Handing out receipts"),
    Action.SEE_PAYMENTS: m("Looking at payments"),
    Action.SEE_EVERY_DESK: m("Looking at the payments of other desks"),
    Action.EXPORT_PAYMENTS: m("Exporting payments"),
    Action.REQUEST_REFUND: m("Asking for refunds"),
    Action.APPROVE_REFUND: m("Approving refunds"),
    Action.GIVE_CASH_FOR_CARD: m("Giving cash for a card refund that failed"),
    Action.SET_LIMITS: m("Setting limits for approvals"),
    Action.SEE_DIFFERENCES: m("Looking at differences"),
    Action.SETTLE_DIFFERENCE: m("Settling differences"),
    Action.DECIDE_REVERSAL: m("Deciding who bears money that went away"),
    Action.SEND_EVIDENCE: m("Sending evidence to a bank"),
    Action.RUN_SHIFT: m("Opening and closing one's own shift"),
    Action.MOVE_CASH: m("Moving cash"),
    Action.SEE_SHIFTS: m("Looking at other people's shifts"),
    Action.CLOSE_OTHERS_SHIFT: m("Closing somebody else's shift"),
    Action.APPROVE_CASH_DIFFERENCE: m("Approving a difference in the drawer"),
    Action.READ_AUDIT: m("Reading the journal"),
    Action.MERGE_PATIENTS: m("Merging patients"),
    Action.SETTLE_MESSAGE: m("Settling messages of other systems"),
    Action.MANAGE_STAFF: m("Managing the staff"),
    Action.MANAGE_CLIENTS: m("Managing clients of the API"),
    Action.MANAGE_READERS: m("Setting up card readers"),
    Action.CHANGE_SETTINGS: m("Changing settings"),
}
"""What needs a right, as the beginning of a refusal."""

ROLE_NAMES: Mapping[Role, Message] = {
    Role.CASHIER: m("cashier"),
    Role.SUPERVISOR: m("supervisor"),
    Role.ADMINISTRATOR: m("administrator"),
    Role.AUDITOR: m("auditor"),
    Role.SERVICE: m("client of the API"),
}
"""What one of each role is called, inside a sentence."""

_ROLES: Mapping[Role, Message] = {
    Role.CASHIER: m("cashiers"),
    Role.SUPERVISOR: m("supervisors"),
    Role.ADMINISTRATOR: m("administrators"),
    Role.AUDITOR: m("auditors"),
    Role.SERVICE: m("clients of the API"),
}
"""What several of each role are called, inside a sentence."""


async def may(session: AsyncSession, actor: journal.Actor, action: Action) -> bool:
    """Tell whether who acts may do this now; nobody signed in may nothing, nor may who has left.

    A client of the API may what its scopes say, as they are now.
    """
    match actor.kind:
        case journal.ActorKind.STAFF:
            staff = await session.get(Staff, actor.staff_id)
            return staff is not None and staff.is_active and staff.role in ALLOWED[action]
        case journal.ActorKind.CLIENT:
            statement = sa.select(ApiClient).where(ApiClient.name == actor.client)
            client = (await session.execute(statement)).scalar_one_or_none()
            scope = SCOPE_FOR.get(action)
            return client is not None and scope is not None and client.may(scope)
        case journal.ActorKind.PROGRAM:
            return False


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
    raise Refused(
        m(
            "{deed} is for {roles}.",
            deed=_DEEDS[action],
            roles=listed(_ROLES[role] for role in Role if role in ALLOWED[action]),
        ),
        advice=m("Ask one of them to do it.") if actor.kind is journal.ActorKind.STAFF else m("Sign in first."),
    )
