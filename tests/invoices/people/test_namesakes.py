"""Namesakes are found by the one rule of spelling, however their names are written, and nobody else is."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from cashier.books.invoice import Patient
from cashier.database import Database
from cashier.invoices.intake import take_in
from cashier.invoices.service import Invoices
from cashier.invoices.spelling import is_same_name
from tests.invoices.arriving import an_invoice

pytestmark = pytest.mark.both_databases


async def namesakes(database: Database, record_number: str = "MRN-1") -> list[tuple[str, int]]:
    """Return the record numbers of the patient's namesakes, each with the number of invoices to pay."""
    async with database.reading() as session:
        statement = sa.select(Patient.id).where(Patient.record_number == record_number)
        patient_id = (await session.execute(statement)).scalar_one()
    found = await Invoices(database).namesakes_of(patient_id)
    return [(each.patient.record_number, each.invoices_owed) for each in found]


SAME = [
    ("Siobhan O'Hara", "SIOBHAN OHARA"),
    ("Siobhan O'Hara", "Ohara, Siobhán"),
    ("Siobhan O'Hara", "Siobhan O’Hara"),
    ("Maria De la Cruz", "Delacruz Maria"),
    ("Ana-Maria Núñez", "Ana Maria Nunez"),
    ("Jürgen Müller", "Juergen Mueller"),
    ("Jürgen Müller", "Jurgen Muller"),
    ("Abd al-Rahman", "Abd Alrahman"),
    ("王小明", "王 小明"),
    ("أحمد علي", "احمد علی"),
    ("Zoë Dąbek", "Zoe\u0308 Da\u0328bek"),
]
OTHERS = [
    ("Ana Núñez", "Ana Núñez García"),
    ("Ana Núñez García", "Ana Núñez"),
    ("Maria De la Cruz", "Maria Cruz"),
    ("Jurgen Muller", "Juergen Mueller"),
    ("Zoë Dąbek", "Zoë Dąbekowa"),
    ("王小明", "王明小"),
    ("!", "?"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
async def test_one_name_spelled_in_two_ways_is_one_name(database: Database, one: str, other: str):
    await take_in(
        database,
        [
            an_invoice("INV-1", record_number="MRN-1", patient_name=one),
            an_invoice("INV-2", record_number="MRN-2", patient_name=other),
        ],
    )

    assert is_same_name(one, other)
    assert await namesakes(database) == [("MRN-2", 1)]
    assert await namesakes(database, "MRN-2") == [("MRN-1", 1)]


@pytest.mark.parametrize(("one", "other"), OTHERS)
async def test_a_part_of_a_name_is_another_name(database: Database, one: str, other: str):
    await take_in(
        database,
        [
            an_invoice("INV-1", record_number="MRN-1", patient_name=one),
            an_invoice("INV-2", record_number="MRN-2", patient_name=other),
        ],
    )

    assert not is_same_name(one, other)
    assert await namesakes(database) == []


async def test_who_has_something_to_pay_is_told_first_and_told_with_the_birth(database: Database):
    await take_in(
        database,
        [
            an_invoice("INV-1", record_number="MRN-1"),
            an_invoice("INV-2", record_number="MRN-2", cancelled=True),
            an_invoice("INV-3", record_number="MRN-3", born=date(1990, 5, 5)),
            an_invoice("INV-4", record_number="MRN-3"),
        ],
    )

    assert await namesakes(database) == [("MRN-3", 2), ("MRN-2", 0)]
    (first, _) = await Invoices(database).namesakes_of(1)
    assert first.patient.born == date(1990, 5, 5)


async def test_a_namesake_is_found_among_many_who_carry_the_name_beside_others(database: Database):
    many = [
        an_invoice(f"INV-{index}", record_number=f"MRN-{index}", patient_name=f"Zoë Dąbek Abe{chr(97 + index % 26)}")
        for index in range(2, 300)
    ]
    await take_in(
        database,
        [
            an_invoice("INV-1", record_number="MRN-1"),
            *many,
            an_invoice("INV-300", record_number="MRN-300", patient_name="Dabek, Zoe"),
        ],
    )

    assert await namesakes(database) == [("MRN-300", 1)]


async def test_who_does_not_exist_has_no_namesakes(database: Database):
    assert await Invoices(database).namesakes_of(7) == ()
