"""Secrets on PostgreSQL: the functions of ``books/schema/signing_in.py`` know them, and nobody else may look.

The program derives keys and shows them; what is kept, counted and compared stays in the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.database import Database
from cashier.database.tokens import Carried, Token
from cashier.staff.pins import NewSecret, Salt, parameters_of_today
from cashier.staff.secrets_kept import Attempt, Called, Changed, Held, Lock, Purpose, Right, Wrong

_CARRIED = {
    "sign-in": Carried.SIGN_IN,
    "approve": Carried.APPROVAL,
    "change-pin": Carried.PIN,
}


class SecretsOnPostgresql:
    """Asks the database's functions."""

    def __init__(self, database: Database) -> None:
        """Ask ``database``."""
        self._database = database

    async def salt(self, who: Called) -> Salt:
        """Ask for the salt: a real one, or one that a name without an owner always has."""
        async with self._database.reading() as session:
            asked = "SELECT salt, parameters FROM staff_salt(:person, :name, :badge)"
            row = await _row(session, asked, **_values(who))
        return Salt(salt=row.salt, parameters=row.parameters)

    async def attempt(self, who: Called, key: bytes, *, desk_id: int | None) -> Attempt | Held:
        """Have it counted; the commit comes before anything is said about the key."""
        async with self._database.transaction() as session:
            asked = "SELECT * FROM staff_try(:person, :name, :badge, :key, :desk)"
            row = await _row(session, asked, key=key, desk=desk_id, **_values(who))
        if row.attempt is None:
            return Held(staff_id=row.staff, wait_seconds=row.wait_seconds or 0, is_locked=row.is_locked)
        return Attempt(id=row.attempt, key=key)

    async def take(self, attempt: Attempt, purpose: Purpose, *, about: str = "") -> Right | Wrong:
        """Hear what came of it, and be given a token."""
        async with self._database.transaction() as session:
            asked = "SELECT * FROM staff_take(:attempt, :purpose, :about)"
            row = await _row(session, asked, attempt=attempt.id, purpose=purpose.value, about=about)
        if row.token is None:
            return Wrong(staff_id=row.staff, is_locked=row.is_locked)
        return Right(
            staff_id=row.staff,
            change_why=row.change_why or "",
            is_outdated=row.is_as_before or row.parameters != parameters_of_today(),
            token=Token(_CARRIED[row.granted], row.token),
        )

    async def leave(self) -> None:
        """End the session of the token that is carried, and carry it no more."""
        if self._database.carried is None:
            return
        async with self._database.transaction() as session:
            await session.execute(sa.text("SELECT staff_leave()"))
        self._database.carried = None

    async def renew(self, session: AsyncSession, staff_id: int, made: NewSecret) -> str:
        """Have another salt kept; the database knows by the token whose."""
        mark: str = (
            await _row(session, "SELECT staff_renew_secret(:salt, :parameters, :key) AS mark", **_of(made))
        ).mark
        return mark

    async def own_salts(self, session: AsyncSession, staff_id: int) -> Sequence[Salt]:
        """Ask for them, by the token for changing the PIN."""
        rows = await session.execute(sa.text("SELECT salt, parameters FROM staff_own_salts()"))
        return [Salt(salt=row.salt, parameters=row.parameters) for row in rows]

    async def change(
        self, session: AsyncSession, staff_id: int, made: NewSecret, known: Sequence[bytes], *, desk_id: int | None
    ) -> Changed | None:
        """Have the PIN changed by the token for that, which is used up."""
        asked = "SELECT * FROM staff_change_pin(:salt, :parameters, :key, :known)"
        row = await _row(session, asked, known=list(known), **_of(made))
        return None if row.mark is None else Changed(mark=row.mark, token=Token(Carried.SIGN_IN, row.token))

    async def put(self, session: AsyncSession, staff_id: int, made: NewSecret) -> str:
        """Have a first PIN kept; the token has to be an administrator's."""
        await session.flush()
        asked = "SELECT staff_put_secret(:person, :salt, :parameters, :key) AS mark"
        mark: str = (await _row(session, asked, person=staff_id, **_of(made))).mark
        return mark

    async def unlock(self, session: AsyncSession, staff_id: int) -> bool:
        """Have failures forgiven; the token has to be an administrator's."""
        done: bool = (await _row(session, "SELECT staff_unlock(:person) AS done", person=staff_id)).done
        return done

    async def locks(self, session: AsyncSession) -> Mapping[int, Lock]:
        """Ask who is locked; the token has to be an administrator's."""
        rows = await session.execute(sa.text("SELECT staff_id, locked_at, locked_until FROM staff_locks()"))
        return {row.staff_id: Lock(locked_at=row.locked_at, locked_until=row.locked_until) for row in rows}


async def _row(session: AsyncSession, asked: str, **values: object) -> sa.Row[Any]:
    return (await session.execute(sa.text(asked), values)).one()


def _values(who: Called) -> dict[str, object]:
    return {"person": who.staff_id, "name": who.name, "badge": who.badge_digest}


def _of(made: NewSecret) -> dict[str, object]:
    return {"salt": made.salt.salt, "parameters": made.salt.parameters, "key": made.key}
