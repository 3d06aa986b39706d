"""Sample data: an invented hospital with some thousand invoices. The same day always gives the same data.

Nobody is meant: names are mixed at random, telephone numbers come from ranges that are kept for fiction
(https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama), mail goes to example.org.
"""

from __future__ import annotations

import asyncio
import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zlib import crc32

import msgspec
import sqlalchemy as sa

from cashier.books import journal
from cashier.books.deeds.staff import StaffAdded
from cashier.books.hospital import Desk, Hospital
from cashier.books.staff import Role, Staff
from cashier.database import Database
from cashier.errors import Refused
from cashier.invoices.intake import take_in
from cashier.invoices.views import IncomingInvoice, IncomingLine
from cashier.language import current_language, m
from cashier.resources import RESOURCES
from cashier.staff.pins import drawn_for, secret_of

_SEED = 20_261
_BORN_FIRST = date(1932, 1, 1)
_BORN_WITHIN_DAYS = 34_000
_DAYS = 180
_DUE_AFTER_DAYS = 30
_RECENT_DAYS = 21
_CANCELLED_SHARE = 0.03
_INVOICES_PER_PATIENT = 1.7

_LINES_WEIGHTS = (30, 26, 17, 11, 7, 4, 3, 2)
"""How often an invoice has one line, two lines, and so on."""
_INSURER_PERCENTS = (0, 50, 80, 100)
# The insurers have settled most of the older invoices; of the recent ones, hardly any.
_RECENT_WEIGHTS = (46, 18, 30, 6)
_OLDER_WEIGHTS = (14, 6, 12, 68)


class _Service(msgspec.Struct, frozen=True):
    name: str
    price: tuple[int, int]
    tax_basis_points: int = 0


class _Department(msgspec.Struct, frozen=True):
    name: str
    services: tuple[_Service, ...]


class _ShownLine(msgspec.Struct, frozen=True):
    name: str
    price: int
    quantity: int = 1
    tax_basis_points: int = 0


class _Shown(msgspec.Struct, frozen=True):
    patient: str
    department: str
    lines: tuple[_ShownLine, ...]
    insurer_percent: int = 0


class _Member(msgspec.Struct, frozen=True):
    role: Role
    sign_in_name: str
    display_name: str


class _Sample(msgspec.Struct, frozen=True):
    """What ``resources/sample/hospital.toml`` says."""

    hospital: dict[str, str]
    desks: tuple[dict[str, str], ...]
    staff: tuple[_Member, ...]
    insurers: tuple[str, ...]
    departments: tuple[_Department, ...]
    shown_first: tuple[_Shown, ...]


class _Names(msgspec.Struct, frozen=True):
    """What ``resources/sample/people.toml`` says."""

    first_names: tuple[str, ...]
    surnames: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Person:
    record_number: str
    name: str
    born: date
    phone: str
    email: str


async def fill(database: Database, *, today: date, pins: Mapping[Role, str], count: int = 3000) -> int:
    """Set up the invented hospital in an empty database and take its invoices in; return how many.

    Desks D1 to D3, and a member of the staff for each role in ``pins``, who signs in by the role's name.
    Raises ``Refused`` when a hospital is set up already: sample data never mixes with real data.
    """
    sample = _read_sample()
    made = {role: await asyncio.to_thread(drawn_for, pin) for role, pin in pins.items()}
    async with database.transaction() as session:
        if (await session.execute(sa.select(Hospital.id))).scalar() is not None:
            raise Refused(
                m("This database belongs to a hospital already; it gets no sample data."),
                advice=m("Choose a new, empty database for the demo."),
            )
        # It speaks as whoever looks at it does.
        session.add(Hospital(id=1, language=current_language(), **sample.hospital))
        session.add_all(Desk(**desk, is_active=True) for desk in sample.desks)
        staff = [
            Staff(
                sign_in_name=member.sign_in_name,
                display_name=member.display_name,
                role=member.role,
                is_active=True,
            )
            for member in sample.staff
            if member.role in made
        ]
        session.add_all(staff)
        await session.flush()
        for each in staff:
            secret = secret_of(each.id, made[each.role])
            session.add(secret)
            added = StaffAdded(staff=each.id, role=each.role, pin=secret.mark)
            await journal.record(session, added, journal.PROGRAM)
    return await take_in(database, invoices(count=count, today=today))


def hospital_name() -> str:
    """Return the sample hospital's name, as Stripe's page shows who is paid."""
    return _read_sample().hospital["name"]


def invoices(*, count: int = 3000, today: date) -> Iterator[IncomingInvoice]:
    """Give ``count`` invoices of the last months, oldest first; the last few are the ones to show in a demo."""
    sample = _read_sample()
    chance = random.Random(_SEED)  # noqa: S311 - sample data, and meant to repeat
    shown = sample.shown_first[max(0, len(sample.shown_first) - count) :]
    ordinary = count - len(shown)
    people = _people(chance, max(1, round(ordinary / _INVOICES_PER_PATIENT)), shown)
    crowd = [people[name] for name in sorted(people) if name not in {each.patient for each in shown}]
    for index in range(ordinary):
        age_days = _DAYS - index * _DAYS // ordinary
        yield _invoice(
            chance,
            sample,
            index=index + 1,
            issued_on=today - timedelta(days=age_days),
            person=chance.choice(crowd),
            age_days=age_days,
        )
    for index, each in enumerate(shown, start=ordinary + 1):
        yield _shown_invoice(each, index, today, people[each.patient], sample.insurers[0])


def _read_sample() -> _Sample:
    text = (RESOURCES / "sample" / "hospital.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Sample)


def _people(chance: random.Random, count: int, shown: Sequence[_Shown]) -> dict[str, _Person]:
    """Invent people with different names: a name that comes up twice is one person."""
    text = (RESOURCES / "sample" / "people.toml").read_text(encoding="utf-8")
    names = msgspec.convert(tomllib.loads(text), _Names)
    drawn = [_called(chance.choice(names.first_names), chance.choice(names.surnames)) for _ in range(count)]
    drawn += [each.patient for each in shown]
    # Record numbers have gaps, as in life, and do not follow the alphabet.
    numbers = chance.sample(range(10_000, 10_000 + 9 * len(drawn)), len(drawn))
    return {
        name: _Person(
            record_number=f"MRN-{number:07d}",
            name=name,
            born=_BORN_FIRST + timedelta(days=random.Random(number).randrange(_BORN_WITHIN_DAYS)),  # noqa: S311
            phone=f"+44 7700 900{chance.randrange(1000):03d}" if chance.random() < 0.8 else "",
            email=f"patient.{number}@example.org" if chance.random() < 0.6 else "",
        )
        for name, number in zip(drawn, numbers, strict=True)
    }


def _called(first_name: str, surname: str) -> str:
    """Write a name as one of two systems does: half of the hospitals send the surname first, with a comma."""
    is_surname_first = crc32(f"{first_name} {surname}".encode()) % 2
    return f"{surname}, {first_name}" if is_surname_first else f"{first_name} {surname}"


def _invoice(
    chance: random.Random, sample: _Sample, *, index: int, issued_on: date, person: _Person, age_days: int
) -> IncomingInvoice:
    department = chance.choice(sample.departments)
    (wanted,) = chance.choices(range(1, len(_LINES_WEIGHTS) + 1), _LINES_WEIGHTS)
    lines = tuple(_line(chance, chance.choice(department.services)) for _ in range(wanted))
    weights = _RECENT_WEIGHTS if age_days <= _RECENT_DAYS else _OLDER_WEIGHTS
    (percent,) = chance.choices(_INSURER_PERCENTS, weights)
    return _put_together(
        index=index,
        issued_on=issued_on,
        person=person,
        department=department.name,
        lines=lines,
        insurer=chance.choice(sample.insurers),
        insurer_percent=percent,
        cancelled=chance.random() < _CANCELLED_SHARE,
    )


def _shown_invoice(shown: _Shown, index: int, today: date, person: _Person, insurer: str) -> IncomingInvoice:
    lines = tuple(
        _priced_line(line.name, line.quantity * 1000, line.price, line.tax_basis_points) for line in shown.lines
    )
    return _put_together(
        index=index,
        issued_on=today,
        person=person,
        department=shown.department,
        lines=lines,
        insurer=insurer,
        insurer_percent=shown.insurer_percent,
        cancelled=False,
    )


def _put_together(
    *,
    index: int,
    issued_on: date,
    person: _Person,
    department: str,
    lines: tuple[IncomingLine, ...],
    insurer: str,
    insurer_percent: int,
    cancelled: bool,
) -> IncomingInvoice:
    total_minor = sum(line.total_minor for line in lines)
    return IncomingInvoice(
        number=f"INV-{issued_on.year}-{index:06d}",
        record_number=person.record_number,
        patient_name=person.name,
        born=person.born,
        phone=person.phone,
        email=person.email,
        department=department,
        currency="EUR",
        issued_on=issued_on,
        due_on=issued_on + timedelta(days=_DUE_AFTER_DAYS),
        insurer=insurer if insurer_percent else "",
        insurer_share_minor=total_minor * insurer_percent // 100,
        cancelled=cancelled,
        lines=lines,
    )


def _line(chance: random.Random, service: _Service) -> IncomingLine:
    # Most prices end on a round figure; a few services are given by halves.
    unit_price_minor = chance.randint(*service.price) // 50 * 50
    (quantity_milli,) = chance.choices((1000, 2000, 3000, 1500), (80, 12, 5, 3))
    return _priced_line(service.name, quantity_milli, unit_price_minor, service.tax_basis_points)


def _priced_line(name: str, quantity_milli: int, unit_price_minor: int, tax_basis_points: int) -> IncomingLine:
    net_minor = (quantity_milli * unit_price_minor + 500) // 1000
    tax_minor = (net_minor * tax_basis_points + 5000) // 10_000
    return IncomingLine(
        description=name,
        quantity_milli=quantity_milli,
        unit_price_minor=unit_price_minor,
        tax_basis_points=tax_basis_points,
        tax_minor=tax_minor,
        total_minor=net_minor + tax_minor,
    )
