"""The demo speaks as whoever looks at it does."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from cashier.books.hospital import Hospital
from cashier.demo.data import fill
from cashier.demo.surroundings import environment_of_children, new_secrets
from cashier.language import use_language


async def test_the_sample_hospital_speaks_the_language_of_whoever_starts_the_demo(database):
    use_language("es")

    await fill(database, today=date(2026, 11, 23), pins={}, count=1)

    async with database.reading() as session:
        assert (await session.execute(sa.select(Hospital.language))).scalar_one() == "es"


def test_a_language_that_is_fixed_for_the_demo_is_fixed_for_its_processes():
    kept = environment_of_children({"CASHIER_LANGUAGE": "en_XA", "CASHIER_DATABASE_URL": "x"}, new_secrets())

    assert kept["CASHIER_LANGUAGE"] == "en_XA"
    assert "CASHIER_DATABASE_URL" not in kept
