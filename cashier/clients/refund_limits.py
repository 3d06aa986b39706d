"""How much clients of the API may refund by themselves: an administrator says so, and every refund beyond waits."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.api_client import ApiClient, ClientRefundLimit, Scope
from cashier.books.deeds.clients import ClientLimitSet
from cashier.books.deeds.deed import Subject
from cashier.books.hospital import Hospital
from cashier.clock import now
from cashier.database import ROW_LOCK, Database
from cashier.errors import Refused
from cashier.language import m
from cashier.money import Money, parse_amount
from cashier.staff.rights import Action, require

AMOUNT_MINOR_MAX = 99_999_999_999


@dataclass(frozen=True, kw_only=True)
class RefundLimit:
    """What ``client`` may refund by itself, in one refund and in a day of the hospital."""

    client: str
    each: Money
    day: Money


class ClientRefundLimits:
    """The limits of the clients. Changes raise ``Refused`` for anybody but an administrator."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def set(self, client: str, each: str, day: str, actor: journal.Actor) -> RefundLimit:
        """Let ``client`` refund so much by itself, in the hospital's currency; zero: nothing. The journal keeps both.

        It is a rule of who sets it, and holds while they are an administrator. Raises ``Refused`` for what is no
        amount, for less a day than in one refund, and for a client that is not there or lacks the scopes.
        """
        await require(self._database, actor, Action.MANAGE_CLIENTS, subject=Subject.CLIENT, subject_id=client)
        async with self._database.transaction() as session:
            currency = (await session.get_one(Hospital, 1)).currency
            limit = _checked(RefundLimit(client=client, each=_amount(each, currency), day=_amount(day, currency)))
            await _put(session, limit, actor)
        return limit

    async def all(self, actor: journal.Actor) -> tuple[RefundLimit, ...]:
        """Return the limits of the clients that have any."""
        await require(self._database, actor, Action.MANAGE_CLIENTS)
        statement = sa.select(ClientRefundLimit, ApiClient.name).join(
            ApiClient, ApiClient.id == ClientRefundLimit.client_id
        )
        async with self._database.reading() as session:
            rows = (await session.execute(statement.where(ClientRefundLimit.day_total_minor_max > 0))).all()
        return tuple(
            RefundLimit(
                client=name,
                each=Money(kept.amount_minor_max, kept.currency),
                day=Money(kept.day_total_minor_max, kept.currency),
            )
            for kept, name in rows
        )


async def _put(session: AsyncSession, limit: RefundLimit, actor: journal.Actor) -> None:
    statement = sa.select(ApiClient).where(ApiClient.name == limit.client, ApiClient.ended_at.is_(None))
    client = (await session.execute(statement.with_for_update(**ROW_LOCK))).scalar_one_or_none()
    if client is None:
        raise Refused(m("There is no client “{client}”.", client=limit.client), advice=m("See: cashier keys list"))
    lacking = [scope for scope in (Scope.REFUNDS_REQUEST, Scope.REFUNDS_APPROVE) if not client.may(scope)]
    if lacking and limit.each:
        raise Refused(
            m("{client} lacks the scopes for it: {scopes}.", client=client.name, scopes=", ".join(lacking)),
            advice=m("A client's scopes stay as they are: add another client that has them."),
        )
    kept = await session.get(ClientRefundLimit, client.id, with_for_update=ROW_LOCK)
    before: dict[str, int | str] | None = None
    if kept is not None:
        before = {**_facts(kept), "currency": kept.currency}
    if kept is None:
        kept = ClientRefundLimit(client_id=client.id)
        session.add(kept)
    kept.currency = limit.each.currency
    kept.amount_minor_max, kept.day_total_minor_max = limit.each.amount_minor, limit.day.amount_minor
    kept.set_by, kept.set_at = actor.staff_id or 0, now()
    await session.flush()
    deed = ClientLimitSet(client=client.name, currency=kept.currency, before=before, after=_facts(kept))
    await journal.record(session, deed, actor)


def _amount(text: str, currency: str) -> Money:
    amount = parse_amount(text, currency)
    if amount.amount_minor > AMOUNT_MINOR_MAX:
        raise Refused(m("“{typed}” is too large for a limit.", typed=text), advice=m("Give a smaller amount."))
    return amount


def _checked(limit: RefundLimit) -> RefundLimit:
    if limit.day < limit.each:
        raise Refused(
            m("A day's limit of {day} does not hold one refund of {each}.", day=limit.day, each=limit.each),
            advice=m("Give a day at least as much as one refund."),
        )
    if limit.day and not limit.each:
        raise Refused(
            m("With nothing in one refund, nothing goes back in a day."), advice=m("Give both as 0, or none of them.")
        )
    return limit


def _facts(limit: ClientRefundLimit) -> dict[str, int]:
    return {"amount_minor": limit.amount_minor_max, "day_total_minor": limit.day_total_minor_max}
