"""What a hospital begins with: its facts, a desk, an administrator; and adding desks and people later."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cashier.books import journal
from cashier.books.deeds.records import (
    DeskAdded,
    HospitalSetUp,
    LanguagesChanged,
    ReceiptsChanged,
    SmallestCoinChanged,
    TimeZoneChanged,
)
from cashier.books.deeds.staff import StaffAdded
from cashier.books.hospital import Desk, Hospital, ReceiptExtra
from cashier.books.staff import Role, Staff
from cashier.books.training import MARK
from cashier.clock import check_zone
from cashier.database import Base, Database
from cashier.errors import Refused
from cashier.language import ENGLISH, Message, m, verbatim
from cashier.money import Money, parse_amount
from cashier.staff import pins
from cashier.staff.pins import NewSecret
from cashier.staff.service import check_language


@dataclass(frozen=True, kw_only=True)
class HospitalFacts:
    """The hospital as it stands on receipts; ``address`` may have several lines. For the coin see ``Hospital``."""

    name: str
    legal_name: str
    tax_id: str
    address: str
    phone: str
    currency: str
    time_zone: str
    receipt_footer: str
    cash_step_minor: int = 0
    language: str = ENGLISH
    paper_language: str = ""


@dataclass(frozen=True, kw_only=True)
class NewDesk:
    """A desk to be added; ``code`` begins the numbers of its receipts."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class NewStaff:
    """Somebody who is to sign in."""

    sign_in_name: str
    display_name: str
    role: Role


_FIELDS: Mapping[str, Message] = {
    "name": m("name"),
    "legal_name": m("legal name"),
    "tax_id": m("tax id"),
    "address": m("address"),
    "phone": m("phone"),
    "currency": m("currency"),
    "time_zone": m("time zone"),
    "receipt_footer": m("receipt footer"),
    "code": m("code"),
    "sign_in_name": m("sign in name"),
    "display_name": m("display name"),
}
"""What is written down, by its column, inside a sentence."""


async def refuse_second_setup(database: Database) -> None:
    """Raise ``Refused`` when the hospital is set up already."""
    async with database.reading() as session:
        hospital = await session.get(Hospital, 1)
    if hospital is not None:
        raise Refused(
            m("{hospital} is set up already.", hospital=hospital.name),
            advice=m("Add to it with: cashier setup --add-desk, or: cashier setup --add-staff"),
        )


async def set_up(database: Database, facts: HospitalFacts, desk: NewDesk, first: NewStaff, pin: str) -> None:
    """Write down the hospital, its first desk and its first administrator: all of it, or nothing.

    Raises ``Refused`` when that was done before or a fact cannot be kept.
    """
    await refuse_second_setup(database)
    _check_facts(facts)
    pins.check_new(pin, sign_in_name=first.sign_in_name)
    made = await asyncio.to_thread(pins.drawn_for, pin)
    try:
        async with database.transaction() as session:
            await _add(session, Hospital(id=1, **vars(facts)))
            await journal.record(session, HospitalSetUp(), journal.PROGRAM)
            await _add_desk(session, desk)
            await _add_staff(session, first, made, must_change_pin=False)
    except IntegrityError:
        raise Refused(
            m("Somebody else set the hospital up at the same moment."), advice=m("Run: cashier doctor")
        ) from None


async def add_desk(database: Database, desk: NewDesk) -> None:
    """Add a desk. Raises ``Refused`` when its code is taken or cannot be kept."""
    try:
        async with database.transaction() as session:
            await _add_desk(session, desk)
    except IntegrityError:
        raise Refused(
            m("There is a desk {desk} already.", desk=desk.code), advice=m("Choose another code.")
        ) from None


async def change_smallest_coin(database: Database, text: str) -> Money:
    """Round cash to the coin that ``text`` says, in the hospital's currency, from now on; return it.

    Raises ``Refused`` for what is no coin, and where no hospital is set up.
    """
    async with database.transaction() as session:
        hospital = await session.get(Hospital, 1)
        if hospital is None:
            raise Refused(m("The hospital is not set up yet."), advice=m("Run: cashier setup"))
        hospital.cash_step_minor = coin_of(text, hospital.currency)
        await session.flush()
        deed = SmallestCoinChanged(amount_minor=hospital.cash_step_minor, currency=hospital.currency)
        await journal.record(session, deed, journal.PROGRAM)
        return Money(hospital.cash_step_minor, hospital.currency)


async def change_time_zone(database: Database, time_zone: str) -> None:
    """Show times as the clocks in ``time_zone`` do from now on. Raises ``Refused`` for what is no time zone.

    Papers keep the times that they were issued with.
    """
    check_zone(time_zone)
    async with database.transaction() as session:
        hospital = await session.get(Hospital, 1)
        if hospital is None:
            raise Refused(m("The hospital is not set up yet."), advice=m("Run: cashier setup"))
        former, hospital.time_zone = hospital.time_zone, time_zone
        _check_lengths(hospital)
        await session.flush()
        await journal.record(session, TimeZoneChanged(former=former, present=time_zone), journal.PROGRAM)


async def change_languages(database: Database, *, language: str | None, paper_language: str | None) -> Hospital:
    """Let the hospital speak, and its papers be in, another language from now on; None leaves one as it is.

    Papers that were made stay as they are; an empty ``paper_language`` follows the hospital's. Raises ``Refused``
    for a language that is not offered, and where no hospital is set up.
    """
    check_language(language or "")
    check_language(paper_language or "")
    async with database.transaction() as session:
        hospital = await session.get(Hospital, 1)
        if hospital is None:
            raise Refused(m("The hospital is not set up yet."), advice=m("Run: cashier setup"))
        hospital.language = language or hospital.language
        hospital.paper_language = hospital.paper_language if paper_language is None else paper_language
        await session.flush()
        deed = LanguagesChanged(language=hospital.language, paper_language=hospital.paper_language)
        await journal.record(session, deed, journal.PROGRAM)
        return hospital


async def change_receipts(database: Database, wanted: str) -> frozenset[ReceiptExtra]:
    """Show on receipts, from now on, the extras that ``wanted`` names (commas between, empty: none); return them.

    Receipts that were issued stay as they are. Raises ``Refused`` for what is none of them, and where no hospital is
    set up.
    """
    codes = [code.strip() for code in wanted.split(",") if code.strip()]
    unknown = next((code for code in codes if code not in set(ReceiptExtra)), None)
    if unknown is not None:
        raise Refused(
            m("Receipts cannot show “{code}”.", code=unknown),
            advice=m("Name any of these, with commas between: {codes}.", codes=", ".join(ReceiptExtra)),
        )
    async with database.transaction() as session:
        hospital = await session.get(Hospital, 1)
        if hospital is None:
            raise Refused(m("The hospital is not set up yet."), advice=m("Run: cashier setup"))
        hospital.receipt_extras = " ".join(extra for extra in ReceiptExtra if extra in codes)
        await session.flush()
        await journal.record(session, ReceiptsChanged(extras=hospital.receipt_extras), journal.PROGRAM)
        return hospital.on_receipts


def coin_of(text: str, currency: str) -> int:
    """Return the value of the smallest coin in minor units. Raises ``Refused`` for what is none."""
    coin = parse_amount(text, currency)
    if coin.amount_minor <= 0:
        raise Refused(m("A coin has a value."), advice=m("Give it as an amount, such as 0.05."))
    return coin.amount_minor


async def add_staff(database: Database, member: NewStaff, pin: str) -> None:
    """Add somebody who may sign in. Raises ``Refused`` for a name that is taken or a weak PIN.

    Who adds them knows the PIN, so it has to be changed at the first sign-in.
    """
    pins.check_new(pin, sign_in_name=member.sign_in_name)
    made = await asyncio.to_thread(pins.drawn_for, pin)
    try:
        async with database.transaction() as session:
            await _add_staff(session, member, made, must_change_pin=True)
    except IntegrityError:
        raise Refused(
            m("Somebody signs in as “{name}” already.", name=member.sign_in_name),
            advice=m("Choose another name."),
        ) from None


async def _add_desk(session: AsyncSession, desk: NewDesk) -> None:
    if desk.code.startswith(MARK):
        raise Refused(
            m("No desk is called {desk}: so begin the numbers of training.", desk=desk.code),
            advice=m("Choose another code."),
        )
    row = Desk(code=desk.code, name=desk.name, is_active=True)
    await _add(session, row)
    await journal.record(session, DeskAdded(desk=row.id, code=desk.code), journal.PROGRAM)


async def _add_staff(session: AsyncSession, member: NewStaff, made: NewSecret, *, must_change_pin: bool) -> None:
    row = Staff(
        sign_in_name=member.sign_in_name.strip().casefold(),
        display_name=member.display_name,
        role=member.role,
        must_change_pin=must_change_pin,
        is_active=True,
    )
    await _add(session, row)
    secret = pins.secret_of(row.id, made)
    session.add(secret)
    added = StaffAdded(staff=row.id, role=member.role, pin=secret.mark)
    await journal.record(session, added, journal.PROGRAM)


async def _add(session: AsyncSession, row: Base) -> None:
    _check_lengths(row)
    session.add(row)
    await session.flush()


def _check_facts(facts: HospitalFacts) -> None:
    Money(0, facts.currency)  # refuses a currency that is none
    check_language(facts.language)
    check_language(facts.paper_language)
    check_zone(facts.time_zone)


def _check_lengths(row: Base) -> None:
    """Refuse a text that has no room in its column; SQLite would keep it, PostgreSQL would not."""
    for column in sa.inspect(type(row)).columns:
        value, length_max = getattr(row, column.key), getattr(column.type, "length", None)
        if isinstance(value, str) and length_max is not None and len(value) > length_max:
            raise Refused(
                m(
                    "The {field} has more than {most} characters.",
                    field=_FIELDS.get(column.key, verbatim(column.key)),
                    most=length_max,
                )
            )
