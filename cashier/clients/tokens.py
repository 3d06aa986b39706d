"""Short-lived keys for one patient's records: a portal's back end asks for them, and may end them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from cashier.books.api_client import ApiToken, Scope
from cashier.clients.keys import KeyKind, make_key
from cashier.clients.service import Caller
from cashier.clock import now
from cashier.database import Database
from cashier.errors import Refused
from cashier.language import m

TOKEN_LIFETIME_MAX = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class MadeToken:
    """A token that was made just now: ``text`` is shown once and kept nowhere. It ends at ``ends_at`` (UTC)."""

    public_id: str
    ends_at: datetime
    text: str = field(repr=False)


class Tokens:
    """Tokens of the clients. A client's own keys make them; no token makes another."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def make(
        self,
        caller: Caller,
        *,
        patient_id: int,
        invoice_id: int | None,
        scopes: Collection[Scope],
        lifetime: timedelta,
    ) -> MadeToken:
        """Return a key for one patient's records, or for ``invoice_id`` alone. Each call makes another.

        Raises ``Refused`` for scopes that the client itself does not have or that nobody gives away, for too long a
        time, and for a caller who shows a token.
        """
        if caller.patient_id is not None:
            raise Refused(m("A token makes no tokens."), advice=m("Ask with a key of the client's own."))
        lacking = [scope for scope in Scope if scope in scopes and scope not in caller.scopes]
        lacking += [scope for scope in Scope if scope in scopes and not scope.is_for_tokens]
        if lacking or not scopes:
            raise Refused(
                m("The client may not give this away: {scopes}.", scopes=", ".join(dict.fromkeys(lacking))),
                advice=m("Ask for scopes of the client's own."),
            )
        if not timedelta() < lifetime <= TOKEN_LIFETIME_MAX:
            raise Refused(m("A token holds for an hour at most."), advice=m("Ask for a shorter time."))
        made, moment = make_key(KeyKind.TOKEN), now()
        async with self._database.transaction() as session:
            await session.execute(sa.delete(ApiToken).where(ApiToken.ends_at < moment))
            session.add(
                ApiToken(
                    public_id=made.public_id,
                    client_id=caller.client_id,
                    digest=made.digest,
                    patient_id=patient_id,
                    invoice_id=invoice_id,
                    scopes=" ".join(scope for scope in Scope if scope in scopes),
                    ends_at=moment + lifetime,
                )
            )
        return MadeToken(public_id=made.public_id, text=made.text, ends_at=moment + lifetime)

    async def end(self, caller: Caller, public_id: str) -> bool:
        """Let a token of the caller's client count no more, at once; return whether there was one. Safe to repeat."""
        mine = sa.delete(ApiToken).where(ApiToken.public_id == public_id, ApiToken.client_id == caller.client_id)
        async with self._database.transaction() as session:
            return bool((await session.execute(mine.returning(ApiToken.public_id))).scalars().all())
