"""The hospital and its desks, as windows and receipts name them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from cashier.books.hospital import Desk, Hospital
from cashier.database import Database
from cashier.errors import Misconfigured
from cashier.language import ENGLISH, joined, m, mc, offered_language, verbatim


@dataclass(frozen=True, kw_only=True)
class Station:
    """The desk that a machine is, in its hospital. ``cash_step_minor`` and ``language``: see ``Hospital``."""

    desk_id: int
    code: str
    name: str
    hospital: str
    currency: str
    cash_step_minor: int
    time_zone: str
    language: str = ENGLISH


class Desks:
    """The desks of the hospital."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    async def station(self, code: str) -> Station:
        """Return the desk called ``code``. Raises ``Misconfigured`` when there is none, or no hospital yet."""
        async with self._database.reading() as session:
            hospital = await session.get(Hospital, 1)
            counters = sa.select(Desk).where(Desk.is_active, Desk.is_counter).order_by(Desk.code)
            desks = (await session.execute(counters)).scalars().all()
        if hospital is None:
            raise Misconfigured(m("The hospital is not set up yet."), advice=m("Run: cashier setup"))
        desk = next((desk for desk in desks if desk.code == code), None)
        if desk is None:
            raise Misconfigured(
                m("This machine is set up as desk “{desk}”, which does not exist.", desk=code),
                advice=m(
                    "Set code in [desk] of the settings to one of: {desks}.",
                    desks=joined(", ", (verbatim(each.code) for each in desks)) or mc("desks", "none yet"),
                ),
            )
        return Station(
            desk_id=desk.id,
            code=desk.code,
            name=desk.name,
            hospital=hospital.name,
            currency=hospital.currency,
            cash_step_minor=hospital.cash_step_minor,
            time_zone=hospital.time_zone,
            language=hospital.spoken_language,
        )

    async def currency(self) -> str:
        """Return the hospital's currency. Raises ``Misconfigured`` where there is no hospital yet."""
        async with self._database.reading() as session:
            found = (await session.execute(sa.select(Hospital.currency))).scalar_one_or_none()
        if found is None:
            raise Misconfigured(m("The hospital is not set up yet."), advice=m("Run: cashier setup"))
        return found

    async def language(self) -> str:
        """Return the hospital's language; English where there is no hospital yet."""
        async with self._database.reading() as session:
            found = (await session.execute(sa.select(Hospital.language))).scalar_one_or_none()
        return offered_language(found or "") or ENGLISH
