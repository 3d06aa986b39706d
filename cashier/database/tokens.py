"""Tokens: by what PostgreSQL knows, in each transaction, who has signed in and who approves.

They are kept in memory alone, are never logged, and are told to the server for one transaction at a time, so that no
other user of the same connection finds them there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncConnection


class Carried(StrEnum):
    """As what a token is carried: the setting of PostgreSQL in which functions and guards look for it."""

    SIGN_IN = "cashier.token"
    APPROVAL = "cashier.approval"
    PIN = "cashier.pin"


@dataclass(frozen=True)
class Token:
    """What the database gave to somebody who proved who they are."""

    carried: Carried
    text: str = field(repr=False)


async def tell(connection: AsyncConnection, tokens: Iterable[Token | None]) -> None:
    """Tell the server the ``tokens`` of the running transaction; it forgets them at its end."""
    known = [each for each in tokens if each is not None]
    if not known:
        return
    told = ", ".join("set_config(%s, %s, true)" for _ in known)
    values = tuple(value for each in known for value in (each.carried.value, each.text))
    await connection.exec_driver_sql(f"SELECT {told}", values)
